import Glibc

/// A file that another process of this node is making, to write into at any place.
package final class FilePlaces {
  /// What a process must know of a file to write into it.
  package struct Address {
    /// Where it stands until it is complete.
    package let path: String
    /// What messages call it.
    package let name: String
    /// The numbers by which the system tells it from others.
    package let device: Int
    package let inode: Int

    /// As another process said.
    package init(path: String, name: String, device: Int, inode: Int) {
      self.path = path
      self.name = name
      self.device = device
      self.inode = inode
    }

    /// Of a file that this process is making.
    ///
    /// - Throws: `TrainerError(.inputOutput)` when the disk is full or fails.
    package init(of file: AtomicFile) throws(TrainerError) {
      let path = try file.unfinished().path
      let (device, inode) = FilePlaces.identity { stat(path.system, &$0) } ?? (0, 0)
      self.init(path: path, name: file.path, device: device, inode: inode)
    }
  }

  private var descriptor: Int32
  private let name: String

  /// Nil where this process does not reach the file, or its path leads to another one here.
  package init?(_ address: Address) {
    name = address.name
    descriptor = retrying { open(address.path.system, O_WRONLY | O_NOFOLLOW | O_CLOEXEC) }
    let opened = descriptor
    guard opened >= 0, let own = Self.identity({ fstat(opened, &$0) }),
      own == (address.device, address.inode)
    else { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func identity(_ ask: (inout stat) -> Int32) -> (device: Int, inode: Int)? {
    var status = stat()
    guard ask(&status) == 0 else { return nil }
    return (Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino))
  }

  /// Writes all bytes to a place in the file.
  ///
  /// - Throws: `TrainerError(.inputOutput)` when the disk is full or fails.
  package func write(_ bytes: UnsafeRawBufferPointer, at start: Int) throws(TrainerError) {
    var done = 0
    while done < bytes.count {
      let count = retrying {
        pwrite(
          descriptor, bytes.baseAddress! + done, FilePiece.next(of: bytes.count - done),
          off_t(start + done))
      }
      guard count > 0 else {
        throw SystemCallFailure("write", name, code: count < 0 ? errno : EIO).error(.inputOutput)
      }
      done += count
    }
  }

  /// Closes the file; a network file system may report a full disk only here.
  package func finish() throws(TrainerError) {
    let closed = close(descriptor)
    descriptor = -1
    // After EINTR Linux has closed the file.
    guard closed == 0 || errno == EINTR else {
      throw SystemCallFailure("write", name).error(.inputOutput)
    }
  }
}
