import DTrainCore
import Glibc

/// Tells of a training run while it runs, and how it ended; on rank 0.
final class TrainingReport: MLPObserver {
  private enum Style { case bar, lines, none }

  private let console: Console
  private let style: Style
  private let line: ProgressLine
  private var start: MLPStart?
  /// The last epoch that was evaluated, for the bar.
  private var latest: MLPEpoch?
  private var secondsBefore = 0.0

  init(_ options: OutputOptions) {
    console = Console(options)
    let terminal = Terminal(stream: 2)
    line = ProgressLine(on: terminal)
    style =
      switch options.progress {
      case _ where options.quiet: .none
      case .auto: terminal == nil ? .lines : .bar
      case .bar: .bar
      case .lines: .lines
      case .none: .none
      }
  }

  /// Leaves the terminal clean when the run fails.
  func abandon() { line.clear() }

  /// Says how a run ended that did not finish now.
  func ended(_ end: RunEnd) {
    line.clear()
    console.say(end)
  }

  func advise(_ advice: any Advice) {
    line.clear()
    console.warn(advice)
  }

  func started(_ start: MLPStart) {
    self.start = start
    secondsBefore = start.secondsTrained
    for text in TrainingText.opening(start) { console.say(text) }
    console.detail(TrainingText.placement(start))
  }

  func stepped(_ progress: @autoclosure () -> MLPProgress) {
    guard style == .bar, line.isDue, let start else { return }
    let now = progress()
    let done = Double(now.epoch - 1) * Double(start.stepsPerEpoch) + Double(now.step)
    let all = Double(start.epochs) * Double(start.stepsPerEpoch)
    let trained = secondsBefore + now.seconds
    var parts = [
      "epoch \(now.epoch)/\(start.epochs)", "loss \(NumberFormat.significant(now.loss))",
    ]
    // Time left from all steps so far: one epoch's rate jumps.
    if done > 0, trained > 0 {
      parts.append("\(NumberFormat.estimate(trained / done * (all - done))) left")
    }
    if now.seconds > 0 {
      parts.append("\(NumberFormat.grouped(Int(Double(now.rows) / now.seconds))) samples/s")
    }
    if let latest, let score = TrainingText.watchedScore(latest) { parts.append(score) }
    parts.append("step \(now.step)/\(start.stepsPerEpoch)")
    line.draw(fraction: all > 0 ? done / all : 1, parts: parts)
  }

  func finishedEpoch(_ epoch: MLPEpoch) {
    secondsBefore = epoch.secondsTrain
    if epoch.training != nil || epoch.validation != nil || epoch.test != nil { latest = epoch }
    // Where few epochs are evaluated, the others have nothing to say that the next one does not.
    guard let start, epoch.training != nil || epoch.epoch == start.epochs else { return }
    switch style {
    case .lines: console.say(TrainingText.epoch(epoch, of: start.epochs))
    case .bar where console.isVerbose:
      clearBeforeResults()
      console.say(TrainingText.epoch(epoch, of: start.epochs))
    case .bar, .none: break
    }
  }

  func kept(_ epoch: MLPEpoch) {
    latest = epoch
    if style == .bar { clearBeforeResults() }
    console.say("the best model is that of epoch \(epoch.epoch): it is written")
  }

  func finished(_ summary: JSON, directory: String) {
    if style == .bar { clearBeforeResults() }
    guard let start else { return }
    for text in TrainingText.closing(summary, start, last: latest, directory: directory) {
      console.say(text)
    }
    if console.isVerbose {
      for text in TrainingText.timing(summary) { console.say(text) }
    }
  }

  /// Removes the bar, and lets that arrive first: a launcher forwards the two streams by two pipes.
  private func clearBeforeResults() {
    line.clear()
    if Launcher.isPresent { usleep(30_000) }
  }
}
