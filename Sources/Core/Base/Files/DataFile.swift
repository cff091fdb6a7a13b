import Glibc

/// A regular file opened for reading at any offset; closed with its last reference.
package final class DataFile {
  package let path: String
  /// Bytes, as found when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// Opens a file. Throws `TrainerError` (bad data) when it is missing, unreadable or not a regular
  /// file.
  ///
  /// - Parameter followsLinks: whether `path` may be a symbolic link.
  package init(path: String, followsLinks: Bool = true) throws {
    self.path = path
    // Without O_NONBLOCK a named pipe would wait here for a writer, forever.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW)
    let place = SpooledFiles.path(of: path) ?? path
    descriptor = retrying { open(place.system, flags) }
    guard descriptor >= 0 else { throw SystemCallFailure("open", path).error(.badData) }
    var status = stat()
    let isExamined = fstat(descriptor, &status) == 0
    size = Int(status.st_size)
    // All members are set: where the file is refused from here on, `deinit` closes it.
    guard isExamined else { throw SystemCallFailure("examine", path).error(.inputOutput) }
    var byte: UInt8 = 0
    if status.st_mode & S_IFMT == S_IFREG {
      try require(
        size > 0 || Glibc.read(descriptor, &byte, 1) != 1, .badData,
        "\(path.printable) holds bytes, but the system gives it no size, as files in /proc; copy it to a plain file first "
          + "(cat \(path.printable) > COPY)")
      return
    }
    // As /dev/null is.
    let isEmpty = status.st_mode & S_IFMT == S_IFCHR && Glibc.read(descriptor, &byte, 1) == 0
    throw TrainerError(
      .badData,
      "\(path.printable) is \(isEmpty ? "empty" : FileSystem.kind(of: status)); name a file, or a pipe with something in it"
    )
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from `offset`; a file that ends earlier has shrunk since it was examined.
  package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
    guard let base = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let count = retrying {
        pread(
          descriptor, base + done, FilePiece.next(of: buffer.count - done), off_t(offset + done))
      }
      if count < 0 {
        throw TrainerError(
          .inputOutput,
          "cannot read \(path.printable) at byte \(offset + done): \(systemMessage()); check that the disk or network "
            + "file system works")
      }
      try require(
        count != 0, .badData,
        "\(path.printable) shrank while it was read: it ended at byte \(offset + done) instead of "
          + "\(size); let whatever writes it finish, then start again")
      done += count
    }
  }

  /// The bytes `offset..<offset + count`, cut at the end of the file.
  package func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    let available = max(0, min(count, size - offset))
    var bytes = [UInt8](repeating: 0, count: available)
    try bytes.withUnsafeMutableBytes { try read(at: offset, into: $0) }
    return bytes
  }
}

/// Repeats a system call that a signal interrupted.
package func retrying<T: BinaryInteger>(_ call: () -> T) -> T {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

/// The system's words for the last error.
package func systemMessage() -> String { String(cString: strerror(errno)) }
