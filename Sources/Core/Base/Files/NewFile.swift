import Glibc

/// A file that this process makes where nothing stands, written from its beginning to its end and then, unless that is
/// not asked for, made durable.
final class NewFile {
  /// Where the file stands.
  let path: String
  /// What messages call it.
  private let name: String
  private var descriptor: Int32
  /// Bytes that were appended, and those of them that may not be durable yet.
  private(set) var count = 0
  private var pending = 0
  private let isDurable: Bool

  /// So many are made durable at once: a slow disk shows progress, and the last wait is a short one.
  private static let mostPending = 1 << 26

  /// Makes the file; the user's umask applies.
  ///
  /// - Parameter name: what messages call it; nil for the path.
  /// - Throws: `SystemCallFailure`, with `EEXIST` where something stands there, a symbolic link too.
  init(path: String, name: String? = nil, isDurable: Bool = true) throws(SystemCallFailure) {
    self.path = path
    self.isDurable = isDurable
    self.name = name ?? path
    descriptor = retrying {
      open(path.system, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0 else { throw SystemCallFailure("write", self.name) }
  }

  deinit { abandon() }

  /// Appends memory as it is.
  func append(_ bytes: UnsafeRawBufferPointer) throws(SystemCallFailure) {
    var written = 0
    while written < bytes.count {
      let part = retrying {
        write(
          descriptor, bytes.baseAddress! + written, FilePiece.next(of: bytes.count - written))
      }
      guard part > 0 else {
        throw SystemCallFailure("write", name, code: part < 0 ? errno : EIO)
      }
      written += part
      count += part
      pending += part
      if pending >= Self.mostPending { try synchronize() }
    }
  }

  private func synchronize() throws(SystemCallFailure) {
    guard isDurable else { return }
    Progress.beat()
    defer { Progress.beat() }
    // A failed sync is never tried again: the kernel has dropped the pages.
    guard retrying({ fsync(descriptor) }) == 0 else { throw SystemCallFailure("write", name) }
    pending = 0
  }

  /// Closes the file, after all its bytes have been made durable where that is asked for.
  func finish() throws(SystemCallFailure) {
    try synchronize()
    // A network file system may report a full disk only here. After EINTR Linux has closed the file.
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 || errno == EINTR else { throw SystemCallFailure("write", name) }
  }

  /// Closes the file as it is.
  func abandon() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }
}
