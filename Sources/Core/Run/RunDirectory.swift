import Glibc

/// The directory that one run writes, locked while it does. One rank uses it.
///
/// `summary.json` comes last: a run that died has none, so it never looks finished.
public final class RunDirectory {
  /// The directory, as the user named it or as it was made up.
  public let path: String
  /// Why nothing keeps a second writer out, where the file system has no locks.
  public var lockWarning: String? { lock.warning }

  private let isNew: Bool
  private let lock: RunLock
  /// What an earlier run left here, to be removed before the first file is written.
  private var leftovers: [String]?
  private var metrics: Int32 = -1

  /// Creates the directory of a new run, with its parents, and locks it.
  ///
  /// Without a `path` it is `runs/COMMAND-YYYYMMDD-HHMMSS` (local time), with `-2`, `-3`… appended where
  /// that exists. An existing directory is used as it is, unless it holds files of a run: then
  /// `overwrite` removes those, and no others, when the first file is written: until then (say, while
  /// the data prove to be unusable) the earlier run stays whole.
  ///
  /// - Throws: `TrainerError(.usage)` where `path` is a file, holds a run and `overwrite` is not given, or
  ///   another process writes there; `TrainerError(.inputOutput)` where it cannot be written.
  public static func create(
    path: String?, overwrite: Bool, command: String
  ) throws(TrainerError) -> RunDirectory {
    let directory: String
    let isNew: Bool
    if let path {
      isNew = !exists(path)
      try createNamed(path)
      directory = path
    } else {
      isNew = true
      directory = try createDefault(command)
    }
    let lock = try RunLock(directory: directory)
    let found = ownedNames.filter { exists("\(directory)/\($0)") }
    if let first = found.first {
      guard overwrite else {
        lock.withdraw()
        throw TrainerError(
          .usage,
          "--out \(directory) already holds a run (\(first)); name another directory, or give --overwrite"
            + " to replace that run")
      }
    }
    return RunDirectory(path: directory, isNew: isNew, lock: lock, leftovers: found)
  }

  private init(path: String, isNew: Bool, lock: RunLock, leftovers: [String]) {
    self.path = path
    self.isNew = isNew
    self.lock = lock
    self.leftovers = leftovers
  }

  deinit {
    if metrics >= 0 { close(metrics) }
    // A run that failed before it wrote anything leaves no empty directory.
    if isNew, leftovers != nil {
      lock.withdraw()
      rmdir(path)
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
    precondition(!RunDirectory.exists(file("config.json")), "config.json is written once")
    try AtomicFile.write(Array(value.pretty.utf8), to: file("config.json"))
  }

  /// Appends one line to `metrics.jsonl`. A line that does not fit the disk is taken back, so that the
  /// file holds whole lines.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  public func appendMetrics(_ value: JSON) throws(TrainerError) {
    try prepare()
    let path = file("metrics.jsonl")
    if metrics < 0 {
      metrics = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o666)
      guard metrics >= 0 else { throw SystemCallFailure("write", path).error(.inputOutput) }
    }
    let line = Array((value.compact + "\n").utf8)
    let start = lseek(metrics, 0, SEEK_END)
    var count: Int
    repeat { count = write(metrics, line, line.count) } while count < 0 && errno == EINTR
    guard count == line.count else {
      // A short write to a file means that the next one would fail for want of space.
      let failure = SystemCallFailure("write", path, code: count < 0 ? errno : ENOSPC)
      if count > 0, start >= 0 { _ = ftruncate(metrics, start) }
      throw failure.error(.inputOutput)
    }
  }

  /// Writes `model.safetensors` and returns its SHA-256 as 64 hexadecimal digits.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  /// - Complexity: O(bytes); the tensors are not copied.
  public func writeModel(_ model: TensorFile) throws(TrainerError) -> String {
    try prepare()
    let pieces = model.pieces()
    try AtomicFile.write(pieces: pieces, to: file("model.safetensors"))
    var hash = SHA256()
    for piece in pieces { hash.update(piece) }
    return hash.hexadecimal()
  }

  /// Makes the metrics durable, then writes `summary.json`: the last file of a finished run.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  public func writeSummary(_ value: JSON) throws(TrainerError) {
    try prepare()
    if metrics >= 0, fsync(metrics) != 0 {
      throw SystemCallFailure("write", file("metrics.jsonl")).error(.inputOutput)
    }
    try AtomicFile.write(Array(value.pretty.utf8), to: file("summary.json"))
  }

  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }
}
