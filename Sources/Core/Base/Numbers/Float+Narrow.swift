/// Floats of 16 bits, widened by integer arithmetic. Every value is exact in binary32.
extension Float {
  /// The value of an IEEE 754 binary16: 5 bits of exponent, 10 of fraction.
  @inlinable
  package init(half bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1f
    let fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      self = sign == 0 ? magnitude : -magnitude
    case 31: self = Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The value of a bfloat16, the upper half of a binary32.
  @inlinable
  package init(bfloat16 bits: UInt16) { self = Float(bitPattern: UInt32(bits) << 16) }
}
