import Glibc

/// What a run directory says of its run in a list of runs.
public struct ListedRun: Sendable {
  /// The directory, from the one that was searched.
  public let path: String
  /// How far the run is.
  public let state: RunState
  /// Which file is damaged or may not be read, and how; nil where none is.
  public let problem: String?
  /// What `config.json` and `inputs.json` say; null where they are missing.
  public let configuration: JSON, inputs: JSON
  /// What `summary.json` says, or else the last line of `metrics.jsonl`; null where there is none.
  public let outcome: JSON

  /// The command that made it.
  public var command: String? { configuration["command"]?.text ?? outcome["command"]?.text }

  /// The options by their names, in the order in which they are recorded.
  public var options: [JSON.Member] {
    let facts = Set(MLPConfiguration.facts.keys).union(ClusterConfiguration.facts.keys)
      .union(["format", "command", "version"])
    return (configuration.members ?? []).filter { !facts.contains($0.key) }
  }

  /// Where the rows are, in short: the last part of the path, and how many files follow.
  public var data: String? {
    let paths = inputs["data"]?.items?.compactMap(\.text) ?? []
    guard let first = paths.first else { return nil }
    let name = first.split(separator: "/").last.map(String.init) ?? first
    return paths.count == 1 ? name : "\(name) +\(paths.count - 1)"
  }

  /// The members of `inputs.json` that are lists of paths.
  package static let pathMembers = ["data", "labels", "test_data", "test_labels", "weights"]

  /// The paths that such a member has, from the root on.
  package func paths(_ member: String) -> JSON {
    let start = inputs["directory"]?.text ?? ""
    return .array(
      (inputs[member]?.items ?? []).compactMap(\.text).map {
        .string($0.hasPrefix("/") ? $0 : "\(start)/\($0)")
      })
  }

  /// Seconds from the start of the command to the end of the run, or to its last epoch or iteration so far; nil where
  /// that is not recorded: earlier versions recorded it at the end alone.
  public var seconds: Double? { outcome["seconds_total"]?.double }

  /// The number by which it is judged.
  public struct Score: Sendable {
    /// As `summary.json` calls it: `test_accuracy`, `test_r2`, `objective`, ….
    public let name: String
    /// What it is.
    public let value: Double
    /// Whether larger is better.
    public let isGain: Bool
  }

  /// Accuracy or R^2 of test rows, else of validation rows, else of training rows; of clusterings the objective.
  public var score: Score? { Score(of: outcome, from: ["test", "validation", "train"]) }

  /// The same of validation rows first, by which runs are chosen that are tested then.
  public var choosingScore: Score? { Score(choosing: outcome) }

  /// Reads a run; what is damaged, or may not be read, is said in ``problem``.
  ///
  /// - Complexity: O(bytes) of its records.
  package init(_ directory: String, called path: String) {
    self.path = path
    var problem: String?
    var isDamaged = false
    func read<Value>(_ body: () throws -> Value?) -> Value? {
      do { return try body() } catch {
        let hides = (error as? TrainerError)?.isOfPermissions == true
        // What is damaged has the word before what cannot be judged.
        if problem == nil || !isDamaged && !hides { problem = "\(error)" }
        isDamaged = isDamaged || !hides
        return nil
      }
    }
    func object(_ name: String) -> JSON? {
      read { try RunInspection.object("\(directory)/\(name)") }
    }
    let summary = object("summary.json")
    let stop = object("stopped.json")
    let metrics = read { try RunInspection.metrics("\(directory)/metrics.jsonl") }
    let configuration = object("config.json")
    inputs = object("inputs.json") ?? .null
    if problem == nil, configuration?["command"]?.text == nil {
      problem = "\(directory)/config.json is missing, or names no command"
      isDamaged = true
    }
    self.configuration = configuration ?? .null
    outcome = summary ?? metrics?.last ?? .null
    self.problem = problem
    state =
      if problem == nil {
        RunState(of: directory, summary: summary, stop: stop)
      } else {
        isDamaged ? .damaged : .unreadable
      }
  }
}

extension ListedRun.Score {
  /// The score that a summary or a line of metrics has first.
  ///
  /// - Parameter rows: `test`, `validation` and `train` in some order.
  fileprivate init?(of outcome: JSON, from rows: [String]) {
    let gains = rows.flatMap { ["\($0)_accuracy", "\($0)_r2"] }
    guard let name = (gains + ["objective", "loss"]).first(where: { outcome[$0]?.double != nil }),
      let value = outcome[name]?.double
    else { return nil }
    self.init(name: name, value: value, isGain: gains.contains(name))
  }

  /// The score by which runs are chosen, of a summary or a line of metrics: ``ListedRun/choosingScore``.
  package init?(choosing outcome: JSON) {
    self.init(of: outcome, from: ["validation", "test", "train"])
  }

  /// Whether this one is better.
  package func isBetter(than other: Self) -> Bool {
    isGain ? value > other.value : value < other.value
  }
}

extension ListedRun {
  /// Directories below one another that are searched at most.
  private static let maximumDepth = 12

  /// The runs in a directory and those below it, in natural order. What stands in a run directory is not searched, but for
  /// the runs of a range, where that is the directory itself. Symbolic links and hidden directories are left out.
  ///
  /// - Returns: the runs, and the directories that could not be read.
  /// - Throws: `TrainerError(.usage)` where `path` is no directory.
  /// - Complexity: O(entries of all directories + bytes of the runs' records).
  public static func below(
    _ path: String
  ) throws(TrainerError) -> (runs: [ListedRun], unread: [String]) {
    try require(
      FileSystem.isDirectory(path), .usage,
      "\(path): there is no such directory; name one that holds runs")
    var search = Search()
    if isRun(path) {
      search.runs.append(ListedRun(path, called: path))
      search.visit("\(path)/\(RunDirectory.membersFolder)", called: "", depth: 1, isOptional: true)
    } else {
      search.visit(path, called: "", depth: 0)
    }
    return (
      search.runs.sorted { NaturalOrder.precedes($0.path, $1.path) },
      search.unread
    )
  }

  private struct Search {
    var runs: [ListedRun] = []
    var unread: [String] = []

    mutating func visit(
      _ directory: String, called name: String, depth: Int, isOptional: Bool = false
    ) {
      let entries: [String]
      do {
        entries = try FileSystem.entries(of: directory)
      } catch {
        if !isOptional { unread.append(directory) }
        return
      }
      for entry in entries where !entry.hasPrefix(".") {
        let path = "\(directory)/\(entry)"
        guard ListedRun.isOwnDirectory(path) else { continue }
        let called = name.isEmpty ? entry : "\(name)/\(entry)"
        if ListedRun.isRun(path) {
          runs.append(ListedRun(path, called: called))
        } else if depth < ListedRun.maximumDepth {
          visit(path, called: called, depth: depth + 1)
        }
      }
    }
  }

  /// Whether a path is a directory and no link to one.
  private static func isOwnDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path.system, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a directory holds files that only a run has together; any of them may be damaged.
  private static func isRun(_ path: String) -> Bool {
    func has(_ name: String) -> Bool { FileSystem.exists("\(path)/\(name)") }
    if has("inputs.json") && (has("config.json") || has("metrics.jsonl")) { return true }
    guard has("config.json") else { return false }
    let commands = [MLPConfiguration().commandName] + ClusterCommand.allCases.map(\.rawValue)
    let recorded = try? RunInspection.object("\(path)/config.json")
    return (recorded ?? nil)?["command"]?.text.map(commands.contains) ?? false
  }
}
