import DTrainCore

/// What a run directory tells of the job that writes it, apart from what stood there before.
struct SupervisedRun {
  private let directory: String
  /// The configuration that stood there before, which a new run replaces with its first file.
  private var earlier: FileIdentity?
  private let isResuming: Bool
  /// Whether a launch that is over had begun the run.
  private var wasBegun = false
  /// The request to stop that was there when the job was last launched.
  private var earlierStop: FileIdentity?

  /// The run of a command that is not yet launched.
  init(of command: SupervisedCommand) {
    directory = command.directory
    earlier = FileIdentity("\(command.directory)/config.json")
    isResuming = command.isResuming
  }

  private var stop: FileIdentity? { FileIdentity("\(directory)/stopped.json") }

  /// To be called before each launch.
  mutating func prepare() { earlierStop = stop }

  /// To be called after each launch. Where the first ones are refused, what appeared meanwhile is another's.
  mutating func note(wasRefused: Bool) {
    if !wasRefused { wasBegun = hasBegun }
    if !wasBegun { earlier = FileIdentity("\(directory)/config.json") }
  }

  /// Whether what stands there is the job's own: not an earlier run that it was to replace, nor nothing.
  var hasBegun: Bool {
    let present = FileIdentity("\(directory)/config.json")
    return present != nil && (isResuming || present != earlier)
  }

  /// The name of the job's last checkpoint; nil where there is none.
  var newestCheckpoint: String? {
    hasBegun ? RunDirectory.newestCheckpoint(in: directory) : nil
  }

  /// Whether the job that was launched last noted that it was asked to stop.
  var isAskedToStop: Bool { stop != nil && stop != earlierStop }

  /// Whether it then saved a checkpoint, too.
  var hasSavedForStop: Bool { isAskedToStop && RunDirectory.stoppedWithCheckpoint(directory) }

  /// Whether some process writes there, perhaps one that is about to die.
  var isBeingWritten: Bool { RunDirectory.isBeingWritten(directory) }
}
