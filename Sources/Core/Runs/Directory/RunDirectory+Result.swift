extension RunDirectory {
  /// Refuses a directory without a result that some command wants.
  ///
  /// - Parameter files: that hold the result, in the directory.
  /// - Throws: `TrainerError(.badData)` that says whether a run is there, and how it gets its result.
  package static func checkHolds(_ files: [String], in path: String) throws(TrainerError) {
    try SystemCallFailure.reported(as: .badData) { () throws(SystemCallFailure) in
      try FileSystem.checkAccess(to: "\(path)/\(files[0])")
    }
    guard !files.contains(where: { FileSystem.exists("\(path)/\($0)") }) else { return }
    try checkFinished(path)
    throw TrainerError(
      .badData,
      "\(path) holds no model (no \(files.joined(separator: ", and no "))); name a run directory, or the file of a model"
    )
  }

  /// Refuses the directory of a run that has not come to its end.
  ///
  /// - Throws: `TrainerError(.badData)`.
  package static func checkFinished(_ path: String) throws(TrainerError) {
    guard holdsRun(path), !FileSystem.exists("\(path)/summary.json") else { return }
    throw TrainerError(
      .badData,
      isBeingWritten(path)
        ? "\(path): the run is still being written; wait until it is finished"
        : "\(path): the run is not finished, it has no summary.json; finish it with \(parameter: "resume") \(Shell.word(path)) "
          + "first")
  }
}
