import DTrainCore

/// Which runs have results that can be compared: the same figure, of the same rows.
enum ComparableRuns {
  /// What is said below a table of several groups.
  static let hint =
    "compare results within a group: those of other groups are of other rows, or are other figures"

  /// The groups of runs whose results can be compared, `A`, `B`, … in the order of their first runs; nil for a run
  /// without a result.
  ///
  /// Runs that make something else of the columns of one table are in one group: their rows are the same.
  ///
  /// - Complexity: O(records of all runs).
  static func groups(
    of runs: [ListedRun], by score: (ListedRun) -> ListedRun.Score?
  ) -> [String?] {
    let figures = runs.map { run in score(run).map { figure(run, $0) } }
    // The same columns of the same files have other bytes where the files were changed meanwhile.
    var bytes: [[String]: Set<String>] = [:]
    for (run, figure) in zip(runs, figures) {
      if let figure { bytes[[figure, columns(run)], default: []].insert(hash(run)) }
    }
    let changed = Set(bytes.filter { $0.value.count > 1 }.map { $0.key[0] })
    var names: [String: String] = [:]
    return zip(runs, figures).map { run, figure in
      guard let figure else { return nil }
      let key = changed.contains(figure) ? figure + hash(run) : figure
      let name = names[key] ?? letters(names.count)
      names[key] = name
      return name
    }
  }

  /// Whether some groups differ.
  static func areSeveral(_ groups: [String?]) -> Bool { Set(groups.compactMap { $0 }).count > 1 }

  /// What result it is, and of which rows.
  private static func figure(_ run: ListedRun, _ score: ListedRun.Score) -> String {
    let (inputs, options) = (run.inputs, run.configuration)
    let files = ListedRun.pathMembers.map(run.paths)
    let rows = ["rows", "test_rows"].map { options[$0] ?? .null }
    // Of validation and training rows, which rows these are.
    let part = score.name.hasPrefix("test") ? .null : options["validation"] ?? .null
    let scale =
      score.name == "objective"
      ? ["scale", "clusters"].map { options[$0] ?? .null }
      : score.name == "loss" ? [options["loss"] ?? .null] : []
    let facts: [JSON] =
      [.string(run.command ?? ""), .string(score.name), inputs["target"] ?? .null, part]
      + files + rows + scale
    return JSON.array(facts).compact
  }

  private static func columns(_ run: ListedRun) -> String {
    JSON.array(
      ["columns", "drop", "categories", "missing", "member"].map { run.inputs[$0] ?? .null }
    ).compact
  }

  private static func hash(_ run: ListedRun) -> String {
    run.configuration["data_sha256"]?.text ?? ""
  }

  /// `A` to `Z`, then `AA`, ….
  private static func letters(_ index: Int) -> String {
    let last = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index % 26)))
    return index < 26 ? last : letters(index / 26 - 1) + last
  }
}
