import DTrainCore

/// Tells of a clustering run while it runs, and how it ended; on rank 0.
final class ClusterReport: ClusterObserver, RunReport {
  private let console: Console
  private var start: ClusterStart?
  private var hasHeader = false
  /// Seconds since the command began when the first iteration did.
  private var began = 0.0
  /// The part of the run that is under way, and its last iteration.
  private var part: ClusterPart?
  private var last: ClusterIteration?
  /// The numbers of clusters of a range that are done.
  private var compared: [Int] = []

  init(_ options: OutputOptions) {
    console = Console(options)
    console.watch { [unowned self] in content($0) }
  }

  /// Leaves the terminal clean when the run fails.
  func abandon() { console.end() }

  /// Says how a run ended that did not finish now.
  func ended(_ end: RunEnd) {
    console.say(end)
    console.end()
  }

  func advise(_ advice: any Advice) { console.warn(advice) }

  func started(_ start: ClusterStart) {
    self.start = start
    began = console.elapsed
    for line in ClusterText.opening(start, width: console.width) { console.say(line) }
  }

  /// Seconds of all processes that worked on the run.
  private var elapsed: Double { (start?.secondsTotal ?? 0) + console.elapsed - began }

  func began(_ part: ClusterPart) { (self.part, last) = (part, nil) }

  func iterated(_ iteration: ClusterIteration, of part: ClusterPart) {
    (self.part, last) = (part, iteration)
    guard console.hasLines, !part.isOfRange, let start else { return }
    console.say(
      ClusterText.iteration(
        iteration, restart: start.restarts > 1 ? part.restart : nil, elapsed: elapsed,
        width: console.width))
  }

  /// What the bar says of an activity: how much is done of an iteration or of the choice of centers, where there is one
  /// clustering, else how many clusterings are done; nil for what comes before and after.
  private func content(_ headway: Activity.Headway) -> BarContent? {
    guard let start, let part else { return nil }
    let isIterating = Activity.current == "clustering"
    let whole = done(start, part)
    // The choice of centers by itself: its rate and the time left are known.
    if whole == nil, !isIterating { return nil }
    let next = (last?.iteration ?? 0) + 1
    var content = BarContent(
      label: ClusterText.name(
        part, of: start, doing: isIterating ? "iteration \(next)" : Activity.current),
      elapsed: elapsed)
    if let whole {
      content.fraction = whole
      content.left = whole > 0 ? (console.elapsed - began) / whole * (1 - whole) : nil
    } else if headway.total > 0 {
      content.fraction = Double(headway.done) / Double(headway.total)
    }
    if let last { content.figures = ClusterText.figures(last) }
    return content
  }

  /// The part of all clusterings that is done, if there are several; those of more clusters take longer.
  private func done(_ start: ClusterStart, _ part: ClusterPart) -> Double? {
    guard start.restarts > 1 || part.isOfRange else { return nil }
    let all = (start.range?.values ?? [start.clusters]).reduce(0, +)
    let share = Double(part.restart) / Double(start.restarts)
    let now = compared.contains(part.clusters) ? 0 : share * Double(part.clusters)
    return (Double(compared.reduce(0, +)) + now) / Double(all)
  }

  func compared(_ summary: JSON, of range: ClusterRange) {
    summary["clusters"]?.int.map { compared.append($0) }
    if !hasHeader { console.say(ClusterTable.header(width: console.width)) }
    hasHeader = true
    console.say(ClusterTable.line(summary, width: console.width))
  }

  func finished(_ summary: JSON, directory: String) {
    for line in ClusterText.closing(summary, directory: directory, width: console.width) {
      console.say(line)
    }
  }
}
