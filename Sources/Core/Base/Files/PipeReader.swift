import Glibc

/// A pipe, named or standard input, read from its beginning to its end.
package final class PipeReader {
  private let descriptor: Int32
  private let path: String

  /// Whether `path` is a pipe or a socket, which can be read once.
  package static func reads(_ path: String) -> Bool {
    var status = stat()
    guard stat(path.system, &status) == 0 else { return false }
    return [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT)
  }

  /// Opens a pipe; one without a writer is opened too.
  ///
  /// - Throws: `TrainerError(.badData)`.
  package init(path: String) throws(TrainerError) {
    self.path = path
    let opened = retrying { open(path.system, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    // A socket cannot be opened by its name; that of standard input is there already.
    let isSocket = opened < 0 && errno == ENXIO
    let isRefused = isSocket && !Self.isStandardInput(path)
    descriptor = isSocket && !isRefused ? dup(STDIN_FILENO) : opened
    try require(
      !isRefused, .badData,
      "\(path.printable) is a socket, which cannot be read by its name; name a file or a pipe")
    guard descriptor >= 0 else { throw SystemCallFailure("open", path).error(.badData) }
  }

  deinit { close(descriptor) }

  private static func isStandardInput(_ path: String) -> Bool {
    var (named, own) = (stat(), stat())
    return stat(path.system, &named) == 0 && fstat(STDIN_FILENO, &own) == 0
      && named.st_ino == own.st_ino && named.st_dev == own.st_dev
  }

  /// Milliseconds after which a request to stop is seen, at the latest.
  private static let patience: Int32 = 200

  /// Reads until `buffer` is full or all writers are gone; the bytes read, 0 at the end. What arrives counts as progress,
  /// waiting for it does not.
  ///
  /// - Throws: `TrainerError(.inputOutput)`, or `TrainerError(.stopped)` where this process is asked to stop meanwhile.
  package func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(TrainerError) -> Int {
    var filled = 0
    while filled < buffer.count {
      // A pipe that nobody has opened for writing would look as if it had ended.
      var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&state, 1, Self.patience)
      try StopRequest.check()
      guard ready >= 0 || errno == EINTR else { throw failure }
      if ready <= 0 { continue }
      let count = retrying { read(descriptor, buffer.baseAddress! + filled, buffer.count - filled) }
      if count < 0, errno == EAGAIN { continue }
      guard count >= 0 else { throw failure }
      if count == 0 { break }
      Progress.beat()
      filled += count
    }
    return filled
  }

  private var failure: TrainerError { SystemCallFailure("read", path).error(.inputOutput) }
}
