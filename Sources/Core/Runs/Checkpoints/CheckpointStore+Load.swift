extension CheckpointStore {
  /// The newest checkpoint that is whole.
  ///
  /// - Parameter advise: told of each newer one that is not, and why.
  /// - Throws: `TrainerError(.noCheckpoint)` where none is, or where the newest is whole but of another version;
  ///   what keeps the newest from being read, such as permissions, since it may be sound. Never starts afresh in
  ///   silence.
  /// - Complexity: O(bytes) of those examined.
  func newest(advise: (RunAdvice) -> Void) throws(TrainerError) -> Checkpoint {
    let positions: [Int]
    do throws(SystemCallFailure) {
      positions = try self.positions()
    } catch {
      throw error.error(.badData)
    }
    for position in positions.reversed() {
      let name = name(at: position)
      do throws(CheckpointFault) {
        let checkpoint = try Checkpoint(path: path(of: name), name: name)
        guard checkpoint.manifest.position == position else {
          throw CheckpointFault("its manifest is of another checkpoint")
        }
        return checkpoint
      } catch {
        if let obstacle = error.obstacle { throw obstacle }
        try require(
          !error.isOfAnotherVersion, .noCheckpoint,
          "the checkpoint \(path(of: name)) was saved by another version of dtrain (\(error.problem)): continue "
            + "the run with that one")
        advise(.damagedCheckpoint(path: path(of: name), problem: error.problem))
      }
    }
    throw TrainerError(
      .noCheckpoint,
      positions.isEmpty
        ? "there is no checkpoint in \(directory): the run saved none, so it cannot be continued; start it again from "
          + "the beginning with \(parameter: "overwrite"), or, if it is finished, another one with its model as \(parameter: "init_model") (or "
          + "its centers.npy as \(parameter: "init"))"
        : "no checkpoint in \(directory) is usable: all \(positions.count) are damaged; restore them "
          + "from a copy, or start the run again with \(parameter: "overwrite")")
  }
}
