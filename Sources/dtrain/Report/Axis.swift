import Glibc

/// A scale from numbers to places, with ticks at round numbers.
struct Axis {
  /// What is shown.
  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  /// Round numbers in the range, in rising order.
  let ticks: [Double]
  /// What stands at the ticks.
  let labels: [String]

  /// An axis for some numbers; those that are not finite are left out, and without any it goes from 0 to 1.
  ///
  /// - Parameters:
  ///   - isLogarithmic: numbers that are not positive are left out then.
  ///   - startsAtZero: whether 0 is shown where all numbers are on one side of it.
  ///   - isCounted: whether there is nothing between the integers.
  ///   - count: about how many ticks there should be.
  /// - Complexity: O(values).
  init(
    _ values: some Sequence<Double>, isLogarithmic: Bool = false, startsAtZero: Bool = false,
    isCounted: Bool = false, ticks count: Int = 5
  ) {
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite && (!isLogarithmic || value > 0) {
      low = min(low, value)
      high = max(high, value)
    }
    if low > high { (low, high) = isLogarithmic ? (0.1, 1) : (0, 1) }
    self.isLogarithmic = isLogarithmic
    if isLogarithmic {
      let least = 1 / Self.limit
      (low, high) = (min(max(low, least), Self.limit), min(max(high, least), Self.limit))
      if high / low < 1 + Self.resolution { (low, high) = (low / 2, high * 2) }
      range = low...high
      ticks = Self.logarithmicTicks(range, count)
      labels = ticks.map(Self.logarithmicLabel)
      return
    }
    if startsAtZero { (low, high) = (min(low, 0), max(high, 0)) }
    (low, high) = (min(max(low, -Self.limit), Self.limit), max(min(high, Self.limit), -Self.limit))
    let largest = max(low.magnitude, high.magnitude)
    if high - low <= max(largest * Self.resolution, 1 / Self.limit) {
      let room = max(largest * 0.1, isCounted ? 0.5 : 1e-12)
      (low, high) = (low - room, high + room)
    }
    var step = Self.step((high - low) / Double(max(1, count)))
    if isCounted {
      step = max(1, step)
    } else {
      (low, high) = Self.widened(low, high, step)
    }
    range = low...high
    let (first, last) = ((low / step - 1e-9).rounded(.up), (high / step + 1e-9).rounded(.down))
    ticks =
      first <= last ? (0...Int(last - first)).map { (first + Double($0)) * step } : [low]
    labels = Self.labels(ticks, step: step)
  }

  /// Larger numbers, and smaller ones than its inverse, are at the ends.
  private static let limit = 1e300
  /// Numbers that differ by less than this part of them are one.
  private static let resolution = 1e-8

  /// Where a number is, from 0 to 1.
  func place(_ value: Double) -> Double {
    let value = min(max(value, range.lowerBound), range.upperBound)
    let (low, high) = (range.lowerBound, range.upperBound)
    return isLogarithmic
      ? (log(value) - log(low)) / (log(high) - log(low)) : (value - low) / (high - low)
  }

  /// Whether a number has a place here.
  func shows(_ value: Double) -> Bool { value.isFinite && (!isLogarithmic || value > 0) }

  /// 1, 2 or 5 times a power of ten, at least `raw`.
  private static func step(_ raw: Double) -> Double {
    let power = pow(10, floor(log10(raw)))
    for factor in [1.0, 2, 5] where factor * power >= raw * (1 - 1e-9) { return factor * power }
    return 10 * power
  }

  /// A range that ends at ticks where these are near.
  private static func widened(_ low: Double, _ high: Double, _ step: Double) -> (Double, Double) {
    let (down, up) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
    return (low - down < step * 0.6 ? down : low, up - high < step * 0.6 ? up : high)
  }

  /// Labels of ticks that are `step` apart: with the digits that tell them apart, or as multiples of one power of ten.
  static func labels(_ ticks: [Double], step: Double) -> [String] {
    let largest = ticks.map(\.magnitude).max() ?? 0
    guard largest >= 1e5 || (largest > 0 && largest < 1e-3) else {
      let digits = max(0, -Int(floor(log10(step) + 1e-9)))
      return ticks.map { NumberFormat.fixed($0, min(digits, 15)) }
    }
    let exponent = Int(floor(log10(largest) + 1e-12))
    let digits = max(0, exponent - Int(floor(log10(step) + 1e-9)))
    return ticks.map { tick in
      let rest = NumberFormat.fixed(tick / pow(10, Double(exponent)), min(digits, 15))
      return tick == 0 ? "0" : "\(rest)e\(exponent)"
    }
  }

  private static func logarithmicTicks(_ range: ClosedRange<Double>, _ count: Int) -> [Double] {
    let (low, high) = (log10(range.lowerBound), log10(range.upperBound))
    let decades = high - low
    let factors: [Double] = decades > Double(count) ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5]
    let every = max(1, Int((decades / Double(max(1, count))).rounded()))
    var ticks: [Double] = []
    for exponent in Int(floor(low))...Int(ceil(high)) where exponent % every == 0 {
      for factor in factors {
        let tick = factor * pow(10, Double(exponent))
        if range.contains(tick) { ticks.append(tick) }
      }
    }
    return ticks.isEmpty ? [range.lowerBound] : ticks
  }

  private static func logarithmicLabel(_ tick: Double) -> String {
    if tick >= 1e-3, tick < 1e5 {
      let text = NumberFormat.significant(tick, 6)
      guard text.contains(".") else { return text }
      let trimmed = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
      return String(trimmed.reversed())
    }
    let exponent = floor(log10(tick) + 1e-12)
    return "\(NumberFormat.significant(tick / pow(10, exponent), 1))e\(Int(exponent))"
  }
}
