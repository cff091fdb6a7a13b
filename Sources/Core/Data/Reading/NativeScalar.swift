/// A stored number in this machine's byte order.
protocol NativeScalar: BitwiseCopyable {
  /// The nearest binary32; infinite where the number is too large for one.
  var asFloat: Float { get }
  /// The number as a label, nil unless it is an integer of 32 bits.
  var asLabel: Int32? { get }
  /// The number as an integer of 64 bits, nil unless it is one.
  var asInteger: Int64? { get }
  /// The nearest binary64, for messages.
  var asDouble: Double { get }
}

extension NativeScalar where Self: BinaryInteger {
  var asInteger: Int64? { Int64(exactly: self) }
  var asFloat: Float { Float(self) }
  var asLabel: Int32? { Int32(exactly: self) }
  var asDouble: Double { Double(self) }
}

extension NativeScalar where Self: BinaryFloatingPoint {
  var asInteger: Int64? { Int64(exactly: self) }
  var asFloat: Float { Float(self) }
  var asLabel: Int32? { Int32(exactly: self) }
  var asDouble: Double { Double(self) }
}

extension UInt8: NativeScalar {}
extension Int8: NativeScalar {}
extension UInt16: NativeScalar {}
extension Int16: NativeScalar {}
extension UInt32: NativeScalar {}
extension Int32: NativeScalar {}
extension UInt64: NativeScalar {}
extension Int64: NativeScalar {}
extension Float: NativeScalar {}
extension Double: NativeScalar {}

/// NumPy's truth value: a byte, true unless zero.
struct StoredBool: NativeScalar {
  let byte: UInt8
  var asFloat: Float { byte == 0 ? 0 : 1 }
  var asLabel: Int32? { byte == 0 ? 0 : 1 }
  var asInteger: Int64? { byte == 0 ? 0 : 1 }
  var asDouble: Double { Double(asFloat) }
}

/// IEEE 754 binary16: every value is exact in binary32.
struct StoredHalf: NativeScalar {
  let bits: UInt16

  var asFloat: Float { Float(half: bits) }
  var asLabel: Int32? { Int32(exactly: asFloat) }
  var asInteger: Int64? { Int64(exactly: asFloat) }
  var asDouble: Double { Double(asFloat) }
}
