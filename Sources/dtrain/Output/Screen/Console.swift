import DTrainCore
import Glibc

/// What rank 0 says: results on standard output, warnings on standard error, and a bar where a person watches.
final class Console {
  let isQuiet: Bool
  let isVerbose: Bool
  /// Whether each epoch or iteration gets a line.
  let hasLines: Bool
  private let bar: ProgressBar?
  private let output: Terminal?, errors: Terminal?
  private let colorsErrors: Bool
  private let began = MonotonicClock.seconds
  private var clock = ActivityClock()

  init(_ style: ProgressStyle = .auto, isQuiet: Bool, isVerbose: Bool = false) {
    self.isQuiet = isQuiet
    self.isVerbose = isVerbose
    let plan = ProgressPlan(style, isQuiet: isQuiet)
    hasLines = plan.hasLines
    bar = plan.bar.map { ProgressBar($0) }
    if let bar, bar.takesCommands { StopRequest.eraseLine(of: bar.plan.stream) }
    output = Terminal(stream: 1)
    errors = Terminal(stream: 2)
    colorsErrors = Terminal.wantsColor && errors != nil
    if plan.lacksBar {
      MPIRuntime.writeRaw(
        "dtrain: warning: --progress bar: srun passes on whole lines alone, so there is no bar; give srun --pty\n"
      )
    }
  }

  convenience init(_ options: OutputOptions) {
    self.init(options.progress, isQuiet: options.quiet, isVerbose: options.verbose)
  }

  /// The console of a command that only reads and writes: with a bar on rank 0 where that takes long.
  convenience init(isQuiet: Bool, of world: Communicator) {
    let plan = ProgressPlan(.auto, isQuiet: isQuiet)
    plan.expectBar()
    self.init(.auto, isQuiet: isQuiet)
    if world.isRoot { watch() }
  }

  /// Where only warnings are said.
  static var warnings: Console { Console(.none, isQuiet: true) }

  /// Columns of the terminal that shows standard output, as of now; nil where it ends elsewhere.
  var width: Int? { output?.width }
  /// Whether somebody sees a bar, and it is time to draw it again. After a request to stop there is none: mpirun kills a
  /// rank that is not soon ready, and the bar would stay.
  var isDue: Bool { bar?.isDue == true && StopRequest.signal == nil }
  /// Seconds since the command began.
  var elapsed: Double { MonotonicClock.seconds - began }

  /// A line of the result.
  func say(_ line: String) {
    guard !isQuiet else { return }
    if let bar {
      if bar.plan.takesOutput { return bar.say(TerminalText.harmless(line)) }
      if bar.plan.terminal == nil { bar.clear() }
    }
    StandardOutput.say(line)
    // A line an epoch should be seen when the epoch ends, also through a pipe.
    fflush(nil)
  }

  /// How a run ended: what was stopped says so where errors go.
  func say(_ end: RunEnd) {
    switch end {
    case .finished, .paused: break
    case .complete(let rest, let directory): say(EndText.sentence(rest, directory: directory))
    case .stopped(let stop):
      self.end()
      let lines = EndText.lines(stop, width: errors?.width)
      MPIRuntime.writeError("\(lines.joined(separator: "\n"))\n")
    }
  }

  /// A warning, also where nothing else is said: that a checkpoint is damaged must not go unseen.
  func warn(_ advice: any Advice) { warn(advice, of: nil) }

  /// The same about one run of several, which is named.
  func warn(_ advice: any Advice, of subject: String?) {
    let word = colorsErrors ? "\u{1B}[33mwarning:\u{1B}[0m" : "warning:"
    let sentence = "\(subject.map { "\($0): " } ?? "")\(AdviceText.sentence(advice))"
    let line = "dtrain: \(word) \(TerminalText.harmless(sentence))"
    if let bar, bar.plan.takesErrors {
      bar.say(line)
      bar.clear()
    } else {
      MPIRuntime.writeRaw("\(line)\n")
    }
  }

  /// Draws the bar, where there is one.
  func draw(_ content: BarContent) { bar?.draw(content) }

  /// Shows how far activities are, until ``end()``.
  ///
  /// - Parameter content: what the bar says of an activity; nil for its name and how much of it is done.
  func watch(_ content: @escaping (Activity.Headway) -> BarContent? = { _ in nil }) {
    guard bar != nil else { return }
    Activity.watcher = { [unowned self] headway in
      guard isDue else { return }
      let headway = headway()
      if let content = content(headway) ?? clock.content(headway, elapsed: elapsed) {
        draw(content)
      }
    }
  }

  /// Removes the bar for good, and writes what was said.
  func end() {
    Activity.watcher = nil
    StopRequest.eraseLine(of: 0)
    bar?.clear()
  }
}
