import DTrainBase
import DTrainData
import DTrainDist

/// A job that begins a run, or continues an earlier one in its directory.
package protocol ResumableJob {
  /// Where the data are.
  var data: DataCatalog.Options { get }
  /// When checkpoints are saved.
  var checkpoints: CheckpointPlan { get }
  /// Whether an earlier run is to be continued.
  var isResumed: Bool { get }
  /// Creates the run directory, or opens that of the run to continue.
  func openDirectory() throws(TrainerError) -> RunDirectory
  /// Becomes what an earlier run was asked to do, but for what was asked anew.
  mutating func recall(_ earlier: RunRecord) throws(TrainerError)
  /// Why there is nothing to do in a run that is to be continued; nil where there is.
  func reasonToRest(_ earlier: RunRecord) throws(TrainerError) -> String?
}

/// A run whose directory is claimed.
package struct OpenedRun {
  /// Nil on all ranks but rank 0.
  package let directory: RunDirectory?
  /// What stands in the directory of a run that is continued.
  package let earlier: RunRecord?
  /// Why there is nothing to do.
  package let reasonToRest: String?
}

extension ResumableJob {
  /// `inputs.json`: what the result does not depend on, and need not be said again to continue the run.
  package var inputs: JSON {
    .object(data.members(directory: FileSystem.workingDirectory) + checkpoints.members)
  }

  /// Claims the run directory, and takes up what an earlier run was asked to do; collective.
  ///
  /// - Parameter warn: told on rank 0 of what the user should know.
  package mutating func open(among world: Communicator, warn: (String) -> Void) throws -> OpenedRun
  {
    let job = self
    let directory = try Activity.perform("preparing the run directory") {
      try world.onRoot { try job.openDirectory() }
    }
    if let warning = directory?.lockWarning { warn(warning) }
    guard isResumed else {
      return OpenedRun(directory: directory, earlier: nil, reasonToRest: nil)
    }
    let earlier = try RunRecord(of: directory, among: world)
    var recalled = self
    try world.agree { try recalled.recall(earlier) }
    self = recalled
    return OpenedRun(
      directory: directory, earlier: earlier,
      reasonToRest: try world.agree { try recalled.reasonToRest(earlier) })
  }
}
