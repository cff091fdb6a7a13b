import DTrainCore

/// What a run directory tells of the job that writes it, apart from what stood there before.
struct SupervisedRun {
  private let directory: String
  /// An earlier run's configuration, which a new run replaces with its first file; nil where there is none, or
  /// where the job is to continue that very run.
  private let replaced: FileIdentity?
  /// The request to stop that was there when the job was last launched.
  private var earlierStop: FileIdentity?

  /// The run of a command that is not yet launched.
  init(of command: SupervisedCommand) {
    directory = command.directory
    replaced = command.isResuming ? nil : FileIdentity("\(command.directory)/config.json")
  }

  private var stop: FileIdentity? { FileIdentity("\(directory)/stopped.json") }

  /// To be called before each launch.
  mutating func prepare() { earlierStop = stop }

  /// Whether what stands there is still an earlier run that the job was to replace.
  var isReplacedRun: Bool {
    replaced != nil && FileIdentity("\(directory)/config.json") == replaced
  }

  /// The name of the job's last checkpoint; nil where there is none.
  var newestCheckpoint: String? {
    isReplacedRun ? nil : RunDirectory.newestCheckpoint(in: directory)
  }

  /// Whether the job that was launched last noted that it was asked to stop.
  var isAskedToStop: Bool { stop != nil && stop != earlierStop }

  /// Whether it then saved a checkpoint, too.
  var hasSavedForStop: Bool { isAskedToStop && RunDirectory.stoppedWithCheckpoint(directory) }

  /// Whether some process writes there, perhaps one that is about to die.
  var isBeingWritten: Bool { RunDirectory.isBeingWritten(directory) }
}
