import DTrainCore

/// The directory of a run that is drawn.
struct ReportPlace {
  let path: String
  /// Whether its model and its evaluation are read, too.
  var hasDetails = true

  /// The most points of a sweep that are drawn, and the most runs below a directory whose models are read.
  static let most = 24

  /// The runs that a path stands for: the one that it holds; of a sweep its best points, the best first; else those below
  /// it.
  ///
  /// - Throws: `TrainerError(.badData)` where there is none.
  static func all(in path: String) throws(TrainerError) -> [ReportPlace] {
    guard FileSystem.isDirectory(path), !RunDirectory.holdsRun(path),
      !FileSystem.exists("\(path)/config.json")
    else { return [ReportPlace(path: path)] }
    if let points = try SweepDirectory.points(in: path) {
      let outcomes = points.map { PointOutcome("\(path)/\($0)", name: $0) }
      let ranked = PointOutcome.ranking(outcomes).compactMap { outcomes[$0].listed?.path }
      try require(
        !ranked.isEmpty, .badData,
        "\(path): the sweep has no point yet that can be drawn; wait until one is begun")
      return best(ranked.map { "\(path)/\($0)" })
    }
    let runs = try ListedRun.below(path).runs
    try require(
      !runs.isEmpty, .badData,
      "\(path) holds no run (no config.json), and there is none below it; name a run directory")
    return runs.enumerated().map {
      ReportPlace(path: "\(path)/\($1.path)", hasDetails: $0 < most)
    }
  }

  /// The points of a sweep that are drawn, of all from the best on: the model of the first is read.
  static func best(_ points: [String]) -> [ReportPlace] {
    points.prefix(most).enumerated().map { ReportPlace(path: $1, hasDetails: $0 == 0) }
  }
}
