/// A checkpoint on this rank's disk, every byte of which was found as it was written.
package struct Checkpoint {
  /// Bytes that are read or written at a time.
  package static let pieceBytes = 1 << 20

  /// Its directory, and its name in the store.
  package let path: String, name: String
  /// What it says of itself.
  package let manifest: CheckpointManifest
  private let file: DataFile
  private let layout: TensorLayout

  /// Opens and verifies a checkpoint: the manifest's checksum, and length and hash of every file.
  ///
  /// - Parameter path: the checkpoint's directory.
  /// - Complexity: O(bytes); one piece is in memory at a time.
  package init(path: String, name: String) throws(CheckpointFault) {
    (self.path, self.name) = (path, name)
    manifest = try CheckpointManifest(
      decoding: try Self.reporting {
        let file = try DataFile(path: "\(path)/\(CheckpointManifest.name)", followsLinks: false)
        guard file.size <= CheckpointManifest.sizeLimit else {
          throw CheckpointFault(
            "\(CheckpointManifest.name) has \(file.size) bytes, which is too many")
        }
        return try file.bytes(at: 0, count: file.size)
      })
    var opened: [String: DataFile] = [:]
    for entry in manifest.files {
      opened[entry.name] = try Self.reporting { try Self.verified(entry, in: path) }
    }
    guard let file = opened[CheckpointStore.tensorsName] else {
      throw CheckpointFault("\(CheckpointManifest.name) names no \(CheckpointStore.tensorsName)")
    }
    self.file = file
    do throws(TensorFileFault) {
      let beginning = try Self.bytes(of: file, 0..<min(9, file.size))
      let count = try TensorLayout.headerCount(beginning[...], fileSize: file.size)
      layout = try TensorLayout(
        header: try Self.bytes(of: file, 8..<8 + count), fileSize: file.size)
    } catch {
      throw CheckpointFault("\(CheckpointStore.tensorsName): \(error.problem)")
    }
  }

  /// What tensors it holds.
  package var tensors: [TensorLayout.Entry] { layout.entries }

  private static func verified(
    _ entry: CheckpointManifest.File, in path: String
  ) throws -> DataFile {
    let file = try DataFile(path: "\(path)/\(entry.name)", followsLinks: false)
    guard file.size == entry.byteCount else {
      throw CheckpointFault(
        "\(entry.name) has \(file.size) bytes instead of \(entry.byteCount)")
    }
    var hash = SHA256()
    for start in stride(from: 0, to: file.size, by: pieceBytes) {
      hash.update(try file.bytes(at: start, count: pieceBytes))
    }
    guard hash.hexadecimal() == entry.sha256 else {
      throw CheckpointFault("\(entry.name) does not match its checksum")
    }
    return file
  }

  private static func bytes(
    of file: DataFile, _ range: Range<Int>
  ) throws(TensorFileFault) -> [UInt8] {
    do {
      return try file.bytes(at: range.lowerBound, count: range.count)
    } catch {
      throw TensorFileFault("\(error)")
    }
  }

  private static func reporting<R>(_ body: () throws -> R) throws(CheckpointFault) -> R {
    do {
      return try body()
    } catch let fault as CheckpointFault {
      throw fault
    } catch {
      throw CheckpointFault(reading: error)
    }
  }

  /// Bytes of a tensor.
  ///
  /// - Parameters:
  ///   - count: the elements that the tensor must have.
  ///   - range: bytes from the tensor's start.
  /// - Throws: `TrainerError(.noCheckpoint)` where there is no such tensor, or what reading throws.
  package func bytes(
    of tensor: String, type: TensorFile.ElementType, count: Int, _ range: Range<Int>
  ) throws -> [UInt8] {
    guard let entry = layout[tensor], entry.type == type, entry.shape == [count] else {
      throw TrainerError(
        .noCheckpoint,
        "the checkpoint \(name) holds no \(tensor) of \(count) elements, as this run needs it; it is of "
          + "another run or another version of dtrain")
    }
    return try file.bytes(at: entry.range.lowerBound + range.lowerBound, count: range.count)
  }
}
