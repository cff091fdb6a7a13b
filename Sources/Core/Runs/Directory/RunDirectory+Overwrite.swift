import Glibc

extension RunDirectory {
  /// Everything that a run writes into its directory, in the order in which it is removed: first what
  /// makes a run look finished, last what makes it look like a run.
  ///
  /// - Parameter results: the files that hold the result, besides those that every version wrote.
  static func ownedNames(_ results: [String]) -> [String] {
    let always = ["model.safetensors", "centers.npy", "labels.npy"]
    return ["summary.json", "stopped.json"] + always + results.filter { !always.contains($0) }
      + ["checkpoints", membersFolder, "metrics.jsonl", "inputs.json", "config.json"]
  }

  /// Removes the given files of an earlier run, and what a killed process left of files that it never
  /// completed. Symbolic links are removed, not followed.
  package func removeOwned(_ names: [String]) throws(TrainerError) {
    do throws(SystemCallFailure) {
      for name in names where FileSystem.exists(file(name)) {
        try FileSystem.removeTree(file(name))
      }
      for name in try FileSystem.entries(of: path)
      where name.hasPrefix(AtomicFile.temporaryPrefix) {
        try FileSystem.removeTree(file(name))
      }
      if !names.isEmpty { try AtomicFile.synchronizeDirectory(path) }
    } catch {
      throw error.error(.inputOutput)
    }
  }
}
