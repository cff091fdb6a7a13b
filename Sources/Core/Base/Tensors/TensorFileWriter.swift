/// Writes a safetensors file piece by piece, so that no tensor needs to be in memory a second time.
///
/// The file appears under its name with ``commit()``, complete and durable; see ``AtomicFile``.
public final class TensorFileWriter {
  /// The tensors in the order in which their elements are to be appended.
  public let tensors: [TensorFile.Description]
  private let file: AtomicFile
  private var hash: SHA256? = SHA256()
  private var remaining: Int

  /// Begins a file with these tensors, in any order.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  public init(
    path: String, metadata: [String: String], tensors: [TensorFile.Description]
  ) throws(TrainerError) {
    self.tensors = TensorFile.ordered(tensors)
    file = try AtomicFile(path: path)
    remaining = self.tensors.reduce(0) { $0 + $1.byteCount }
    let header = TensorFile.header(metadata, self.tensors)
    hash?.update(header)
    try file.append(header)
  }

  /// Appends elements, in the order of ``tensors``.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(TrainerError) {
    precondition(bytes.count <= remaining, "more elements than the tensors have")
    remaining -= bytes.count
    hash?.update(bytes)
    try file.append(bytes)
  }

  /// Completes the file and gives it its name; called once.
  ///
  /// - Returns: the SHA-256 of its bytes as 64 hexadecimal digits.
  /// - Throws: `TrainerError(.inputOutput)`.
  public func commit() throws(TrainerError) -> String {
    precondition(remaining == 0, "the tensors lack \(remaining) bytes")
    try file.commit()
    return hash.take()!.hexadecimal()
  }
}
