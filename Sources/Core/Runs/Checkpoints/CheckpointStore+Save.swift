import Glibc

extension CheckpointStore {
  /// Saves a checkpoint, then removes all but the newest `keep` of those up to its position, and those of an
  /// abandoned future: a run that was resumed from an older one counts again from there.
  ///
  /// - Parameters:
  ///   - run: the run's `config.json`, by which a checkpoint of another run is told.
  ///   - metrics: what `metrics.jsonl` durably holds.
  ///   - tensors: written from where they stand, without a copy.
  ///   - keep: at least 1.
  /// - Returns: the checkpoint's name.
  /// - Throws: `TrainerError(.inputOutput)`; the checkpoints that were there still are, unless the new one
  ///   is complete and removing an older one failed.
  /// - Complexity: O(bytes).
  package func save(
    position: Int, run: JSON, metrics: MetricsExtent, state: JSON, tensors: [TensorView], keep: Int
  ) throws(TrainerError) -> String {
    let name = name(at: position)
    let unfinished = path(of: Self.unfinishedName)
    do throws(SystemCallFailure) {
      try prepare()
      guard mkdir(unfinished.system, 0o777) == 0 else {
        throw SystemCallFailure("write", path(of: name))
      }
      try writeFiles(
        of: name, position: position, run: run, metrics: metrics, state: state,
        tensors: tensors)
      try AtomicFile.synchronizeDirectory(unfinished)
      if try positions().contains(position) { try remove(at: position) }
      guard rename(unfinished.system, path(of: name).system) == 0 else {
        throw SystemCallFailure("write", path(of: name))
      }
      try AtomicFile.synchronizeDirectory(directory)
      let all = try positions()
      let kept = all.filter { $0 <= position }.suffix(keep)
      for old in all where !kept.contains(old) { try remove(at: old) }
    } catch {
      if FileSystem.exists(unfinished) { try? FileSystem.removeTree(unfinished) }
      throw error.error(.inputOutput)
    }
    return name
  }

  /// Makes the directory, durably, and clears it of what was never finished.
  private func prepare() throws(SystemCallFailure) {
    guard FileSystem.exists(directory) else {
      guard mkdir(directory.system, 0o777) == 0 else {
        throw SystemCallFailure("create the directory", directory)
      }
      return try AtomicFile.synchronizeDirectory(AtomicFile.directory(of: directory))
    }
    try removeUnfinished()
  }

  private func writeFiles(
    of name: String, position: Int, run: JSON, metrics: MetricsExtent, state: JSON,
    tensors: [TensorView]
  ) throws(SystemCallFailure) {
    let header = TensorFile.header(
      [:], tensors.map { TensorFile.Description($0.name, type: $0.type, shape: $0.shape) })
    var file = try newFile(Self.tensorsName, of: name)
    try file.append(header)
    for tensor in tensors {
      try tensor.forEachPiece { (bytes) throws(SystemCallFailure) in try file.append(bytes) }
    }
    let (byteCount, sha256) = try file.finish()
    let manifest = CheckpointManifest(
      position: position, run: run, metrics: metrics, state: state,
      files: [.init(name: Self.tensorsName, byteCount: byteCount, sha256: sha256)])
    var manifestFile = try newFile(CheckpointManifest.name, of: name)
    try manifestFile.append(manifest.encoded())
    _ = try manifestFile.finish()
  }

  /// A file of the checkpoint that is being written; messages call it by the checkpoint's name.
  private func newFile(
    _ fileName: String, of name: String
  ) throws(SystemCallFailure) -> HashedFile {
    try HashedFile(path: "\(path(of: Self.unfinishedName))/\(fileName)", name: path(of: name))
  }
}
