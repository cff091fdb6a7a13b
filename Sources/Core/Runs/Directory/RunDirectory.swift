import Glibc

/// The directory that one run writes, locked while it does. One rank uses it.
///
/// `summary.json` comes last: a run that died has none, so it never looks finished.
public final class RunDirectory {
  /// Where a range of runs has its members, each in a folder of its own.
  package static let membersFolder = "clusterings"

  /// The directory, as the user named it or as it was made up.
  public let path: String
  /// Whether nothing keeps a second writer out, since the file system has no locks.
  public var hasNoLocks: Bool { lock.hasNoLocks }

  private let isNew: Bool
  private let lock: RunLock
  /// What an earlier run left here, to be removed before the first file is written.
  private var leftovers: [String]?
  /// What the run is: its `config.json`, as it was written, or verified when the run was continued.
  package private(set) var recorded = JSON.null
  private var metrics: MetricsFile?
  /// The files that are there for as long as the run is.
  private var written: [String] = []

  /// Creates the directory of a new run, with its parents, and locks it.
  ///
  /// Without a `path` it is `runs/COMMAND-YYYYMMDD-HHMMSS` (local time), with `-2`, `-3`… appended where
  /// that exists. An existing directory is used as it is, unless it holds files of a run: then
  /// `overwrite` removes those, and no others, when the first file is written: until then (say, while
  /// the data prove to be unusable) the earlier run stays whole.
  ///
  /// - Parameters:
  ///   - results: the files that hold the run's result.
  ///   - inputs: the files, or run directories, that the run reads.
  /// - Throws: `TrainerError(.usage)` where `path` is a file, holds a run and `overwrite` is not given, holds an input
  ///   that would be removed, or another process writes there; `TrainerError(.inputOutput)` where it cannot be written.
  public static func create(
    path: String?, overwrite: Bool, command: String, results: [String] = [],
    reading inputs: [String] = []
  ) throws(TrainerError) -> RunDirectory {
    let directory: String
    let isNew: Bool
    if let path {
      isNew = !FileSystem.exists(path)
      try createNamed(path)
      directory = path
    } else {
      isNew = true
      directory = try createDefault(command)
    }
    let lock = try RunLock(directory: directory, canMove: true)
    // Directories of these names are a run's only beside its configuration, which is removed last.
    let isRun = FileSystem.exists("\(directory)/config.json")
    let found = ownedNames(results).filter {
      FileSystem.exists("\(directory)/\($0)")
        && (isRun || !FileSystem.isDirectory("\(directory)/\($0)"))
    }
    if let first = found.first {
      guard overwrite else {
        lock.withdraw()
        throw TrainerError(
          .usage,
          "\(parameter: "out") \(directory) already holds a run (\(first)); name another directory, or give \(parameter: "overwrite")"
            + " to replace that run"
            + (newestCheckpoint(in: directory) == nil
              ? "" : ", or \(parameter: "resume") \(Shell.word(directory)) to continue it"))
      }
      try keep(inputs, from: found, in: directory)
    }
    return RunDirectory(
      path: directory, isNew: isNew, lock: lock,
      leftovers: found.isEmpty ? [] : found + reports(in: directory))
  }

  package init(path: String, isNew: Bool, lock: RunLock, leftovers: [String]?) {
    self.path = path
    self.isNew = isNew
    self.lock = lock
    self.leftovers = leftovers
  }

  deinit {
    // A run that failed before it wrote anything leaves no empty directory.
    if isNew, leftovers != nil {
      lock.withdraw()
      rmdir(path.system)
    }
  }

  /// The path of a file of this run. Who writes one does so after `writeConfiguration`.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Removes what an earlier run left, once.
  private func prepare() throws(TrainerError) {
    guard let names = leftovers else { return }
    try removeOwned(names)
    leftovers = nil
  }

  /// Writes `config.json`, first and once: a second time is a programmer's error.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  public func writeConfiguration(_ value: JSON) throws(TrainerError) {
    try prepare()
    precondition(!FileSystem.exists(file("config.json")), "config.json is written once")
    try AtomicFile.write(Array(value.pretty.utf8), to: file("config.json"))
    written.append("config.json")
    recorded = value
  }

  /// Writes `inputs.json`: where the data was found, so that the run can be continued without naming it
  /// again.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  public func writeInputs(_ value: JSON) throws(TrainerError) {
    try prepare()
    try AtomicFile.write(Array(value.pretty.utf8), to: file("inputs.json"))
    if !written.contains("inputs.json") { written.append("inputs.json") }
  }

  /// Writes `stopped.json`: why a run ended before its end although nothing failed.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  public func writeStop(_ value: JSON) throws(TrainerError) {
    try RunDirectory.writeStop(value, in: path)
  }

  package static func writeStop(_ value: JSON, in path: String) throws(TrainerError) {
    try AtomicFile.write(Array(value.pretty.utf8), to: "\(path)/stopped.json")
  }

  /// Appends one line to `metrics.jsonl`. A line that does not fit the disk is taken back, so that the
  /// file holds whole lines.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  public func appendMetrics(_ value: JSON) throws(TrainerError) {
    try prepare()
    let metrics = try openMetrics()
    try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
      try metrics.append(Array((value.compact + "\n").utf8))
    }
  }

  /// Makes the metrics durable and says how far they go.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  func synchronizeMetrics() throws(TrainerError) -> MetricsExtent {
    try checkPresence()
    guard metrics != nil || FileSystem.exists(file("metrics.jsonl")) else { return .none }
    let metrics = try openMetrics()
    try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
      try metrics.synchronize()
    }
    return metrics.extent
  }

  /// Refuses to go on in a directory from which somebody removed files of the run: nobody could continue it, or tell what
  /// its result is.
  private func checkPresence() throws(TrainerError) {
    for name in written where !FileSystem.exists(file(name)) {
      throw TrainerError(
        .inputOutput,
        "\(file(name)) is gone, while the run writes into that directory: nothing else may remove files there; start "
          + "the run again")
    }
  }

  private func openMetrics() throws(TrainerError) -> MetricsFile {
    if let metrics { return metrics }
    let file = try MetricsFile(path: file("metrics.jsonl"))
    metrics = file
    written.append("metrics.jsonl")
    return file
  }

  /// Becomes what the run was when a checkpoint was saved; see ``rewind(to:configuration:inputs:)``.
  func adopt(_ configuration: JSON, _ metrics: MetricsFile?) {
    recorded = configuration
    self.metrics = metrics
    written = ["config.json", "inputs.json"] + (metrics == nil ? [] : ["metrics.jsonl"])
  }

  /// The checkpoints of this run, whose positions count in `unit`s.
  package func checkpoints(unit: RunUnit) -> CheckpointStore {
    CheckpointStore(directory: file("checkpoints"), unit: unit)
  }

  /// Saves a checkpoint that knows its run and the metrics so far; its name. See `CheckpointStore.save`.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  package func save(
    unit: RunUnit, position: Int, state: JSON, tensors: [TensorView], keep: Int
  ) throws(TrainerError) -> String {
    let name = try checkpoints(unit: unit).save(
      position: position, run: recorded, metrics: try synchronizeMetrics(), state: state,
      tensors: tensors, keep: keep)
    written.removeAll { $0.hasPrefix("checkpoints/") }
    written.append("checkpoints/\(name)")
    return name
  }

  /// Makes the metrics durable, then writes `summary.json`: the last file of a finished run.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  public func writeSummary(_ value: JSON) throws(TrainerError) {
    try prepare()
    _ = try synchronizeMetrics()
    try AtomicFile.write(Array(value.pretty.utf8), to: file("summary.json"))
  }
}
