import Glibc

/// A file that TensorBoard follows while it grows: records framed as TensorFlow's, each of them whole.
///
/// A record is its length (8 bytes), a checksum of that, the message, and a checksum of the message. What is appended
/// is with the system at once, so that it outlives this process.
package final class EventFile {
  private let path: String
  private let descriptor: Int32
  private var byteCount = 0

  /// Makes the file where nothing stands; the user's umask applies.
  ///
  /// - Throws: `SystemCallFailure`.
  package init(path: String) throws(SystemCallFailure) {
    self.path = path
    descriptor = retrying {
      open(path.system, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0 else { throw SystemCallFailure("write", path) }
  }

  deinit { close(descriptor) }

  /// Appends events. Those that do not fit the disk are taken back.
  ///
  /// - Complexity: O(bytes of the events).
  package func append(_ events: [Event]) throws(SystemCallFailure) {
    let bytes = events.flatMap { Self.record($0.message.content.pieces.flatMap { $0 }) }
    let count = retrying { write(descriptor, bytes, bytes.count) }
    guard count == bytes.count else {
      // A short write to a file means that the next one would fail for want of space.
      let failure = SystemCallFailure("write", path, code: count < 0 ? errno : ENOSPC)
      if count > 0 { _ = ftruncate(descriptor, off_t(byteCount)) }
      throw failure
    }
    byteCount += count
  }

  /// The bytes of a record.
  static func record(_ message: [UInt8]) -> [UInt8] {
    let length = little(UInt64(message.count))
    return length + little(masked(length)) + message + little(masked(message))
  }

  /// A checksum as records have it, so that a checksum of bytes that hold one is no special case.
  private static func masked(_ bytes: [UInt8]) -> UInt32 {
    let sum = CRC32C.checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
