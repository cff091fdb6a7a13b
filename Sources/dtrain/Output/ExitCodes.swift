import DTrainCore

/// What the exit codes mean, for the man page and docs/EXIT-CODES.md.
enum ExitCodes {
  /// Every code that the program itself ends with, in order. Those of failures are what ``TrainerError/Kind`` and
  /// ``StallLimits`` define.
  static let all: [(code: Int32, meaning: String)] = [
    (0, "Done."),
    (1, "doctor found a problem; from other commands, a failure of no other kind."),
    (TrainerError.Kind.usage.rawValue, "Options that make no sense, alone or together."),
    (TrainerError.Kind.badData.rawValue, "Data or a model that cannot be used."),
    (TrainerError.Kind.noCheckpoint.rawValue, "No usable checkpoint."),
    (TrainerError.Kind.diverged.rawValue, "The training diverged."),
    (TrainerError.Kind.replicasDiffer.rawValue, "Copies of the parameters differ between nodes."),
    (
      TrainerError.Kind.inputOutput.rawValue,
      "A file that cannot be read or written, a full disk, or no memory."
    ),
    (70, "Ranks made different collective calls (debug builds only)."),
    (
      TrainerError.Kind.stopped.rawValue,
      "Stopped on request. Once the run has begun, a checkpoint is saved first."
    ),
    (StallLimits.exitCode, "Ranks stood still for too long."),
  ]
}
