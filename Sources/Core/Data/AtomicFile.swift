import Glibc

/// A file that appears under its name only when it is complete: written beside it, flushed to the
/// disk, then renamed.
public final class AtomicFile {
  /// The name that ``commit()`` gives the file.
  public let path: String
  private let temporaryPath: String
  private var descriptor: Int32
  private var pending: [UInt8] = []

  /// Begins a file. Throws `TrainerError` (input/output) where it cannot be made.
  public init(path: String) throws {
    self.path = path
    temporaryPath = "\(path).partial-\(getpid())"
    let temporaryPath = temporaryPath
    descriptor = retrying {
      open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
    }
    if descriptor < 0 { throw failure("create") }
    pending.reserveCapacity(Self.bufferBytes)
  }

  deinit { discard() }

  /// Appends bytes. Throws `TrainerError` (input/output) when the disk is full or fails.
  public func append(_ bytes: some Sequence<UInt8>) throws {
    pending.append(contentsOf: bytes)
    if pending.count >= Self.bufferBytes { try flush() }
  }

  /// Appends memory as it is.
  public func append(_ bytes: UnsafeRawBufferPointer) throws {
    try flush()
    try write(bytes)
  }

  /// Completes the file and gives it its name, replacing what had it before.
  public func commit() throws {
    try flush()
    guard fsync(descriptor) == 0 else { throw failure("flush") }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw failure("close") }
    guard rename(temporaryPath, path) == 0 else { throw failure("rename") }
    // The new name is durable once the directory is; not every file system can say so.
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let handle = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if handle >= 0 {
      fsync(handle)
      close(handle)
    }
  }

  private static let bufferBytes = 1 << 16

  private func flush() throws {
    try pending.withUnsafeBytes { try write($0) }
    pending.removeAll(keepingCapacity: true)
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count {
      let descriptor = descriptor
      let count = retrying {
        Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      }
      if count < 0 { throw failure("write") }
      done += count
    }
  }

  /// An error after a system call; the unfinished file is removed.
  private func failure(_ action: String) -> TrainerError {
    let message = systemMessage()
    discard()
    return TrainerError(
      .inputOutput,
      "cannot \(action) \(path.printable): \(message); check the directory, its permissions and the "
        + "free space")
  }

  private func discard() {
    let isUnfinished = access(temporaryPath, F_OK) == 0
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    if isUnfinished { unlink(temporaryPath) }
  }
}
