import Glibc

/// Files that appear under their name complete and durable, or not at all.
///
/// A new file is written beside the target, synced and renamed over it; then the directory is synced.
/// Whoever reads the name meanwhile, or after a kill at any instant, sees the old file or the new one.
public enum AtomicFile {
  /// The beginning of the names of files that are not complete; what a killed process left of them may
  /// be removed.
  static let temporaryPrefix = ".dtrain-tmp-"

  /// Writes `bytes` to `path`, replacing what stands there. The user's umask applies.
  ///
  /// - Throws: `TrainerError(.inputOutput)`; what stood at `path` is then as before, unless only the last
  ///   step, syncing the directory, failed.
  /// - Complexity: O(bytes).
  public static func write(_ bytes: [UInt8], to path: String) throws(TrainerError) {
    try write(pieces: [bytes], to: path)
  }

  /// Writes `pieces`, one behind the other, to `path`, replacing what stands there.
  ///
  /// - Throws: `TrainerError(.inputOutput)`, as `write(_:to:)`.
  /// - Complexity: O(bytes); nothing is copied.
  public static func write(pieces: [[UInt8]], to path: String) throws(TrainerError) {
    do throws(SystemCallFailure) {
      let directory = directory(of: path)
      let (descriptor, temporary) = try createTemporary(in: directory, for: path)
      do throws(SystemCallFailure) {
        try fill(descriptor, pieces, path)
        guard rename(temporary, path) == 0 else { throw SystemCallFailure("write", path) }
      } catch {
        unlink(temporary)
        throw error
      }
      try synchronizeDirectory(directory)
    } catch {
      throw error.error(.inputOutput)
    }
  }

  /// The directory that holds `path`.
  static func directory(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Creates a file that nobody else has, beside the target. Its name does not grow with the target's.
  private static func createTemporary(
    in directory: String, for path: String
  ) throws(SystemCallFailure) -> (descriptor: Int32, path: String) {
    // Names can be left over from a killed process that had the same number.
    for attempt in 0..<1000 {
      let temporary = "\(directory)/\(temporaryPrefix)\(getpid())-\(attempt)"
      let descriptor = open(
        temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, temporary) }
      guard errno == EEXIST || errno == EINTR else { throw SystemCallFailure("write", path) }
    }
    throw SystemCallFailure("write", path, code: EEXIST)
  }

  /// Writes, syncs and closes. A failed sync is never tried again: the kernel has dropped the pages.
  private static func fill(
    _ descriptor: Int32, _ pieces: [[UInt8]], _ path: String
  ) throws(SystemCallFailure) {
    do throws(SystemCallFailure) {
      for piece in pieces { try writeAll(piece, to: descriptor, path) }
      while fsync(descriptor) != 0 {
        guard errno == EINTR else { throw SystemCallFailure("write", path) }
      }
    } catch {
      close(descriptor)
      throw error
    }
    // A network file system may report a full disk only here. After EINTR Linux has closed the file.
    guard close(descriptor) == 0 || errno == EINTR else { throw SystemCallFailure("write", path) }
  }

  private static func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, _ path: String
  ) throws(SystemCallFailure) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw SystemCallFailure("write", path, code: count < 0 ? errno : EIO)
      }
      written += count
    }
  }

  /// Makes the names in a directory durable.
  static func synchronizeDirectory(_ directory: String) throws(SystemCallFailure) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      // A directory that may be written but not listed cannot be synced by anyone.
      if errno == EACCES { return }
      throw SystemCallFailure("sync", directory)
    }
    defer { close(descriptor) }
    // Some network file systems know no sync of directories.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw SystemCallFailure("sync", directory)
    }
  }
}
