import Glibc

/// Numbers as text, read to the nearest Double (ties to even), as `strtod` reads them.
///
/// Up to 19 digits are taken as an integer w, times 10^q. Where w and 10^|q| are exact in Double, one multiplication or
/// division rounds rightly (W. Clinger, 1990). Else w is multiplied by 128 bits of 5^q, which settles the rounding but for
/// rare cases (D. Lemire, "Number parsing at a gigabyte per second", 2021); those are `strtod`'s.
enum DecimalNumber {
  /// The number that all of `bytes` is: digits with a point, an exponent and a sign where wanted; or `inf`, `infinity`,
  /// `nan` in any case. Nil for anything else, so for hexadecimal numbers and white space too.
  ///
  /// - Complexity: O(bytes); one multiplication for most numbers.
  @inline(__always)
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let base = bytes.baseAddress else { return nil }
    let end = base + bytes.count
    var place = base
    guard let value = leading(&place, end) else { return word(bytes) }
    return place == end ? value : nil
  }

  /// The longest number of digits that begins at `place`, which is moved behind it; nil where there is none.
  ///
  /// - Complexity: O(bytes of the number).
  @inline(__always)
  static func leading(
    _ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> Double? {
    guard place < end else { return nil }
    let base = place
    let isNegative = place[0] == minus
    if isNegative || place[0] == plus { place += 1 }
    var digits: UInt64 = 0
    let first = place
    while place < end, let digit = digit(place[0]) {
      digits = digits &* 10 &+ UInt64(digit)
      place += 1
    }
    var count = place - first
    var exponent = 0
    if place < end, place[0] == point {
      place += 1
      let fraction = place
      while place < end, let digit = digit(place[0]) {
        digits = digits &* 10 &+ UInt64(digit)
        place += 1
      }
      exponent = fraction - place
      count += place - fraction
    }
    guard count > 0 else { return nil }
    if place < end, place[0] | 0x20 == letterE {
      place += 1
      guard let power = power(&place, end) else { return nil }
      exponent += power
    }
    // More digits do not fit; leading zeros count too, which is rare.
    guard count <= 19, let value = nearest(digits, exponent) else {
      return slow(UnsafeBufferPointer(start: base, count: place - base))
    }
    return isNegative ? -value : value
  }

  private static let (minus, plus, point) = (
    UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ".")
  )
  private static let letterE = UInt8(ascii: "e")

  @inline(__always)
  private static func digit(_ byte: UInt8) -> UInt8? {
    let value = byte &- 0x30
    return value < 10 ? value : nil
  }

  /// An exponent with its sign, cut where it is beyond all numbers.
  @inline(__always)
  private static func power(_ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>)
    -> Int?
  {
    guard place < end else { return nil }
    let isNegative = place[0] == minus
    if isNegative || place[0] == plus { place += 1 }
    let first = place
    var power = 0
    while place < end, let digit = digit(place[0]) {
      if power < 1_000_000 { power = power * 10 + Int(digit) }
      place += 1
    }
    guard place > first else { return nil }
    return isNegative ? -power : power
  }

  /// w·10^q rounded; nil where the product does not settle it.
  @inline(__always)
  private static func nearest(_ w: UInt64, _ q: Int) -> Double? {
    if w == 0 { return 0 }
    if w <= 1 << 53, q >= -22, q <= 22 {
      return q < 0 ? Double(w) / PowersOfTen.exact[-q] : Double(w) * PowersOfTen.exact[q]
    }
    return rounded(w, q)
  }

  /// By the product with 128 bits of 5^q.
  private static func rounded(_ w: UInt64, _ q: Int) -> Double? {
    guard PowersOfFive.exponents.contains(q) else { return nil }
    let shift = w.leadingZeroBitCount
    let factor = PowersOfFive.table[q - PowersOfFive.exponents.lowerBound]
    let normal = w << UInt64(shift)
    var product = normal.multipliedFullWidth(by: factor.high)
    // The bits below those that a Double has and that decide its rounding.
    if product.high & 0x1ff == 0x1ff {
      let second = normal.multipliedFullWidth(by: factor.low)
      let (sum, carry) = product.low.addingReportingOverflow(second.high)
      product = (product.high &+ (carry ? 1 : 0), sum)
      // What is left out of 5^q could still change them.
      if product.high & 0x1ff == 0x1ff, product.low == .max { return nil }
    }
    let upper = Int(product.high >> 63)
    var mantissa = product.high >> UInt64(upper + 9)
    // 217706 / 2^16 is log2(10), good enough for all q here.
    let exponent = ((217_706 * q) >> 16) + 64 - shift + upper + 1022
    // Subnormal numbers and what is beyond all others.
    guard exponent > 0 else { return nil }
    // A product that lies in the middle, to the bit: even mantissas keep it, for small powers alone.
    if product.low <= 1, (-4...23).contains(q), mantissa & 3 == 1,
      mantissa << UInt64(upper + 9) == product.high
    {
      mantissa &= ~1
    }
    mantissa = (mantissa + (mantissa & 1)) >> 1
    var power = exponent
    if mantissa >= 1 << 53 {
      mantissa = 1 << 52
      power += 1
    }
    guard power < 0x7ff else { return nil }
    return Double(bitPattern: UInt64(power) << 52 | (mantissa & ((1 << 52) - 1)))
  }

  /// By `strtod`, for what has passed the grammar.
  @inline(never)
  private static func slow(_ bytes: UnsafeBufferPointer<UInt8>) -> Double {
    var text = bytes.map { CChar(bitPattern: $0) }
    text.append(0)
    return text.withUnsafeBufferPointer { strtod($0.baseAddress!, nil) }
  }

  @inline(never)
  private static func word(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    guard bytes.count <= 9 else { return nil }
    var text = String(decoding: bytes, as: UTF8.self).lowercased()[...]
    let isNegative = text.first == "-"
    if isNegative || text.first == "+" { text.removeFirst() }
    let value: Double? =
      switch text {
      case "inf", "infinity": .infinity
      case "nan": .nan
      default: nil
      }
    return value.map { isNegative ? -$0 : $0 }
  }
}
