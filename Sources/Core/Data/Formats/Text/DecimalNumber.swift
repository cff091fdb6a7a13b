import Glibc

/// Numbers as text, read to the nearest Double (ties to even), as `strtod` reads them.
///
/// Up to 19 digits are taken as an integer w, eight at a time, times 10^q. Where w and 10^|q| are exact in Double, one multiplication or
/// division rounds rightly (W. Clinger, 1990). Else w is multiplied by 128 bits of 5^q, which settles the rounding but for
/// rare cases (D. Lemire, "Number parsing at a gigabyte per second", 2021); those are `strtod`'s.
enum DecimalNumber {
  /// The number that all of `bytes` is: digits with a point, an exponent and a sign where wanted; or `inf`, `infinity`,
  /// `nan` in any case. Nil for anything else, so for hexadecimal numbers and white space too.
  ///
  /// - Complexity: O(bytes); one multiplication for most numbers.
  @inline(__always)
  static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, _ powers: DecimalPowers = .shared
  ) -> Double? {
    guard let base = bytes.baseAddress else { return nil }
    let end = base + bytes.count
    var place = base
    guard let value = leading(&place, end, powers) else { return word(bytes) }
    return place == end ? value : nil
  }

  /// The longest number of digits that begins at `place`, which is moved behind it; nil where there is none.
  ///
  /// - Complexity: O(bytes of the number), eight at a time.
  @inline(__always)
  static func leading(
    _ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ powers: DecimalPowers
  ) -> Double? {
    guard place < end else { return nil }
    let base = place
    // Signs are as good as random: no branch depends on them.
    let isNegative = place[0] == minus
    place += isNegative ? 1 : 0
    // Nothing may be left after a minus.
    if !isNegative, place[0] == plus { place += 1 }
    var digits: UInt64 = 0
    let first = place
    take(&digits, &place, end, powers)
    var count = place - first
    var exponent = 0
    if place < end, place[0] == point {
      place += 1
      let fraction = place
      take(&digits, &place, end, powers)
      exponent = fraction - place
      count += place - fraction
    }
    guard count > 0 else { return nil }
    if place < end, place[0] | 0x20 == letterE {
      place += 1
      guard let power = power(&place, end) else { return nil }
      exponent += power
    }
    // More digits do not fit, unless they begin with zeros.
    guard count <= mostDigits || count - zeros(first, place) <= mostDigits,
      let value = nearest(digits, exponent, powers)
    else { return slow(UnsafeBufferPointer(start: base, count: place - base)) }
    return Double(bitPattern: value.bitPattern | (isNegative ? 1 << 63 : 0))
  }

  /// Digits that always fit into 64 bits.
  private static let mostDigits = 19

  /// Appends the digits from `place` on to a number, which keeps its last 64 bits, and moves `place` behind them.
  @inline(__always)
  private static func take(
    _ number: inout UInt64, _ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>,
    _ powers: DecimalPowers
  ) {
    while end - place >= 8 {
      let word = UInt64(
        littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt64.self))
      // The highest bit of each byte up to the first that is no digit: those after it may be wrong.
      let others =
        ((word &+ 0x4646_4646_4646_4646) | (word &- 0x3030_3030_3030_3030))
        & 0x8080_8080_8080_8080
      guard others != 0 else {
        number = number &* 100_000_000 &+ eightDigits(word)
        place += 8
        continue
      }
      // Zeros go before the digits that are left.
      let count = others.trailingZeroBitCount >> 3
      let bits = UInt64(64 - 8 * count)
      number =
        number &* powers.wholeOfTen[count]
        &+ eightDigits(word << bits | 0x3030_3030_3030_3030 >> (64 - bits))
      place += count
      return
    }
    while place < end, place[0] &- 0x30 < 10 {
      number = number &* 10 &+ UInt64(place[0] &- 0x30)
      place += 1
    }
  }

  /// The number of eight digits, the first in the lowest byte: pairs, fours and eights are joined in turn.
  @inline(__always)
  private static func eightDigits(_ word: UInt64) -> UInt64 {
    let digits = word & 0x0f0f_0f0f_0f0f_0f0f
    let pairs = (digits &* 10 &+ digits >> 8) & 0x00ff_00ff_00ff_00ff
    let fours = (pairs &* 100 &+ pairs >> 16) & 0x0000_ffff_0000_ffff
    return (fours &* 10_000 &+ fours >> 32) & 0xffff_ffff
  }

  /// Zeros before the first other digit.
  @inline(never)
  private static func zeros(_ first: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
    var (place, count) = (first, 0)
    while place < end, place[0] == 0x30 || place[0] == point {
      count += place[0] == 0x30 ? 1 : 0
      place += 1
    }
    return count
  }

  private static let minus = UInt8(ascii: "-")
  private static let plus = UInt8(ascii: "+")
  private static let point = UInt8(ascii: ".")
  private static let letterE = UInt8(ascii: "e")

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
    while place < end, place[0] &- 0x30 < 10 {
      if power < 1_000_000 { power = power * 10 + Int(place[0] &- 0x30) }
      place += 1
    }
    guard place > first else { return nil }
    return isNegative ? -power : power
  }

  /// w·10^q rounded; nil where the product does not settle it.
  ///
  /// - Invariant: w < 2^49 and 10^|q|, |q| <= 22, are exact, so one operation rounds rightly.
  @inline(__always)
  private static func nearest(_ w: UInt64, _ q: Int, _ powers: DecimalPowers) -> Double? {
    if w == 0 { return 0 }
    // More digits are as likely above 2^53 as below: no branch guesses that.
    if w < 1 << 49, q >= -22, q <= 22 {
      return q < 0 ? Double(w) / powers.ofTen[-q] : Double(w) * powers.ofTen[q]
    }
    return rounded(w, q, powers)
  }

  /// By the product with 128 bits of 5^q.
  @inline(__always)
  private static func rounded(_ w: UInt64, _ q: Int, _ powers: DecimalPowers) -> Double? {
    guard PowersOfFive.exponents.contains(q) else { return nil }
    let shift = w.leadingZeroBitCount
    let factor = powers.ofFive[q - PowersOfFive.exponents.lowerBound]
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
