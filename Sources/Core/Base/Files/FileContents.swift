import Glibc

/// Whole files, read into memory.
public enum FileContents {
  /// The bytes of the regular file at `path`.
  ///
  /// - Throws: `TrainerError(.badData)` where it is missing, no regular file (a pipe would block), larger
  ///   than `limit` bytes, or cannot be read.
  /// - Complexity: O(bytes).
  public static func read(_ path: String, limit: Int = .max) throws(TrainerError) -> [UInt8] {
    do throws(SystemCallFailure) {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      guard descriptor >= 0 else { throw SystemCallFailure("open", path) }
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw SystemCallFailure("examine", path) }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw SystemCallFailure(
          "read", path, code: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
      }
      guard status.st_size <= limit else { throw SystemCallFailure("read", path, code: EFBIG) }
      return try bytes(of: descriptor, count: Int(status.st_size), path)
    } catch {
      switch error.code {
      case EINVAL: throw TrainerError(.badData, "\(path) is no regular file: name a file")
      case EISDIR: throw TrainerError(.badData, "\(path) is a directory: name a file in it")
      case EFBIG:
        throw TrainerError(.badData, "\(path) is larger than the \(limit) bytes that it may have")
      default: throw error.error(.badData)
      }
    }
  }

  private static func bytes(
    of descriptor: Int32, count: Int, _ path: String
  ) throws(SystemCallFailure) -> [UInt8] {
    var failure: SystemCallFailure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        let got = Glibc.read(
          descriptor, buffer.baseAddress! + initialized, FilePiece.next(of: count - initialized))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = SystemCallFailure("read", path) }
        // A file that shrank meanwhile ends early; whoever reads its format will say so.
        if got <= 0 { return }
        initialized += got
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
