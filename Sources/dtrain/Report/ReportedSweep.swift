import DTrainCore

/// A sweep as a report shows it, by its `sweep.json`.
struct ReportedSweep {
  let path: String
  private let record: JSON

  /// Reads the record of the sweep in a directory; nil where there is none.
  ///
  /// - Throws: `TrainerError(.badData)` where it is damaged.
  init?(_ path: String) throws(TrainerError) {
    guard SweepDirectory.holdsSweep(path) else { return nil }
    self.path = path
    record = try SweepDirectory.record(in: path)
  }

  /// A point: the name of its directory, and its options as one says them: `learning-rate 1e-3, decay 1e-5`.
  struct Point {
    let name: String, words: String
  }

  /// The points, in the order of the sweep.
  var points: [Point] {
    (record["points"]?.items ?? []).compactMap { point in
      guard let name = point["name"]?.text else { return nil }
      let options = (point["options"]?.members ?? []).map {
        "\(Spelling.name($0.key)) \(InfoText.scalar($0.value))"
      }
      return Point(name: name, words: options.joined(separator: ", "))
    }
  }

  var title: String {
    let whole = path.hasSuffix(".") ? FileSystem.resolved(path) ?? path : path
    let name = whole.split(separator: "/").last.map(String.init) ?? path
    return "Sweep \(name): \(TrainingText.count(points.count, "point"))"
  }

  /// What was swept, and in which rounds: `dtrain mlp over learning-rate and decay · …`.
  var subtitle: String {
    let method = record["method"]?.text ?? "mlp"
    let names = (record["points"]?.items?.first?["options"]?.members ?? []).map {
      Spelling.name($0.key)
    }
    let rounds = record["rounds"]?.items ?? []
    let unit = method == MLPCommand._commandName ? MLPCommand.lengthUnit : KMeansCommand.lengthUnit
    let lengths = rounds.map { round in
      let goal = round["length"]?.int.map { "to \(unit) \($0)" } ?? "to the end"
      return "\(TrainingText.count(round["points"]?.int ?? 0, "point")) \(goal)"
    }
    let parts = [
      "dtrain \(method)" + (names.isEmpty ? "" : " over \(names.joined(separator: ", "))"),
      rounds.count > 1 ? "\(rounds.count) rounds: \(lengths.joined(separator: ", then "))" : nil,
      points.count > ReportPlace.most ? "the best \(ReportPlace.most) are drawn" : nil,
      record["finished"]?.flag == false ? "not finished" : nil, "the best first",
    ]
    return parts.compactMap { $0 }.joined(separator: " · ")
  }
}
