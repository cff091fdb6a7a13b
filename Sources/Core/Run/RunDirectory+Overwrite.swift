import Glibc

extension RunDirectory {
  /// Everything that a run writes into its directory, in the order in which it is removed: first what
  /// makes a run look finished, last what makes it look like a run.
  static let ownedNames = [
    "summary.json", "stopped.json", "model.safetensors", "model.onnx", "model.npz", "centers.npy",
    "labels.npy", "checkpoints", ClusterRangeRun.folder, "metrics.jsonl", "inputs.json",
    "config.json",
  ]

  /// Removes the given files of an earlier run, and what a killed process left of files that it never
  /// completed. Symbolic links are removed, not followed.
  func removeOwned(_ names: [String]) throws(TrainerError) {
    do throws(SystemCallFailure) {
      for name in names where RunDirectory.exists(file(name)) {
        try RunDirectory.removeTree(file(name))
      }
      for name in try RunDirectory.entries(of: path)
      where name.hasPrefix(AtomicFile.temporaryPrefix) {
        try RunDirectory.removeTree(file(name))
      }
      if !names.isEmpty { try AtomicFile.synchronizeDirectory(path) }
    } catch {
      throw error.error(.inputOutput)
    }
  }

  /// Removes a file, or a directory with all that is in it; symbolic links are removed, not followed.
  package static func removeTree(_ path: String) throws(SystemCallFailure) {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw SystemCallFailure("remove", path) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      guard unlink(path) == 0 else { throw SystemCallFailure("remove", path) }
      return
    }
    for name in try entries(of: path) { try removeTree("\(path)/\(name)") }
    guard rmdir(path) == 0 else { throw SystemCallFailure("remove", path) }
  }

  /// The names in a directory, in no order.
  static func entries(of path: String) throws(SystemCallFailure) -> [String] {
    guard let directory = opendir(path) else { throw SystemCallFailure("list", path) }
    defer { closedir(directory) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw SystemCallFailure("list", path) }
    return names
  }
}
