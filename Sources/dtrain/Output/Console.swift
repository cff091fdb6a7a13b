import DTrainCore
import Glibc

/// What rank 0 says: results on standard output, warnings on standard error.
struct Console {
  let isQuiet: Bool
  let isVerbose: Bool
  private let colorsErrors: Bool

  init(_ options: OutputOptions) {
    isQuiet = options.quiet
    isVerbose = options.verbose
    colorsErrors = Terminal.wantsColor && Terminal(stream: 2) != nil
  }

  /// Where only warnings are said.
  static let warnings = Console(isQuiet: true)

  private init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isVerbose = false
    colorsErrors = Terminal.wantsColor && Terminal(stream: 2) != nil
  }

  /// A line of the result.
  func say(_ line: String) {
    guard !isQuiet else { return }
    StandardOutput.say(line)
    // A line an epoch should be seen when the epoch ends, also through a pipe.
    fflush(nil)
  }

  /// How a run ended: what was stopped says so where errors go.
  func say(_ end: RunEnd) {
    switch end {
    case .finished: break
    case .complete(let rest, let directory): say(EndText.sentence(rest, directory: directory))
    case .stopped(let stop): MPIRuntime.writeError("dtrain: \(EndText.sentence(stop))\n")
    }
  }

  /// A line that only `--verbose` shows.
  func detail(_ line: @autoclosure () -> String) {
    if isVerbose { say(line()) }
  }

  /// A warning, also where nothing else is said: that a checkpoint is damaged must not go unseen.
  func warn(_ advice: any Advice) {
    let word = colorsErrors ? "\u{1B}[33mwarning:\u{1B}[0m" : "warning:"
    let sentence = TerminalText.harmless(AdviceText.sentence(advice))
    MPIRuntime.writeRaw("dtrain: \(word) \(sentence)\n")
  }
}
