import Glibc

/// A file for reading and writing whose name is gone: a process that dies leaves nothing behind.
package final class NamelessFile: Sendable {
  private let descriptor: Int32
  /// What it is, for messages.
  private let name: String

  /// Makes the file, empty, on the file system of a directory; messages about its contents call it `name`.
  package init(in directory: String, name: String) throws(SystemCallFailure) {
    do throws(SystemCallFailure) {
      descriptor = try AtomicFile.openNameless(in: directory)
    } catch {
      throw SystemCallFailure("make", name, code: error.code)
    }
    self.name = name
  }

  deinit { close(descriptor) }

  /// By which other processes of this user and node open the file for as long as this one has it.
  package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

  /// Writes all bytes to a place in the file.
  package func write(_ bytes: UnsafeRawBufferPointer, at start: Int) throws(SystemCallFailure) {
    try transfer("write", bytes.count, at: start) {
      pwrite(descriptor, bytes.baseAddress! + $0, bytes.count - $0, $1)
    }
  }

  /// Fills memory from a place in the file, whose end is a failure.
  package func read(
    into bytes: UnsafeMutableRawBufferPointer, at start: Int
  ) throws(SystemCallFailure) {
    try transfer("read", bytes.count, at: start) {
      pread(descriptor, bytes.baseAddress! + $0, bytes.count - $0, $1)
    }
  }

  /// Repeats a call until it has done all bytes.
  private func transfer(
    _ action: String, _ count: Int, at start: Int, _ call: (_ done: Int, _ place: off_t) -> Int
  ) throws(SystemCallFailure) {
    var done = 0
    while done < count {
      let bytes = retrying { call(done, off_t(start + done)) }
      guard bytes > 0 else {
        throw SystemCallFailure(action, name, code: bytes < 0 ? errno : EIO)
      }
      done += bytes
    }
  }
}
