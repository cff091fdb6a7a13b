import DTrainCore

/// The directory of a run that is drawn.
struct ReportPlace {
  let path: String
  /// Whether its model and its evaluation are read, too.
  var hasDetails = true
  /// The options of a point of a sweep, as one says them; empty for other runs.
  var words = ""

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
    do throws(TrainerError) {
      if let sweep = try ReportedSweep(path) { return try best(of: sweep) }
    } catch {
      // The runs may be whole although the record of the sweep is not.
      if let runs = try? below(path) { return runs }
      throw error
    }
    return try below(path)
  }

  /// The runs below a directory.
  ///
  /// - Throws: `TrainerError(.badData)` where there is none.
  static func below(_ path: String) throws(TrainerError) -> [ReportPlace] {
    let runs = try ListedRun.below(path).runs
    try require(
      !runs.isEmpty, .badData,
      "\(path) holds no run (no config.json), and there is none below it; name a run directory")
    return runs.enumerated().map {
      ReportPlace(path: "\(path)/\($1.path)", hasDetails: $0 < most)
    }
  }

  /// The points of a sweep that are drawn, from the best on: the model of the first is read.
  private static func best(of sweep: ReportedSweep) throws(TrainerError) -> [ReportPlace] {
    let (path, points) = (sweep.path, sweep.points)
    let outcomes = points.map { PointOutcome("\(path)/\($0.name)", name: $0.name) }
    let ranked = PointOutcome.ranking(outcomes).filter { outcomes[$0].listed != nil }
    try require(
      !ranked.isEmpty, .badData,
      "\(path): the sweep has no point yet that can be drawn; wait until one is begun")
    return ranked.prefix(most).enumerated().map { place, index in
      ReportPlace(
        path: "\(path)/\(points[index].name)", hasDetails: place == 0, words: points[index].words)
    }
  }
}
