/// Sums of columns of Doubles without any rounding, as ``ExactSum`` is one: the same for every order and division among
/// ranks.
///
/// A number's bits are added to 128-bit windows, one at every 64th place, so that an addition is a shift and one sum of
/// 128 bits. Windows carry after 1024 numbers, and could hold as many more.
final class ColumnSums {
  let columns: Int
  /// `[columns, windowCount]`; window i counts units of 2^(64i + lowest - 1074).
  private let windows: AlignedArray<Int128>
  private let windowCount: Int
  private let lowest: Int
  private var count = 0

  /// Sums of nothing.
  ///
  /// - Parameter exponents: of all numbers that are to be added, other than 0; any that Doubles have by default.
  init(columns: Int, exponents: ClosedRange<Int> = -1074...1023) {
    self.columns = columns
    // A number is an integer of 53 bits times a power of two.
    lowest = max(0, exponents.lowerBound + 1022) / 64 * 64
    windowCount = (exponents.upperBound + 1022 - lowest) / 64 + 2
    windows = AlignedArray(count: columns * windowCount)
  }

  /// Makes room for some numbers more in each column, at most 1024.
  @inline(__always)
  func reserve(_ numbers: Int) {
    count &+= numbers
    if count > 1024 { carry() }
  }

  /// Adds a finite number to a column that has room for it.
  @inline(__always)
  func add(_ x: Double, to column: Int) {
    let bits = x.bitPattern
    let exponent = Int(truncatingIfNeeded: bits >> 52 & 0x7ff)
    let significand = bits & 0xf_ffff_ffff_ffff | (exponent == 0 ? 0 : 1 << 52)
    let place = max(exponent, lowest &+ 1) &- 1 &- lowest
    let sign = Int64(bitPattern: bits) >> 63
    let integer = (Int64(bitPattern: significand) ^ sign) &- sign
    let shift = Int64(truncatingIfNeeded: place & 63)
    let low = UInt64(bitPattern: integer &<< shift)
    let high = (integer &>> 1) &>> (63 &- shift)
    let window = windows.base + (column &* windowCount &+ place &>> 6)
    window.pointee &+= Int128(high) &<< 64 &+ Int128(low)
  }

  /// Leaves each window but a column's last 64 bits, and that one the sign.
  private func carry() {
    count = 0
    for column in 0..<columns {
      let column = windows.base + column * windowCount
      for window in 0..<windowCount - 1 {
        let over = column[window] >> 64
        column[window] &-= over << 64
        column[window + 1] &+= over
      }
    }
  }

  /// The sums over all ranks, each rounded to the nearest Double; collective.
  func values(among world: Communicator) throws(MPIError) -> [Double] {
    carry()
    let length = 2 * windowCount + 1
    var limbs = [Int64](repeating: 0, count: columns * length)
    for column in 0..<columns {
      for window in 0..<windowCount {
        let value = windows.base[column * windowCount + window]
        let limb = column * length + 2 * window
        limbs[limb] = Int64(value & 0xffff_ffff)
        limbs[limb + 1] = Int64(value >> 32 & 0xffff_ffff)
        // Only the last window has more bits.
        limbs[limb + 2] = Int64(value >> 64)
      }
    }
    try world.allReduce(&limbs, .sum)
    return (0..<columns).map {
      ExactSum(limbs: limbs[$0 * length..<($0 + 1) * length], from: lowest / 32).value
    }
  }
}
