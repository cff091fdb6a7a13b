import Glibc

extension RunDirectory {
  /// A configuration or list of inputs longer than this is none.
  private static let textLimit = 64 << 20

  /// Opens the directory of an earlier run to continue it, and locks it. Nothing in it changes before
  /// `rewind`.
  ///
  /// - Throws: `TrainerError(.usage)` where `path` holds no run of `command`, or another process writes
  ///   there; `TrainerError(.badData)` where its `config.json` is damaged.
  public static func resume(path: String, command: String) throws(TrainerError) -> RunDirectory {
    try checkHoldsRun(path)
    let lock = try RunLock(directory: path)
    let directory = RunDirectory(path: path, isNew: false, lock: lock, leftovers: nil)
    guard let recorded = try directory.configuration()["command"]?.text else {
      throw TrainerError(
        .badData,
        "\(directory.file("config.json")) is not the config.json of a run of dtrain (it names no command): restore it, or "
          + "start the run again")
    }
    try require(
      recorded == command, .usage,
      "\(parameter: "resume") \(path): that run is of dtrain \(recorded); use dtrain \(recorded) \(parameter: "resume") \(Shell.word(path))"
    )
    return directory
  }

  /// Throws `TrainerError(.usage)` where there is nothing that could be continued.
  public static func checkHoldsRun(_ path: String) throws(TrainerError) {
    try SystemCallFailure.reported(as: .usage) { () throws(SystemCallFailure) in
      try FileSystem.checkAccess(to: "\(path)/config.json")
    }
    if FileSystem.exists("\(path)/config.json") { return }
    let problem =
      FileSystem.isDirectory(path)
      ? "that directory holds no run (no config.json)"
      : FileSystem.exists(path) ? "that is no directory" : "there is no such directory"
    throw TrainerError(.usage, "\(parameter: "resume") \(path): \(problem); name a run directory")
  }

  /// Whether a directory holds what a run of this program writes.
  package static func holdsRun(_ path: String) -> Bool {
    let traces = ["metrics.jsonl", "inputs.json", "stopped.json", "summary.json", "checkpoints"]
    return (try? json(at: "\(path)/config.json"))?["command"]?.text != nil
      || traces.contains { FileSystem.exists("\(path)/\($0)") }
  }

  /// What `config.json` says.
  package func configuration() throws(TrainerError) -> JSON { try json("config.json") }

  /// What `inputs.json` says: where the data was found.
  package func inputs() throws(TrainerError) -> JSON { try json("inputs.json") }

  /// What `summary.json` says; nil for a run that did not finish.
  package func summary() throws(TrainerError) -> JSON? {
    guard FileSystem.exists(file("summary.json")) else { return JSON?.none }
    return try json("summary.json")
  }

  /// Notes a stop as another run's directory does.
  package func copyStop(from path: String) throws(TrainerError) {
    try writeStop(RunDirectory.stop(in: path))
  }

  /// What `stopped.json` in a directory says.
  private static func stop(in path: String) throws(TrainerError) -> JSON {
    try json(at: "\(path)/stopped.json")
  }

  /// Whether a run in `path` was stopped on request and had saved a checkpoint then.
  package static func stoppedWithCheckpoint(_ path: String) -> Bool {
    (try? stop(in: path))?["checkpoint"]?.text != nil
  }

  /// Whether some process writes a run in `path`.
  package static func isBeingWritten(_ path: String) -> Bool { RunLock.isHeld(in: path) }

  private func json(_ name: String) throws(TrainerError) -> JSON {
    try RunDirectory.json(at: file(name))
  }

  private static func json(at path: String) throws(TrainerError) -> JSON {
    let bytes = try FileContents.read(path, limit: RunDirectory.textLimit)
    do throws(JSON.ParseError) {
      return try JSON(parsing: bytes)
    } catch {
      throw TrainerError(
        .badData, "\(path): \(error); the file is damaged: restore it, or start the run again"
      )
    }
  }

  /// Makes of an earlier run what it was when a checkpoint was saved: not finished, not stopped, with the
  /// metrics of that time.
  ///
  /// - Parameters:
  ///   - metrics: what `metrics.jsonl` then held.
  ///   - configuration: written where it differs from what is there, as after `--epochs`.
  ///   - inputs: likewise, as after `--data` or `--keep`.
  ///   - exports: files that other programs would take for the result of the continued run.
  /// - Returns: what to know where metrics are missing or not what they were.
  /// - Throws: `TrainerError(.inputOutput)`.
  package func rewind(
    to metrics: MetricsExtent, configuration: JSON, inputs: JSON, removing exports: [String] = []
  ) throws(TrainerError) -> RunAdvice? {
    try removeOwned(["summary.json", "stopped.json", "evaluation.json"] + exports)
    if try self.configuration() != configuration {
      try AtomicFile.write(Array(configuration.pretty.utf8), to: file("config.json"))
    }
    if (try? self.inputs()) != inputs { try writeInputs(inputs) }
    let path = file("metrics.jsonl")
    var opened: MetricsFile?
    if FileSystem.exists(path) || metrics.byteCount > 0 {
      opened = try MetricsFile(path: path, cutTo: metrics.byteCount)
    }
    adopt(configuration, opened)
    guard let found = opened?.extent, found != metrics else { return nil }
    return found.byteCount < metrics.byteCount
      ? .metricsShort(path: path, has: found.byteCount, had: metrics.byteCount)
      : .metricsChanged(path: path)
  }
}
