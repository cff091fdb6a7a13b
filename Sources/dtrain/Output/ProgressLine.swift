import DTrainCore

/// One line on a terminal that is drawn over and over, and in the end removed.
final class ProgressLine {
  private let terminal: Terminal?
  private var lastDrawn = -1.0
  private var isShown = false

  /// Redraws at most ten times a second: each is a write that mpirun has to forward.
  private static let interval = 0.1

  /// A line on `terminal`; nil where its width is unknown because progress was asked for by option.
  init(on terminal: Terminal?) { self.terminal = terminal }

  /// Whether it is time to draw again.
  var isDue: Bool { MonotonicClock.seconds - lastDrawn >= Self.interval }

  /// Draws the line: as many of the parts, the most important first, as fit beside a bar that shows
  /// `fraction`, in 0...1.
  func draw(fraction: Double, parts: [String]) {
    lastDrawn = MonotonicClock.seconds
    isShown = true
    // The cursor goes back to the start, so that what anybody else prints begins a line of its own.
    MPIRuntime.writeRaw(
      "\r\(Self.compose(fraction: fraction, parts: parts, width: terminal?.width ?? 80))\u{1B}[K\r")
  }

  /// Removes the line.
  func clear() {
    guard isShown else { return }
    isShown = false
    MPIRuntime.writeRaw("\r\u{1B}[K")
  }

  /// The text for a terminal of `width` columns; never longer than one column less.
  static func compose(fraction: Double, parts: [String], width: Int) -> String {
    let room = max(1, width - 1)
    // On narrow terminals figures are worth more than the bar.
    let roomForText = room >= 60 ? room - 13 : room
    var text = ""
    for part in parts {
      let longer = text.isEmpty ? part : text + "  " + part
      if longer.count > roomForText { break }
      text = longer
    }
    if text.isEmpty, let first = parts.first { return String(first.prefix(room)) }
    let barWidth = min(24, room - text.count - 3)
    guard barWidth >= 6 else { return text }
    let filled = max(0, min(barWidth, Int((fraction * Double(barWidth)).rounded(.down))))
    let bar =
      String(repeating: "=", count: filled) + String(repeating: " ", count: barWidth - filled)
    return "[\(bar)] \(text)"
  }
}
