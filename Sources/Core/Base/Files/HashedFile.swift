/// A new file that is hashed while it is written.
package struct HashedFile: ~Copyable {
  /// Bytes that are hashed and written at a time.
  private static let pieceBytes = 1 << 20

  private let file: NewFile
  private var hash = SHA256()
  private var byteCount = 0

  /// Makes the file; see `NewFile`.
  package init(path: String, name: String) throws(SystemCallFailure) {
    file = try NewFile(path: path, name: name)
  }

  /// Appends memory as it is, piece by piece, each hashed and written while it is in the cache.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(SystemCallFailure) {
    for start in stride(from: 0, to: bytes.count, by: Self.pieceBytes) {
      let end = min(start + Self.pieceBytes, bytes.count)
      let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      hash.update(piece)
      try file.append(piece)
    }
    byteCount += bytes.count
  }

  /// Appends bytes.
  package mutating func append(_ bytes: [UInt8]) throws(SystemCallFailure) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(SystemCallFailure) in
      try append(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Makes the file durable; its length, and its SHA-256 as 64 lower-case hexadecimal digits.
  package consuming func finish() throws(SystemCallFailure) -> (byteCount: Int, sha256: String) {
    try file.finish()
    return (byteCount, hash.hexadecimal())
  }
}
