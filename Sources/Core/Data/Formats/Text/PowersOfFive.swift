/// The first 128 bits of 5^q, the highest set: of 5^q itself for q >= 0, cut; for q < 0 of 1 / 5^-q, rounded up.
enum PowersOfFive {
  static let exponents = -342...308

  /// One entry an exponent, from the lowest, computed exactly; takes 0.1 ms.
  static func table() -> [(high: UInt64, low: UInt64)] {
    exponents.map { q in q >= 0 ? leading(power(q)) : reciprocal(power(-q)) }
  }

  /// 5^n in limbs of 32 bits, the lowest first.
  private static func power(_ n: Int) -> [UInt32] {
    var limbs: [UInt32] = [1]
    for _ in 0..<n {
      var carry: UInt64 = 0
      for index in limbs.indices {
        carry += UInt64(limbs[index]) * 5
        limbs[index] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      if carry > 0 { limbs.append(UInt32(carry)) }
    }
    return limbs
  }

  private static func bits(_ limbs: [UInt32]) -> Int {
    limbs.count * 32 - limbs.last!.leadingZeroBitCount
  }

  private static func bit(_ place: Int, of limbs: [UInt32]) -> UInt64 {
    place < 0 ? 0 : UInt64(limbs[place / 32] >> UInt32(place % 32) & 1)
  }

  private static func leading(_ limbs: [UInt32]) -> (high: UInt64, low: UInt64) {
    let top = bits(limbs) - 1
    var (high, low): (UInt64, UInt64) = (0, 0)
    for offset in 0..<64 {
      high = high << 1 | bit(top - offset, of: limbs)
      low = low << 1 | bit(top - 64 - offset, of: limbs)
    }
    return (high, low)
  }

  /// 2^(b + 127) / 5^n for the b bits of 5^n, plus one where it leaves a rest, as it always does.
  private static func reciprocal(_ limbs: [UInt32]) -> (high: UInt64, low: UInt64) {
    // Long division of a power of two, bit by bit: 128 quotient bits.
    var rest = [UInt32](repeating: 0, count: limbs.count + 1)
    let divisor = limbs + [0]
    let count = bits(limbs)
    rest[(count - 1) / 32] = 1 << UInt32((count - 1) % 32)
    var (high, low): (UInt64, UInt64) = (0, 0)
    for _ in 0..<128 {
      var carry: UInt32 = 0
      for index in rest.indices {
        let next = rest[index] >> 31
        rest[index] = rest[index] << 1 | carry
        carry = next
      }
      let isAtLeast = isNotBelow(rest, divisor)
      if isAtLeast { subtract(divisor, from: &rest) }
      high = high << 1 | low >> 63
      low = low << 1 | (isAtLeast ? 1 : 0)
    }
    let (sum, carry) = low.addingReportingOverflow(1)
    return (high + (carry ? 1 : 0), sum)
  }

  private static func isNotBelow(_ a: [UInt32], _ b: [UInt32]) -> Bool {
    for index in a.indices.reversed() where a[index] != b[index] { return a[index] > b[index] }
    return true
  }

  private static func subtract(_ b: [UInt32], from a: inout [UInt32]) {
    var borrow: Int64 = 0
    for index in a.indices {
      let difference = Int64(a[index]) - Int64(b[index]) + borrow
      a[index] = UInt32(truncatingIfNeeded: difference)
      borrow = difference >> 32
    }
  }
}
