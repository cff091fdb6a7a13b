/// Numbers as people read them, without the C library's formats.
enum NumberFormat {
  /// With `digits` digits after the point, rounded to nearest.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 1e18 else { return "\(value)" }
    let integer = Int(scaled)
    let sign = value < 0 && integer > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(integer)" }
    let text = String(integer)
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
  }

  /// Behind blanks, so that it ends a column of a width.
  static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// With a comma before each three digits: `60,000`.
  static func grouped(_ value: Int) -> String {
    var text = ""
    for (place, digit) in String(value.magnitude).reversed().enumerated() {
      if place > 0, place % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + String(text.reversed())
  }

  /// About `digits` significant digits: `0.0412`, `1.53e-07`.
  static func significant(_ value: Double, _ digits: Int = 4) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : fixed(value, 0) }
    var exponent = 0
    var rest = value.magnitude
    while rest >= 10 {
      rest /= 10
      exponent += 1
    }
    while rest < 1 {
      rest *= 10
      exponent -= 1
    }
    // Rounding may have left, or may make, ten.
    if fixed(rest, digits - 1).hasPrefix("10") {
      rest /= 10
      exponent += 1
    }
    if (-4...5).contains(exponent) { return fixed(value, max(0, digits - 1 - exponent)) }
    return "\(value < 0 ? "-" : "")\(fixed(rest, digits - 1))e\(exponent)"
  }

  /// A time: `0.42 s`, `12.3 s`, `3:05`, `1:02:03`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    if seconds < 9.995 { return "\(fixed(seconds, 2)) s" }
    if seconds < 59.95 { return "\(fixed(seconds, 1)) s" }
    let whole = Int(seconds.rounded())
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if whole < 3600 { return "\(whole / 60):\(two(whole % 60))" }
    return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }

  /// A time that is only estimated: `7 s`, `3:05`.
  static func estimate(_ seconds: Double) -> String {
    seconds >= 0 && seconds < 59.5 ? "\(fixed(seconds, 0)) s" : duration(seconds)
  }

  /// A number of bytes: `636 KB`, `1.9 GB`, in powers of ten.
  static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["bytes", "KB", "MB", "GB"] {
      if value < 999.5 {
        return unit == "bytes" ? "\(count) bytes" : "\(significant(value, 3)) \(unit)"
      }
      value /= 1000
    }
    return "\(significant(value, 3)) TB"
  }
}
