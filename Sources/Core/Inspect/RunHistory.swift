/// All that a run directory records of its run, as far as it can be read: for drawing.
package struct RunHistory: Sendable {
  /// Its configuration, state and outcome.
  package let listed: ListedRun
  /// The lines of `metrics.jsonl`, up to the first that is not whole.
  package let metrics: [JSON]
  /// First-layer weights or centers; nil where there are none yet.
  package let rows: FeatureRows?
  /// What `evaluation.json` says of the predictions; null where there is none.
  package let evaluation: JSON
  /// The outcome for each number of clusters of a range, in rising order; empty of other runs.
  package let clusterings: [JSON]
  /// What could not be read, and why.
  package let problems: [String]

  /// Reads what is there. Records that are damaged are said in ``problems``.
  ///
  /// - Parameter hasDetails: whether the model and the evaluation are read, too.
  /// - Throws: `TrainerError(.badData)` where the directory holds no run.
  /// - Complexity: O(bytes) of the records and the model.
  package init(_ path: String, hasDetails: Bool = true) throws(TrainerError) {
    try require(
      FileSystem.isDirectory(path), .badData,
      "\(path): there is no such directory; name a run directory")
    try require(
      RunDirectory.holdsRun(path) || FileSystem.exists("\(path)/config.json"), .badData,
      "\(path) holds no run (no config.json); name a run directory")
    var problems: [String] = []
    func read<Value>(_ body: () throws -> Value) -> Value? {
      do { return try body() } catch {
        problems.append("\(error)")
        return nil
      }
    }
    listed = ListedRun(path, called: path)
    let lines = "\(path)/metrics.jsonl"
    var metrics: [JSON] = []
    if FileSystem.exists(lines), let bytes = read({ try FileContents.read(lines) }) {
      // What follows the last line feed was not finished.
      let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[..<$0] } ?? []
      for (index, line) in whole.split(separator: UInt8(ascii: "\n")).enumerated() {
        do throws(JSON.ParseError) {
          metrics.append(try JSON(parsing: Array(line)))
        } catch {
          problems.append(
            "\(lines), line \(index + 1): \(error); the lines from there are left out")
          break
        }
      }
    }
    self.metrics = metrics
    // A line that is damaged is said once, with what follows from it.
    if let problem = listed.problem, problems.isEmpty || !problem.hasPrefix(lines) {
      problems.insert(problem, at: 0)
    }

    if !hasDetails {
      rows = nil
    } else if let centers = ClusterInference.centersFile(path) {
      rows = read { try ClusterInference.exported(centers).featureRows }
    } else if FileSystem.exists("\(path)/model.safetensors") {
      rows = read { try MLPModel.exported(path).featureRows }
    } else {
      rows = nil
    }

    let review: JSON?? =
      hasDetails ? read { try RunInspection.object("\(path)/evaluation.json") } : nil
    evaluation = (review ?? nil) ?? .null
    if !evaluation.isNull, evaluation["rows_of"]?.text == nil || evaluation["rows"]?.int == nil {
      problems.append(
        "\(path)/evaluation.json does not say which rows were predicted (no rows_of and rows); nothing of it is drawn, or "
          + "not all: restore it")
    }

    var clusterings = listed.outcome["clusterings"]?.items ?? []
    let members = "\(path)/\(RunDirectory.membersFolder)"
    if clusterings.isEmpty, ClusterInference.isRange(path) {
      let names = read { try FileSystem.entries(of: members) } ?? []
      for name in names.sorted(by: NaturalOrder.precedes) {
        let summary = read { try RunInspection.object("\(members)/\(name)/summary.json") }
        if let summary = summary ?? nil { clusterings.append(summary) }
      }
    }
    self.clusterings = clusterings
    // Several readers may find the same damage.
    var said: Set<String> = []
    self.problems = problems.filter { said.insert($0).inserted }
  }
}
