/// The checkpoint that a run continues from: on rank 0's disk, read by all ranks together.
package struct ResumePoint {
  /// The checkpoint's name.
  package let name: String
  /// What `metrics.jsonl` held when it was saved.
  package let metrics: MetricsExtent
  /// What the run recorded besides the tensors.
  package let state: JSON

  private let world: Communicator
  /// Rank 0's; nil elsewhere.
  private let checkpoint: Checkpoint?
  /// Bytes that travel at a time.
  package static let pieceBytes = 4 << 20

  /// Finds the newest usable checkpoint of a store that rank 0 knows; collective.
  ///
  /// - Parameters:
  ///   - configuration: the `config.json` of the run to continue.
  ///   - changeable: its members that may differ from what the checkpoint says.
  /// - Throws: `TrainerError(.noCheckpoint)`, agreed by all ranks, where none is usable or the newest is of
  ///   another run.
  package init(
    newestOf store: CheckpointStore?, of configuration: JSON, changeable: Set<String>,
    among world: Communicator, advise: (RunAdvice) -> Void
  ) throws {
    self.world = world
    var found: Checkpoint?
    let text = try world.fromRoot {
      found = try store?.newest(advise: advise)
      try found?.check(isOf: configuration, changeable: changeable)
      return found?.manifest.encoded() ?? []
    }
    checkpoint = found
    let manifest: CheckpointManifest
    do throws(CheckpointFault) {
      manifest = try CheckpointManifest(decoding: text)
    } catch {
      preconditionFailure("rank 0 sent its own manifest: \(error.problem)")
    }
    name = try world.broadcast(found?.name ?? "")
    metrics = manifest.metrics
    state = manifest.state
  }

  /// The error of a checkpoint that does not hold what this run needs.
  package var isForeign: TrainerError {
    TrainerError(.noCheckpoint, "the checkpoint \(name) is of another run or another version")
  }

  /// Passes the bytes of a tensor, piece by piece, to `store`; collective.
  ///
  /// - Parameters:
  ///   - count: the elements that the tensor must have.
  ///   - store: called on every rank with the offset of a piece in the tensor, in bytes.
  /// - Throws: `TrainerError(.noCheckpoint)`, agreed by all ranks, where there is no such tensor.
  /// - Complexity: O(bytes), of which 4 MiB are in memory at a time.
  package func read(
    _ tensor: String, type: TensorFile.ElementType, count: Int,
    _ store: (_ offset: Int, _ bytes: UnsafeRawBufferPointer) -> Void
  ) throws {
    let byteCount = count * type.byteCount
    for start in stride(from: 0, to: max(byteCount, 1), by: Self.pieceBytes) {
      let piece = start..<min(start + Self.pieceBytes, byteCount)
      let bytes = try world.fromRoot {
        try checkpoint?.bytes(of: tensor, type: type, count: count, piece) ?? []
      }
      bytes.withUnsafeBytes { store(start, $0) }
    }
  }

  /// Fills `buffer` with a tensor on the ranks that give one; collective.
  package func read(_ tensor: String, count: Int, into buffer: UnsafeMutablePointer<Float>?) throws
  {
    try read(tensor, type: .f32, count: count) { offset, bytes in
      guard let buffer, let base = bytes.baseAddress else { return }
      UnsafeMutableRawPointer(buffer + offset / 4).copyMemory(from: base, byteCount: bytes.count)
    }
  }

  /// A tensor of float32 on all ranks; collective.
  package func floats(_ tensor: String, count: Int) throws -> [Float] {
    var values = [Float](repeating: 0, count: count)
    try values.withUnsafeMutableBufferPointer {
      try read(tensor, count: count, into: $0.baseAddress)
    }
    return values
  }

  /// A tensor of float64 on all ranks; collective.
  package func doubles(_ tensor: String, count: Int) throws -> [Double] {
    var values = [Double](repeating: 0, count: count)
    try values.withUnsafeMutableBytes { buffer in
      try read(tensor, type: .f64, count: count) { offset, bytes in
        UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + bytes.count])
          .copyMemory(from: bytes)
      }
    }
    return values
  }
}
