import DTrainCore

/// The sentences about a clustering run; lines that fit `width` columns, where that is not nil.
enum ClusterText {
  /// What is about to be clustered.
  static func opening(_ start: ClusterStart, width: Int?) -> [String] {
    let measured =
      (start.scale == .none ? [] : ["scaled (\(start.scale.rawValue)),"])
      + (start.metric.isOfDirections ? ["taken by direction (\(start.metric.rawValue)),"] : [])
    let clusters =
      start.range.map { "\($0) clusters" } ?? TrainingText.count(start.clusters, "cluster")
    return FittedLines.wrapped(
      "\(start.dataName):",
      [
        "\(TrainingText.count(start.rows, "row")) of \(TrainingText.count(start.columns, "column")),",
        start.storedType + (start.isRounded ? " read as float32," : ","),
      ] + measured + [
        "\(clusters) on \(TrainingText.count(start.ranks, "rank"))"
          + (start.resumedFrom == nil ? "" : ",")
      ] + (start.resumedFrom.map { ["continued from \($0)"] } ?? []), width: width)
  }

  /// A part of a run and what happens in it: `K=5 restart 2/3 iteration 4`.
  static func name(_ part: ClusterPart, of start: ClusterStart, doing what: String) -> String {
    (part.isOfRange ? "K=\(part.clusters) " : "")
      + (start.restarts > 1 ? "restart \(part.restart + 1)/\(start.restarts) " : "") + what
  }

  /// One iteration in one line.
  ///
  /// - Parameters:
  ///   - restart: from 0; nil where there is only one.
  ///   - elapsed: seconds of the run so far, all that it does included.
  static func iteration(
    _ iteration: ClusterIteration, restart: Int?, elapsed: Double, width: Int?
  ) -> String {
    let name = (restart.map { "restart \($0 + 1)  " } ?? "") + "iteration \(iteration.iteration)"
    return FittedLines.important(
      [
        (rank: 0, text: name),
        (rank: 1, text: "objective \(NumberFormat.significant(iteration.objective))"),
        (rank: 2, text: "changed \(NumberFormat.grouped(iteration.changed))"),
        (rank: 4, text: "movement \(NumberFormat.significant(iteration.movement))"),
        (
          rank: 5,
          text: "skipped \(NumberFormat.fixed(iteration.distancesSkipped * 100, 1)) %"
        ), (rank: 3, text: NumberFormat.duration(elapsed)),
      ], width: width)
  }

  /// What a bar says of the last iteration.
  static func figures(_ iteration: ClusterIteration) -> [String] {
    let each = iteration.seconds / Double(iteration.iteration)
    return [
      "objective \(NumberFormat.significant(iteration.objective))",
      "changed \(NumberFormat.grouped(iteration.changed))",
      each < 1
        ? "\(NumberFormat.significant(1 / each, 3)) iterations/s"
        : "\(NumberFormat.duration(each))/iteration",
    ]
  }

  /// How it ended.
  static func closing(_ summary: JSON, directory: String, width: Int?) -> [String] {
    guard summary[RunDirectory.membersFolder] == nil else {
      return TimeText.lines(summary, width: width)
        + FittedLines.titled(
          "run directories:", "\(directory)/\(RunDirectory.membersFolder)/K", width: width)
    }
    var lines = FittedLines.wrapped(
      "objective \(NumberFormat.significant(summary["objective"]?.double ?? 0))",
      [
        "after \(TrainingText.count(summary["iterations"]?.int ?? 0, "iteration"))",
        "(stopped: \(summary["stopped"]?.text ?? "?"))",
      ], width: width)
    let sizes = summary["sizes"]?.items?.compactMap(\.int) ?? []
    if let fewest = sizes.min(), let most = sizes.max() {
      lines.append(
        "clusters hold \(NumberFormat.grouped(fewest)) to \(TrainingText.count(most, "row"))")
    }
    let perIteration = (summary["seconds_per_iteration"]?.double ?? 0) * 1000
    // Of few rows an iteration takes microseconds.
    let milliseconds =
      perIteration < 10
      ? NumberFormat.significant(perIteration, 2) : NumberFormat.fixed(perIteration, 1)
    lines.append("\(milliseconds) ms an iteration")
    lines += TimeText.lines(summary, width: width)
    lines += FittedLines.titled("run directory:", directory, width: width)
    return lines + TrainingText.exported(summary)
  }
}
