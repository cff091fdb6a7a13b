import Glibc

/// Files that appear under their name complete and durable, or not at all.
///
/// A new file is written beside the target, synced and renamed over it; then the directory is synced.
/// Whoever reads the name meanwhile, or after a kill at any instant, sees the old file or the new one. A file that can be
/// made again need not be durable: then nothing waits for the disk, and only a machine that loses power can lose it.
public final class AtomicFile {
  /// The beginning of the names of files that are not complete; what a killed process left of them may
  /// be removed.
  package static let temporaryPrefix = ".dtrain-tmp-"
  private static let bufferBytes = 1 << 16

  /// The name that ``commit()`` gives the file.
  public let path: String
  private let file: NewFile
  private var pending: [UInt8] = []
  private var hasName = false
  private let isDurable: Bool

  /// Begins a file; the user's umask applies.
  ///
  /// - Parameter isDurable: whether its bytes are on the disk when ``commit()`` returns.
  /// - Throws: `TrainerError(.inputOutput)` where it cannot be made.
  public init(path: String, isDurable: Bool = true) throws(TrainerError) {
    self.path = path
    self.isDurable = isDurable
    do throws(SystemCallFailure) {
      // The name does not grow with the target's.
      file = try Self.withNewName(in: Self.directory(of: path), for: path) {
        (temporary) throws(SystemCallFailure) in
        try NewFile(path: temporary, name: path, isDurable: isDurable)
      }
    } catch {
      throw error.error(.inputOutput)
    }
  }

  /// A file that was not committed leaves nothing.
  deinit { discard() }

  /// Appends bytes. Throws `TrainerError(.inputOutput)` when the disk is full or fails.
  public func append(_ bytes: some Sequence<UInt8>) throws(TrainerError) {
    pending.append(contentsOf: bytes)
    if pending.count >= Self.bufferBytes { try flush() }
  }

  /// Appends memory as it is. Throws `TrainerError(.inputOutput)` when the disk is full or fails.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(TrainerError) {
    try flush()
    try reporting { () throws(SystemCallFailure) in try file.append(bytes) }
  }

  /// Where other processes find the file until it is complete, and how many bytes have been appended.
  ///
  /// - Throws: `TrainerError(.inputOutput)` when the disk is full or fails.
  package func unfinished() throws(TrainerError) -> (path: String, bytes: Int) {
    try flush()
    return (file.path, file.count)
  }

  /// Completes the file, makes it durable and gives it its name, replacing what stood there.
  ///
  /// - Throws: `TrainerError(.inputOutput)`; what stood at `path` is then as before, unless only the last
  ///   step, syncing the directory, failed.
  public func commit() throws(TrainerError) {
    try flush()
    try reporting { () throws(SystemCallFailure) in
      try file.finish()
      guard rename(file.path.system, path.system) == 0 else {
        throw SystemCallFailure("write", path)
      }
      hasName = true
      guard isDurable else { return }
      try Self.synchronizeDirectory(Self.directory(of: path))
    }
  }

  /// Checks that a file could be written, by beginning one and leaving nothing: before the work whose result it
  /// is to hold.
  ///
  /// - Throws: `TrainerError(.inputOutput)` where the directory is missing or cannot be written to, or `path`
  ///   is a directory.
  public static func check(_ path: String) throws(TrainerError) {
    try require(
      !FileSystem.isDirectory(path), .inputOutput,
      "cannot write \(path): it is a directory; name a file")
    _ = try AtomicFile(path: path)
  }

  /// Writes `bytes` to `path`, replacing what stands there; see ``commit()``.
  ///
  /// - Complexity: O(bytes).
  public static func write(_ bytes: [UInt8], to path: String) throws(TrainerError) {
    try write(pieces: [bytes], to: path)
  }

  /// Writes `pieces`, one behind the other, to `path`, replacing what stands there; see ``commit()``.
  ///
  /// - Complexity: O(bytes); nothing is copied.
  public static func write(pieces: [[UInt8]], to path: String) throws(TrainerError) {
    let file = try AtomicFile(path: path)
    for piece in pieces {
      try piece.withUnsafeBufferPointer { (bytes) throws(TrainerError) in
        try file.append(UnsafeRawBufferPointer(bytes))
      }
    }
    try file.commit()
  }

  /// The directory that holds `path`.
  package static func directory(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes something under a name that nothing has.
  private static func withNewName<T>(
    in directory: String, for name: String, _ make: (String) throws(SystemCallFailure) -> T
  ) throws(SystemCallFailure) -> T {
    // Names can be left over from a killed process that had the same number.
    for attempt in 0..<1000 {
      do throws(SystemCallFailure) {
        return try make("\(directory)/\(temporaryPrefix)\(getpid())-\(attempt)")
      } catch {
        guard error.code == EEXIST else { throw error }
      }
    }
    throw SystemCallFailure("write", name, code: EEXIST)
  }

  /// Opens a new file for reading and writing whose name is gone at once; what a process that is killed before leaves
  /// of it may be removed like an unfinished file.
  static func openNameless(in directory: String) throws(SystemCallFailure) -> Int32 {
    try withNewName(in: directory, for: directory) { (path) throws(SystemCallFailure) in
      let descriptor = retrying {
        open(path.system, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      }
      guard descriptor >= 0 else { throw SystemCallFailure("write", path) }
      unlink(path.system)
      return descriptor
    }
  }

  private func flush() throws(TrainerError) {
    guard !pending.isEmpty else { return }
    try reporting { () throws(SystemCallFailure) in
      try pending.withUnsafeBufferPointer { (bytes) throws(SystemCallFailure) in
        try file.append(UnsafeRawBufferPointer(bytes))
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Runs a step of writing; after a failure nothing is left of the unfinished file.
  private func reporting(_ body: () throws(SystemCallFailure) -> Void) throws(TrainerError) {
    do throws(SystemCallFailure) {
      try body()
    } catch {
      discard()
      throw error.error(.inputOutput)
    }
  }

  private func discard() {
    file.abandon()
    if !hasName { unlink(file.path.system) }
  }

  /// Makes the names in a directory durable.
  package static func synchronizeDirectory(_ directory: String) throws(SystemCallFailure) {
    let descriptor = open(directory.system, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      // A directory that may be written but not listed cannot be synced by anyone.
      if errno == EACCES { return }
      throw SystemCallFailure("sync", directory)
    }
    defer { close(descriptor) }
    Progress.beat()
    defer { Progress.beat() }
    // Some network file systems know no sync of directories.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw SystemCallFailure("sync", directory)
    }
  }
}
