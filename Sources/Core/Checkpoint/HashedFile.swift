/// A new file that is hashed while it is written.
struct HashedFile: ~Copyable {
  private let file: NewFile
  private var hash = SHA256()
  private var byteCount = 0

  /// Makes the file; see `NewFile`.
  init(path: String, name: String) throws(SystemCallFailure) {
    file = try NewFile(path: path, name: name)
  }

  /// Appends memory as it is, piece by piece, each hashed and written while it is in the cache.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(SystemCallFailure) {
    for start in stride(from: 0, to: bytes.count, by: Checkpoint.pieceBytes) {
      let end = min(start + Checkpoint.pieceBytes, bytes.count)
      let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      hash.update(piece)
      try file.append(piece)
    }
    byteCount += bytes.count
  }

  /// Appends bytes.
  mutating func append(_ bytes: [UInt8]) throws(SystemCallFailure) {
    var failure: SystemCallFailure?
    bytes.withUnsafeBytes { buffer in
      do throws(SystemCallFailure) { try append(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Makes the file durable; what it then is, under the given name.
  consuming func finish(as name: String) throws(SystemCallFailure) -> CheckpointManifest.File {
    try file.finish()
    return .init(name: name, byteCount: byteCount, sha256: hash.hexadecimal())
  }
}
