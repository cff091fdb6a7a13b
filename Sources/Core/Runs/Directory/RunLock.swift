import Glibc

/// The lock on a run directory: the file `.lock`, which names its holder, under `flock`. The kernel
/// releases it however the process ends; a file left over locks nothing.
package final class RunLock {
  /// Whether nothing is locked, since the file system has no locks.
  package private(set) var hasNoLocks = false

  private let path: String
  private let descriptor: Int32
  private let wasCreated: Bool

  /// Locks `directory`.
  ///
  /// - Parameter canMove: whether a message may advise to name another directory.
  /// - Throws: `TrainerError(.usage)` that names who holds the lock; `TrainerError(.inputOutput)` where
  ///   the file cannot be written.
  package init(directory: String, canMove: Bool = false) throws(TrainerError) {
    path = "\(directory)/.lock"
    try RunLock.checkKind(path)
    var flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    while true {
      let isNew = flags & O_CREAT != 0
      let opened = open(path.system, flags, 0o666)
      if opened < 0, errno == ENOENT, !isNew {
        flags |= O_CREAT | O_EXCL
        continue
      }
      if opened < 0, errno == EEXIST, isNew {
        flags &= ~(O_CREAT | O_EXCL)
        continue
      }
      guard opened >= 0 else { throw SystemCallFailure("write", path).error(.inputOutput) }
      // Signed, it would be another file that is written over.
      guard RunLock.hasOneName(opened) else {
        close(opened)
        throw TrainerError(
          .inputOutput, "\(path) is a file of another name too (a hard link): remove it")
      }
      do throws(TrainerError) {
        hasNoLocks = try RunLock.lock(opened, path, directory, canMove)
      } catch {
        close(opened)
        throw error
      }
      // Whoever held the lock before may have removed the file that was opened here.
      if RunLock.isCurrent(opened, path) {
        descriptor = opened
        wasCreated = isNew
        break
      }
      close(opened)
    }
    try sign()
  }

  deinit { release(removing: true) }

  private var isReleased = false

  /// Gives the lock back and leaves the directory as it was found.
  package func withdraw() { release(removing: wasCreated) }

  private func release(removing: Bool) {
    guard !isReleased else { return }
    isReleased = true
    // Still under the lock: nobody else can hold this file.
    if removing { unlink(path.system) }
    close(descriptor)
  }

  /// Takes the lock; true where there are none.
  private static func lock(
    _ descriptor: Int32, _ path: String, _ directory: String, _ canMove: Bool
  ) throws(TrainerError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK:
        throw TrainerError(
          .usage,
          "\(directory) is being written by \(holder(descriptor)); wait for it or end it"
            + (canMove ? ", or name another directory with \(parameter: "out")" : ""))
      case ENOLCK, ENOSYS, ENOTSUP:
        return true
      default: throw SystemCallFailure("lock", path).error(.inputOutput)
      }
    }
    return false
  }

  /// Whether some process writes in `directory`; false where the file system has no locks.
  package static func isHeld(in directory: String) -> Bool {
    let lock = open("\(directory)/.lock".system, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard lock >= 0 else { return false }
    defer { close(lock) }
    // Shared, so that two who look do not take each other for the writer.
    return flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// Refuses what nobody can lock and sign.
  private static func checkKind(_ path: String) throws(TrainerError) {
    var status = stat()
    guard lstat(path.system, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
    throw TrainerError(
      .inputOutput, "\(path) is \(FileSystem.kind(of: status)) and no plain file: remove it")
  }

  private static func hasOneName(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink <= 1
  }

  private static func isCurrent(_ descriptor: Int32, _ path: String) -> Bool {
    var opened = stat()
    var named = stat()
    return fstat(descriptor, &opened) == 0 && lstat(path.system, &named) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }

  /// What the holder wrote of itself.
  private static func holder(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let text = bytes.prefix(max(0, count)).prefix { (0x20..<0x7F).contains($0) }
    return text.isEmpty ? "another process" : String(decoding: text, as: UTF8.self)
  }

  private func sign() throws(TrainerError) {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    let text = Array("process \(getpid()) on \(host)\n".utf8)
    guard ftruncate(descriptor, 0) == 0,
      pwrite(descriptor, text, text.count, 0) == text.count
    else {
      throw SystemCallFailure("write", path).error(.inputOutput)
    }
  }
}
