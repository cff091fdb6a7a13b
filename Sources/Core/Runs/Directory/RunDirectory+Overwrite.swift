import Glibc

extension RunDirectory {
  /// Everything that a run writes into its directory, in the order in which it is removed: first what
  /// makes a run look finished, last what makes it look like a run.
  ///
  /// - Parameter results: the files that hold the result, besides those that every version wrote.
  static func ownedNames(_ results: [String]) -> [String] {
    let always = ["model.safetensors", "centers.npy", "labels.npy"]
    return ["summary.json", "stopped.json", "evaluation.json"] + always
      + results.filter { !always.contains($0) }
      + ["checkpoints", membersFolder, "metrics.jsonl", "inputs.json", "config.json"]
  }

  /// What the page of `dtrain report` is called in the directory of a run, and how it says in its head who made it.
  package static let reportName = "report.html"
  package static let reportMark = "<meta name=\"generator\" content=\"dtrain "

  /// The report of a run in a directory, which is no report of the run that replaces it; empty where there is none, or a
  /// file of somebody else.
  static func reports(in directory: String) -> [String] {
    let head = (try? FileContents.read("\(directory)/\(reportName)"))?.prefix(1024) ?? []
    return String(decoding: head, as: UTF8.self).contains(reportMark) ? [reportName] : []
  }

  /// Refuses to remove what the new run reads.
  ///
  /// - Throws: `TrainerError(.usage)`.
  static func keep(
    _ inputs: [String], from names: [String], in directory: String
  ) throws(TrainerError) {
    let removed = names.compactMap { FileSystem.resolved("\(directory)/\($0)") }
    for input in inputs {
      guard let path = FileSystem.resolved(input) else { continue }
      // Either may be a directory that holds the other.
      let isRemoved = removed.contains {
        "\($0)/".hasPrefix("\(path)/") || "\(path)/".hasPrefix("\($0)/")
      }
      try require(
        !isRemoved, .usage,
        "\(parameter: "overwrite") would remove \(input), which the run reads; name another directory with "
          + "\(parameter: "out")")
    }
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
