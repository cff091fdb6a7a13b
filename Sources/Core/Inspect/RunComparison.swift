/// What differs between two runs, by their records.
public struct RunComparison: Sendable {
  /// A member that the two runs say differently.
  public struct Difference: Sendable {
    /// As the record calls it.
    public let name: String
    /// What each run says; null where it says nothing.
    public let first: JSON, second: JSON
  }

  /// Members of one kind.
  public struct Section: Sendable {
    /// `configuration`, `data`, `result` or `execution`.
    public let name: String
    /// Those that differ, in the order of the record.
    public let differences: [Difference]
    /// How many members are the same in both.
    public let same: Int
  }

  /// Configuration, data, result and execution, in this order.
  public let sections: [Section]
  /// Whether both finished with the same bytes of their model or centers; nil where one of them did not finish.
  public let hasSameModel: Bool?

  /// Members of `config.json` that tell what the data are.
  private static let dataMembers: Set<String> = [
    "data_sha256", "rows", "test_rows", "features", "weighted", "layers",
  ]
  /// Members of `summary.json` that tell where and how fast a run went.
  private static let executionMembers: Set<String> = [
    "ranks", "nodes", "shards", "samples_per_second", "peak_rss_bytes", "rows_per_rank",
    "rows_copied_per_rank", "passes_per_step", "resumed_from", "exported", "distances_skipped",
    "seconds",
  ]

  /// Compares the runs in two directories.
  ///
  /// - Throws: `TrainerError(.badData)` where one holds no run, or a record of it is damaged.
  /// - Complexity: O(bytes) of the records.
  public init(_ first: String, _ second: String) throws(TrainerError) {
    let runs = [try Self.run(first), try Self.run(second)]
    let (a, b) = (runs[0], runs[1])
    let configured = Self.pairs(a.configuration, b.configuration)
    // What config.json says too is not repeated, and the command neither.
    let known = Set(configured.map(\.name))
    let outcome = Self.pairs(a.outcome, b.outcome).filter { !known.contains($0.name) }
    func isExecution(_ name: String) -> Bool {
      name.hasPrefix("seconds_") || Self.executionMembers.contains(name)
    }
    let state = Difference(
      name: "state", first: .string(a.state.rawValue), second: .string(b.state.rawValue))
    let paths = Self.pairs(a.inputs, b.inputs).filter { pair in
      guard !["directory", "checkpoint_every", "keep", "exports"].contains(pair.name) else {
        return false
      }
      // One file has several paths: from the directory where a command was given, and from the root on.
      return !ListedRun.pathMembers.contains(pair.name)
        || a.paths(pair.name) != b.paths(pair.name) || pair.first == pair.second
    }
    sections = [
      Section("configuration", configured.filter { !Self.dataMembers.contains($0.name) }),
      Section("data", configured.filter { Self.dataMembers.contains($0.name) } + paths),
      Section("result", [state] + outcome.filter { !isExecution($0.name) }),
      Section("execution", outcome.filter { isExecution($0.name) }),
    ]
    let hashes = runs.map { $0.outcome["model_sha256"]?.text }
    hasSameModel = hashes.contains(nil) ? nil : hashes[0] == hashes[1]
  }

  private static func run(_ path: String) throws(TrainerError) -> ListedRun {
    try require(
      FileSystem.exists("\(path)/config.json"), .badData,
      "\(path) holds no run (no config.json); name a run directory")
    let run = ListedRun(path, called: path)
    if let problem = run.problem { throw TrainerError(.badData, problem) }
    return run
  }

  /// All members of two objects, in the order of the first.
  private static func pairs(_ a: JSON, _ b: JSON) -> [Difference] {
    var names = (a.members ?? []).map(\.key)
    names += (b.members ?? []).map(\.key).filter { a[$0] == nil }
    return names.map { Difference(name: $0, first: a[$0] ?? .null, second: b[$0] ?? .null) }
  }
}

extension RunComparison.Section {
  fileprivate init(_ name: String, _ members: [RunComparison.Difference]) {
    self.name = name
    differences = members.filter { $0.first != $0.second }
    same = members.count - differences.count
  }
}
