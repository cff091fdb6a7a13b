import DTrainCore

/// Tells of a clustering run while it runs, and how it ended; on rank 0.
final class ClusterReport: ClusterObserver {
  private let console: Console
  private let showsIterations: Bool
  private var hasHeader = false

  init(_ options: OutputOptions) {
    console = Console(options)
    showsIterations = !options.quiet && options.progress != .none
  }

  /// Says how a run ended that did not finish now.
  func ended(_ end: RunEnd) { console.say(end) }

  func advise(_ advice: any Advice) { console.warn(advice) }

  func started(_ start: ClusterStart) {
    let scaled = start.scale == .none ? "" : "scaled (\(start.scale.rawValue)), "
    let clusters =
      start.range.map { "\($0) clusters" } ?? TrainingText.count(start.clusters, "cluster")
    console.say(
      "\(start.dataName): \(TrainingText.count(start.rows, "row")) of "
        + "\(TrainingText.count(start.columns, "column")), \(start.storedType)"
        + (start.isRounded ? " read as float32, " : ", ") + scaled
        + "\(clusters) on \(TrainingText.count(start.ranks, "rank"))"
        + (start.resumedFrom.map { ", continued from \($0)" } ?? ""))
  }

  func iterated(_ iteration: ClusterIteration, restart: Int) {
    guard showsIterations else { return }
    console.say(
      "iteration \(iteration.iteration)  objective \(NumberFormat.significant(iteration.objective))  "
        + "changed \(NumberFormat.grouped(iteration.changed))  "
        + "movement \(NumberFormat.significant(iteration.movement))  "
        + "skipped \(NumberFormat.fixed(iteration.distancesSkipped * 100, 1)) %  "
        + "\(NumberFormat.fixed(iteration.seconds, 2)) s")
  }

  func compared(_ summary: JSON, of range: ClusterRange) {
    if !hasHeader { console.say(ClusterTable.header) }
    hasHeader = true
    console.say(ClusterTable.line(summary))
  }

  func finished(_ summary: JSON, directory: String) {
    guard summary["clusterings"] == nil else {
      console.say(
        "\(NumberFormat.duration(summary["seconds_total"]?.double ?? 0)) in all\n"
          + "run directories: \(directory)/clusterings/K")
      return
    }
    let sizes = summary["sizes"]?.items?.compactMap(\.int) ?? []
    console.say(
      "objective \(NumberFormat.significant(summary["objective"]?.double ?? 0)) after "
        + "\(TrainingText.count(summary["iterations"]?.int ?? 0, "iteration")) "
        + "(stopped: \(summary["stopped"]?.text ?? "?"))")
    if let fewest = sizes.min(), let most = sizes.max() {
      console.say(
        "clusters hold \(NumberFormat.grouped(fewest)) to "
          + "\(TrainingText.count(most, "row"))")
    }
    let perIteration = (summary["seconds_per_iteration"]?.double ?? 0) * 1000
    console.say(
      "\(NumberFormat.fixed(perIteration, 1)) ms an iteration, "
        + "\(NumberFormat.fixed(summary["seconds_total"]?.double ?? 0, 2)) s in all")
    console.say("run directory: \(directory)")
    for line in TrainingText.exported(summary) { console.say(line) }
  }
}
