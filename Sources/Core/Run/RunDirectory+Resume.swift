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
    let recorded = try directory.configuration()["command"]?.text ?? "?"
    guard recorded == command else {
      throw TrainerError(
        .usage,
        "--resume \(path): that run is of dtrain \(recorded); use dtrain \(recorded) --resume \(path)"
      )
    }
    return directory
  }

  /// Throws `TrainerError(.usage)` where there is nothing that could be continued.
  public static func checkHoldsRun(_ path: String) throws(TrainerError) {
    guard exists("\(path)/config.json") else {
      throw TrainerError(
        .usage,
        isDirectory(path)
          ? "--resume \(path): that directory holds no run (no config.json); name a run directory"
          : "--resume \(path): there is no such directory; name a run directory")
    }
  }

  /// What `config.json` says.
  func configuration() throws(TrainerError) -> JSON { try json("config.json") }

  /// What `inputs.json` says: where the data was found.
  func inputs() throws(TrainerError) -> JSON { try json("inputs.json") }

  /// What `summary.json` says; nil for a run that did not finish.
  func summary() throws(TrainerError) -> JSON? {
    guard RunDirectory.exists(file("summary.json")) else { return JSON?.none }
    return try json("summary.json")
  }

  /// What `stopped.json` in a directory says.
  static func stop(in path: String) throws(TrainerError) -> JSON {
    try json(at: "\(path)/stopped.json")
  }

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
  ///   - metricsByteCount: the length that `metrics.jsonl` then had.
  ///   - configuration: written where it differs from what is there, as after `--epochs`.
  /// - Returns: a warning where metrics are missing.
  /// - Throws: `TrainerError(.inputOutput)`.
  func rewind(
    toMetrics metricsByteCount: Int, configuration: JSON
  ) throws(TrainerError) -> String? {
    try removeOwned(["summary.json", "stopped.json"])
    if try self.configuration() != configuration {
      try AtomicFile.write(Array(configuration.pretty.utf8), to: file("config.json"))
    }
    do throws(SystemCallFailure) {
      return try cutMetrics(to: metricsByteCount)
    } catch {
      throw error.error(.inputOutput)
    }
  }

  private func cutMetrics(to byteCount: Int) throws(SystemCallFailure) -> String? {
    let path = file("metrics.jsonl")
    guard RunDirectory.exists(path) || byteCount > 0 else { return nil }
    let descriptor = retrying { open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666) }
    guard descriptor >= 0 else { throw SystemCallFailure("write", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemCallFailure("examine", path) }
    let isShort = status.st_size < byteCount
    let end = isShort ? try endOfLastLine(descriptor, size: Int(status.st_size), path) : byteCount
    guard ftruncate(descriptor, off_t(end)) == 0, retrying({ fsync(descriptor) }) == 0 else {
      throw SystemCallFailure("write", path)
    }
    return isShort
      ? "\(path) has only \(status.st_size) of the \(byteCount) bytes that it had at the checkpoint: "
        + "lines are missing" : nil
  }

  /// The offset behind the last line feed.
  private func endOfLastLine(
    _ descriptor: Int32, size: Int, _ path: String
  ) throws(SystemCallFailure) -> Int {
    var byte: UInt8 = 0
    for end in stride(from: size, to: 0, by: -1) {
      guard retrying({ pread(descriptor, &byte, 1, off_t(end - 1)) }) == 1 else {
        throw SystemCallFailure("read", path)
      }
      if byte == UInt8(ascii: "\n") { return end }
    }
    return 0
  }
}
