import Glibc

/// The parameters of the best epoch so far, in a file without a name beside the run, which a process that dies leaves
/// nothing of. Rank 0 has it.
///
/// It is a file because a rule with two state vectors uses up the 3 copies of the parameters that docs/NETWORKS.md
/// promises.
/// It is hashed because a run may read it days later, as the model that it ends with.
final class BestParameters {
  /// The bytes of all parameters; 0 before the first are written.
  private(set) var byteCount = 0
  /// Where the file has no name, for messages.
  private let name: String
  private let file: NamelessFile
  /// Of each piece.
  private var hashes: [[UInt8]] = []

  /// Bytes that are read and written at a time.
  private static let pieceBytes = ResumePoint.pieceBytes

  /// Makes the file, empty, on the file system of a directory.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  init(in directory: String) throws(TrainerError) {
    name = "the best parameters in a file in \(directory)"
    let name = name
    file = try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
      try NamelessFile(in: directory, name: name)
    }
  }

  /// Writes parameters over those before.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  /// - Complexity: O(parameters).
  func keep(_ values: UnsafeBufferPointer<Float>) throws(TrainerError) {
    let bytes = UnsafeRawBufferPointer(values)
    for start in stride(from: 0, to: bytes.count, by: Self.pieceBytes) {
      let piece = bytes[start..<min(start + Self.pieceBytes, bytes.count)]
      try write(UnsafeRawBufferPointer(rebasing: piece), at: start)
    }
  }

  /// Writes a piece; one at 0 begins anew, and each other one follows the one before.
  private func write(_ bytes: UnsafeRawBufferPointer, at start: Int) throws(TrainerError) {
    if start == 0 { (byteCount, hashes) = (0, []) }
    precondition(start == byteCount && start % Self.pieceBytes == 0, "pieces out of order")
    do throws(SystemCallFailure) {
      try file.write(bytes, at: start)
    } catch {
      throw error.error(.inputOutput)
    }
    var hash = SHA256()
    hash.update(bytes)
    hashes.append(hash.digest())
    byteCount += bytes.count
  }

  /// The piece that begins at a multiple of the pieces' length.
  ///
  /// - Throws: `SystemCallFailure`, also where it is not what was written.
  private func piece(at start: Int) throws(SystemCallFailure) -> [UInt8] {
    let wanted = min(Self.pieceBytes, byteCount - start)
    var bytes = [UInt8](repeating: 0, count: wanted)
    try bytes.withUnsafeMutableBytes { buffer in
      Result { () throws(SystemCallFailure) in try file.read(into: buffer, at: start) }
    }.get()
    var hash = SHA256()
    hash.update(bytes)
    guard hash.digest() == hashes[start / Self.pieceBytes] else {
      throw SystemCallFailure("read", name, code: EIO)
    }
    return bytes
  }
}

// MARK: - Checkpoints and ranks

extension BestParameters {
  /// The parameters as a tensor of a checkpoint.
  package func tensor(_ name: String) -> TensorView {
    TensorView(name, byteCount: byteCount) { (body) throws(SystemCallFailure) in
      for start in stride(from: 0, to: self.byteCount, by: Self.pieceBytes) {
        let piece = try self.piece(at: start)
        try piece.withUnsafeBufferPointer { (bytes) throws(SystemCallFailure) in
          try body(UnsafeRawBufferPointer(bytes))
        }
      }
    }
  }

  /// Fills rank 0's file with a tensor of a checkpoint; collective.
  ///
  /// - Parameter kept: rank 0's; nil elsewhere.
  /// - Throws: `TrainerError`, agreed by all ranks.
  static func restore(
    _ kept: BestParameters?, from point: ResumePoint, _ tensor: String, count: Int,
    among world: Communicator
  ) throws {
    var failure: (any Error)?
    try point.read(tensor, type: .f32, count: count) { start, bytes in
      do { if failure == nil { try kept?.write(bytes, at: start) } } catch { failure = error }
    }
    try world.agree { if let failure { throw failure } }
  }

  /// Copies rank 0's parameters to the ranks that give a place for them; collective.
  ///
  /// - Parameter kept: rank 0's; nil elsewhere.
  /// - Throws: `TrainerError(.inputOutput)`, agreed by all ranks.
  static func spread(
    _ kept: BestParameters?, count: Int, among world: Communicator,
    into target: UnsafeMutablePointer<Float>?
  ) throws {
    for start in stride(from: 0, to: count * 4, by: pieceBytes) {
      let bytes = try world.fromRoot {
        do throws(SystemCallFailure) {
          return try kept?.piece(at: start) ?? []
        } catch {
          throw error.error(.inputOutput)
        }
      }
      guard let target else { continue }
      bytes.withUnsafeBytes {
        UnsafeMutableRawPointer(target + start / 4)
          .copyMemory(from: $0.baseAddress!, byteCount: $0.count)
      }
    }
  }
}
