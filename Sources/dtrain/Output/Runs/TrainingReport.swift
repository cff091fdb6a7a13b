import DTrainCore

/// Tells of a training run while it runs, and how it ended; on rank 0.
final class TrainingReport: MLPObserver, RunReport {
  private let console: Console
  private var start: MLPStart?
  /// Seconds since the command began when the training did.
  private var began = 0.0
  /// The same when the first step of this process was done, which takes longer than others, and the steps by then.
  private var first: (seconds: Double, steps: Int)?
  /// The last epoch that was evaluated, for the bar.
  private var latest: MLPEpoch?
  /// What the bar says of the last step.
  private var shown: BarContent?

  init(_ options: OutputOptions) {
    console = Console(options)
    console.watch { [unowned self] _ in besideSteps() }
  }

  /// Leaves the terminal clean when the run fails.
  func abandon() { console.end() }

  /// Says how a run ended that did not finish now.
  func ended(_ end: RunEnd) {
    console.say(end)
    console.end()
  }

  func advise(_ advice: any Advice) { console.warn(advice) }

  func started(_ start: MLPStart) {
    self.start = start
    began = console.elapsed
    for text in TrainingText.opening(start, width: console.width) { console.say(text) }
    guard console.isVerbose else { return }
    console.say(TrainingText.placement(start))
    let directory = FittedLines.titled("run directory:", start.directory, width: console.width)
    for text in directory { console.say(text) }
  }

  /// Seconds of all processes that worked on the run.
  private var elapsed: Double { (start?.secondsTotal ?? 0) + console.elapsed - began }

  func stepped(_ progress: @autoclosure () -> MLPProgress) {
    guard first == nil || console.isDue, let start else { return }
    let now = progress()
    let done = (now.epoch - 1) * start.stepsPerEpoch + now.step
    let all = start.epochs * start.stepsPerEpoch
    let first = first ?? (console.elapsed, done)
    self.first = first
    guard console.isDue else { return }
    var content = BarContent(
      label: "epoch \(now.epoch)/\(start.epochs)", fraction: Double(done) / Double(all),
      elapsed: elapsed)
    // Time left from all steps of this process: one epoch's rate jumps.
    if done > first.steps {
      content.left =
        (console.elapsed - first.seconds) / Double(done - first.steps) * Double(all - done)
    }
    if let loss = now.loss ?? latest?.loss {
      content.figures = ["loss \(NumberFormat.significant(loss))"]
    }
    if let latest { content.figures += TrainingText.watchedScores(latest) }
    if now.seconds > 0 {
      content.figures.append(TrainingText.rate(Double(now.rows) / now.seconds))
    }
    content.figures.append("step \(now.step)/\(start.stepsPerEpoch)")
    shown = content
    console.draw(content)
  }

  /// What the bar says while the run does something else than steps; nil where that is not between steps.
  private func besideSteps() -> BarContent? {
    guard var content = shown else { return nil }
    if Activity.current != "training" { content.label += " \(Activity.current)" }
    content.elapsed = elapsed
    return content
  }

  func finishedEpoch(_ epoch: MLPEpoch) {
    if epoch.training != nil || epoch.validation != nil || epoch.test != nil { latest = epoch }
    // Where few epochs are evaluated, the others have nothing to say that the next one does not.
    guard console.hasLines, let start, epoch.training != nil || epoch.epoch == start.epochs else {
      return
    }
    console.say(
      TrainingText.epoch(epoch, of: start.epochs, elapsed: elapsed, width: console.width))
  }

  func kept(_ epoch: MLPEpoch) {
    latest = epoch
    console.say("the best model is that of epoch \(epoch.epoch): it is written")
  }

  func finished(_ summary: JSON, directory: String) {
    let lines = TrainingText.closing(
      summary, last: latest, directory: directory, format: start?.dataFormat, width: console.width)
    for text in lines { console.say(text) }
    if console.isVerbose {
      for text in TrainingText.details(summary) { console.say(text) }
    }
  }
}
