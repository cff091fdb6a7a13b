import DTrainCore

/// How long the current activity has been going on, and so how long it will.
struct ActivityClock {
  private var name = ""
  private var began = 0.0
  private var done = 0

  /// Seconds until people want to know what takes so long.
  private static let patience = 0.3

  /// What a bar says of the current activity; nil while it is too young.
  ///
  /// - Parameter elapsed: seconds since the command began.
  mutating func content(_ headway: Activity.Headway, elapsed: Double) -> BarContent? {
    if Activity.current != name || headway.done < done {
      (name, began) = (Activity.current, elapsed)
    }
    done = headway.done
    guard elapsed >= Self.patience, !name.isEmpty else { return nil }
    var content = BarContent(
      label: TerminalText.harmless(name), elapsed: elapsed,
      figures: [])
    guard headway.total > 0 else { return content }
    let fraction = Double(headway.done) / Double(headway.total)
    content.fraction = fraction
    let seconds = elapsed - began
    if fraction > 0, seconds > 0 {
      content.left = seconds / fraction * (1 - fraction)
      content.figures = [Self.rate(headway, seconds: seconds)].compactMap { $0 }
    }
    return content
  }

  /// How many things are done a second.
  private static func rate(_ headway: Activity.Headway, seconds: Double) -> String? {
    let rate = Double(headway.done) / seconds
    switch headway.noun {
    case "": return nil
    case "byte": return "\(NumberFormat.bytes(Int(rate)))/s"
    case let noun where rate >= 10: return "\(NumberFormat.grouped(Int(rate))) \(noun)s/s"
    case let noun: return "\(NumberFormat.fixed(rate, 1)) \(noun)s/s"
    }
  }
}
