import Glibc

/// Whole files, read into memory.
public enum FileContents {
  /// The bytes of the regular file at `path`.
  ///
  /// - Throws: `TrainerError(.badData)` where it is missing, no regular file (a pipe would block), larger
  ///   than `limit` bytes, or cannot be read.
  /// - Complexity: O(bytes).
  public static func read(_ path: String, limit: Int = .max) throws(TrainerError) -> [UInt8] {
    func failure(_ action: String) -> TrainerError {
      SystemCallFailure(action, path).error(.badData)
    }
    let descriptor = open(path.system, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("open") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("examine") }
    try require(
      status.st_mode & S_IFMT == S_IFREG, .badData,
      "\(path) is \(FileSystem.kind(of: status)) and no plain file; name a file, or put one in its place"
    )
    try require(
      status.st_size <= limit, .badData,
      "\(path) is larger than the \(limit) bytes that it may have")
    let count = Int(status.st_size)
    return try [UInt8](unsafeUninitializedCapacity: count) {
      (buffer, initialized) throws(TrainerError) in
      while initialized < count {
        let got = retrying {
          Glibc.read(
            descriptor, buffer.baseAddress! + initialized, FilePiece.next(of: count - initialized))
        }
        guard got >= 0 else { throw failure("read") }
        // A file that shrank meanwhile ends early; whoever reads its format will say so.
        if got == 0 { return }
        initialized += got
      }
    }
  }
}
