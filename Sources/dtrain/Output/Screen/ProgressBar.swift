import DTrainCore
import Glibc

/// One line below all others on a terminal that is drawn over and over, and in the end removed.
///
/// Lines that are said go above it. A terminal gets at most ten pieces of text a second, each of which erases the bar,
/// has the lines that came since, and draws the bar anew: a launcher has to forward every one.
final class ProgressBar {
  let plan: ProgressPlan.Bar
  private let isColored: Bool
  private var lastWritten = -1.0
  /// Lines that are yet to be written.
  private var waiting = ""
  /// The columns of the bar that is shown; 0 for none.
  private var shown = 0

  private static let interval = 0.1

  init(_ plan: ProgressPlan.Bar) {
    self.plan = plan
    isColored = Terminal.wantsColor && plan.terminal != nil
  }

  /// Columns of the terminal, as of now.
  var width: Int { plan.terminal?.width ?? 80 }

  /// Whether it is time to draw again.
  var isDue: Bool { MonotonicClock.seconds - lastWritten >= Self.interval }

  /// Draws the bar, below the lines that were said before.
  func draw(_ content: BarContent) {
    let width = width
    let erasing = erasing
    shown = content.pieces(width: width).reduce(0) { $0 + Terminal.columns(of: $1.text) }
    // The cursor goes back to the start, so that what anybody else prints begins a line of its own.
    write(erasing + waiting + content.line(width: width, isColored: isColored) + "\r")
  }

  /// Says a line that stays above the bar: at once, or a tenth of a second after what was written last.
  func say(_ line: String) {
    waiting += line + "\n"
    if isDue { clear() }
  }

  /// Removes the bar, and writes the lines that wait.
  func clear() {
    guard shown > 0 || !waiting.isEmpty else { return }
    let erasing = erasing
    shown = 0
    write(erasing + waiting)
  }

  /// What commands a terminal to erase a bar: all below it too, since one that has become narrower has wrapped it.
  static let erasure = "\r\u{1B}[J"

  /// Whether the bar is on a terminal that can erase it.
  var takesCommands: Bool { plan.terminal != nil && Terminal.takesCommands }

  private var erasing: String {
    guard shown > 0 else { return "" }
    return takesCommands
      ? Self.erasure : "\r" + String(repeating: " ", count: shown) + "\r"
  }

  private func write(_ text: String) {
    lastWritten = MonotonicClock.seconds
    waiting = ""
    fflush(nil)
    MPIRuntime.writeRaw(text, to: plan.stream)
  }
}
