import Glibc

/// The lines that a run wrote so far: how many bytes, and their hash.
package struct MetricsExtent: Equatable {
  /// Bytes from the beginning of the file.
  package var byteCount: Int
  /// Their SHA-256 as 64 lower-case hexadecimal digits.
  var sha256: String

  /// Of a run that wrote none.
  package static let none = MetricsExtent(byteCount: 0, sha256: SHA256.hexadecimal(of: []))
}

/// `metrics.jsonl` while a run appends to it: whole lines, hashed as they are written.
final class MetricsFile {
  private let path: String
  private let descriptor: Int32
  private var hash = SHA256()
  private var byteCount = 0

  /// Opens the file, or makes it. Where it has other names too, as in a backup by `cp -al`, a copy takes its place, and
  /// what stands under those names stays as it is.
  ///
  /// - Parameter limit: the file is cut to the whole lines of this number of bytes.
  /// - Throws: `TrainerError(.inputOutput)`.
  /// - Complexity: O(bytes) that are there already.
  init(path: String, cutTo limit: Int = .max) throws(TrainerError) {
    self.path = path
    descriptor = try Self.opened(path)
    try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
      if limit < .max { try cut(to: limit) }
      try hashWhatIsThere()
    }
  }

  /// A descriptor of the file, which has no other name.
  private static func opened(_ path: String) throws(TrainerError) -> Int32 {
    while true {
      let file = retrying {
        open(path.system, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o666)
      }
      guard file >= 0 else { throw SystemCallFailure("write", path).error(.inputOutput) }
      var status = stat()
      if fstat(file, &status) == 0, status.st_nlink <= 1 { return file }
      defer { close(file) }
      try copy(file, to: path)
    }
  }

  /// Gives the bytes of an open file to a new one, which takes the name.
  private static func copy(_ file: Int32, to path: String) throws(TrainerError) {
    let copy = try AtomicFile(path: path)
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var byteCount = 0
    while true {
      let count = retrying { pread(file, &piece, piece.count, off_t(byteCount)) }
      guard count >= 0 else { throw SystemCallFailure("read", path).error(.inputOutput) }
      if count == 0 { break }
      try copy.append(piece[..<count])
      byteCount += count
    }
    try copy.commit()
  }

  deinit { close(descriptor) }

  /// How far the file goes.
  ///
  /// - Complexity: O(1).
  var extent: MetricsExtent {
    MetricsExtent(byteCount: byteCount, sha256: hash.copy().hexadecimal())
  }

  /// Appends a line. One that does not fit the disk is taken back, so that the file holds whole lines.
  func append(_ line: [UInt8]) throws(SystemCallFailure) {
    let count = retrying { write(descriptor, line, line.count) }
    guard count == line.count else {
      // A short write to a file means that the next one would fail for want of space.
      let failure = SystemCallFailure("write", path, code: count < 0 ? errno : ENOSPC)
      if count > 0 { _ = ftruncate(descriptor, off_t(byteCount)) }
      throw failure
    }
    hash.update(line)
    byteCount += count
  }

  /// Makes the lines durable.
  func synchronize() throws(SystemCallFailure) {
    guard retrying({ fsync(descriptor) }) == 0 else { throw SystemCallFailure("write", path) }
  }

  private func cut(to limit: Int) throws(SystemCallFailure) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemCallFailure("examine", path) }
    let size = Int(status.st_size)
    // Where somebody changed lines, the limit may lie within one.
    let end = try endOfLastLine(size: min(size, limit))
    guard ftruncate(descriptor, off_t(end)) == 0 else { throw SystemCallFailure("write", path) }
    try synchronize()
  }

  /// The offset behind the last line feed.
  private func endOfLastLine(size: Int) throws(SystemCallFailure) -> Int {
    var byte: UInt8 = 0
    for end in stride(from: size, to: 0, by: -1) {
      guard retrying({ pread(descriptor, &byte, 1, off_t(end - 1)) }) == 1 else {
        throw SystemCallFailure("read", path)
      }
      if byte == UInt8(ascii: "\n") { return end }
    }
    return 0
  }

  private func hashWhatIsThere() throws(SystemCallFailure) {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = retrying { pread(descriptor, &piece, piece.count, off_t(byteCount)) }
      guard count >= 0 else { throw SystemCallFailure("read", path) }
      if count == 0 { return }
      piece.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      byteCount += count
    }
  }
}
