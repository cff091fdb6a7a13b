import DTrainCore

/// What an option of a sweep can be: values one by one, or all numbers between two.
///
/// Values are separated by commas; those that may have commas themselves by semicolons. A value can be a range,
/// `FIRST:LAST:log:COUNT` or `FIRST:LAST:linear:COUNT`, with both ends; without the count it is all numbers between
/// them, to draw from.
enum SweptValues {
  case listed([String])
  case between(NumberRange)

  /// The only value; nil where there are several.
  var single: String? {
    guard case .listed(let list) = self, list.count == 1 else { return nil }
    return list[0]
  }

  /// Numbers between two, equally far apart or, on a logarithmic scale, in equal ratios.
  struct NumberRange {
    let first: Double, last: Double
    let isLogarithmic: Bool

    /// The number at a part of the way.
    func number(at part: Double) -> Double {
      guard isLogarithmic else { return first + part * (last - first) }
      let (low, high) = (PortableMath.log(first), PortableMath.log(last))
      return PortableMath.exp(low + part * (high - low))
    }
  }

  /// Reads the text of an option.
  ///
  /// - Parameters:
  ///   - flag: the option, for messages.
  ///   - hasCommas: whether a value may have commas.
  ///   - accepts: whether a text is a value of the option.
  init(
    _ text: String, flag: String, hasCommas: Bool, accepts: (String) -> Bool
  ) throws(TrainerError) {
    let separator: Character = text.contains(";") || hasCommas ? ";" : ","
    let items = text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    if items.count == 1, let (range, count) = try Self.range(text, flag), count == nil {
      self = .between(range)
      return
    }
    var values: [String] = []
    for item in items {
      try require(
        !item.isEmpty || items.count == 1, .usage,
        "\(flag) \(text): a value between separators is empty; remove a separator")
      guard let (range, count) = try Self.range(item, flag) else {
        values.append(item)
        continue
      }
      guard let count else {
        throw TrainerError(
          .usage, "\(flag) \(item): a range in a list needs a count, such as \(item):5")
      }
      let ends = item.split(separator: ":").map(String.init)
      values += (0..<count).map { index in
        if index == 0 { return ends[0] }
        if index == count - 1 { return ends[1] }
        return Self.text(range.number(at: Double(index) / Double(count - 1)), accepts)
      }
    }
    var seen: Set<String> = []
    self = .listed(values.filter { seen.insert($0).inserted })
  }

  /// A number as an option takes it: to six digits, or whole where only that is a value.
  static func text(_ number: Double, _ accepts: (String) -> Bool) -> String {
    let text = "\(rounded(number))"
    return accepts(text) ? text : "\(Int(number.rounded()))"
  }

  /// The number with six significant digits, so that it can be typed again.
  private static func rounded(_ number: Double) -> Double {
    guard number != 0, number.isFinite else { return number }
    var (scale, magnitude) = (1.0, number.magnitude)
    while magnitude < 1e5 { (scale, magnitude) = (scale * 10, number.magnitude * scale * 10) }
    return magnitude >= 1e6 ? number.rounded() : (number * scale).rounded() / scale
  }

  /// Reads `FIRST:LAST:SCALE[:COUNT]`; nil for a text that is no range.
  private static func range(
    _ text: String, _ flag: String
  ) throws(TrainerError) -> (NumberRange, count: Int?)? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard (3...4).contains(parts.count), ["log", "linear"].contains(parts[2]) else { return nil }
    let isLogarithmic = parts[2] == "log"
    guard let first = Double(parts[0]), let last = Double(parts[1]), first.isFinite, last.isFinite,
      first != last
    else {
      throw TrainerError(
        .usage,
        "\(flag) \(text): a range is FIRST:LAST:\(parts[2]):COUNT with two different numbers, such as "
          + "1e-4:1e-1:\(parts[2]):4")
    }
    try require(
      !isLogarithmic || (first > 0 && last > 0), .usage,
      "\(flag) \(text): a logarithmic range has positive ends; give positive numbers, or linear")
    let range = NumberRange(first: first, last: last, isLogarithmic: isLogarithmic)
    guard parts.count == 4 else { return (range, nil) }
    guard let count = Int(parts[3]), (2...SweepOptions.mostPoints).contains(count) else {
      throw TrainerError(
        .usage,
        "\(flag) \(text): the count '\(parts[3])' must be from 2 to \(SweepOptions.mostPoints)")
    }
    return (range, count)
  }
}
