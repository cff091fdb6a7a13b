import DTrainCore
import Glibc

/// Starts a job, and starts it again from its newest checkpoint when it fails.
struct Supervisor {
  let command: SupervisedCommand
  /// Restarts in a row that bring no new checkpoint, after which it gives up.
  let restarts: Int
  /// Seconds before the first restart; doubled for each that brings no new checkpoint.
  let backoff: Double

  /// The longest pause between two attempts, in seconds.
  private static let longestPause = 600.0

  /// Exit codes that say that another attempt would end in the same way: usage, bad data, no usable
  /// checkpoint, diverged.
  private static let hopeless: Set<Int32> = [2, 3, 4, 5]

  /// Exit codes of a launcher that was itself asked to end: mpirun's, and those of a program that died of SIGINT or
  /// SIGTERM. With any other a rank failed, and what the others were sent for that is no request.
  private static let codesOfAsked: Set<Int32> = [1, 130, 143]

  /// Seconds for which a restart waits for processes of the job before that still hold the run directory.
  private static let patience = 60.0

  /// Runs the job until it is done, was asked to stop, or is given up; returns its exit code.
  func run() throws(TrainerError) -> Int32 {
    LaunchedJob.listen()
    var run = SupervisedRun(of: command)
    var words = command.words
    var failures = 0
    var newest = run.newestCheckpoint
    while true {
      run.prepare()
      let code = try LaunchedJob(words).wait(while: { !run.isAskedToStop })
      run.note(wasRefused: code == TrainerError.Kind.usage.rawValue)
      if code == 0 { return code }
      if isHopeless(code, run) {
        if failures > 0, !run.hasBegun {
          say(
            "no run appeared in \(command.directory), seen from here: where the job runs in another directory or on "
              + "another disk, it cannot be continued; give --out an absolute path on a disk that all hosts share"
          )
        }
        return code
      }
      // mpirun that was itself asked gives 1, whatever the ranks say.
      if run.hasSavedForStop { return 75 }
      if code == 75 || LaunchedJob.isAskedToStop
        || (run.isAskedToStop && Self.codesOfAsked.contains(code))
      {
        return unsaved(code, run)
      }
      failures = run.newestCheckpoint == newest ? failures + 1 : 1
      newest = run.newestCheckpoint
      guard failures <= restarts else {
        say(
          "\(ending(code)), and \(restarts.counted("restart")) brought no new checkpoint: giving up"
        )
        return code
      }
      let pause = min(Self.longestPause, backoff * Double(1 << min(failures - 1, 20)))
      say("\(ending(code)); it starts again \(origin(newest)) in \(Int(pause.rounded(.up))) s")
      sleep(pause, while: { true })
      sleep(Self.patience, while: { run.isBeingWritten })
      if LaunchedJob.isAskedToStop {
        say(
          "asked to stop before it started again; "
            + (newest.map { "the run can be continued from \($0)" } ?? "the run has no checkpoint"))
        return code
      }
      words = next(run, newest)
    }
  }

  /// Whether another attempt would end in the same way. A directory in which a dying process still writes
  /// is refused as a mistake, and is none.
  private func isHopeless(_ code: Int32, _ run: SupervisedRun) -> Bool {
    Self.hopeless.contains(code)
      && !(code == TrainerError.Kind.usage.rawValue && run.isBeingWritten)
  }

  /// What to launch next. As long as no attempt came to begin the run, the first is repeated word by word: nothing
  /// is continued, or replaced, that nobody meant.
  private func next(_ run: SupervisedRun, _ newest: String?) -> [String] {
    if !run.hasBegun { return command.words }
    return newest == nil ? command.repeated : command.resumed
  }

  private func origin(_ newest: String?) -> String {
    newest.map { "from \($0)" } ?? "from the beginning, for there is no checkpoint,"
  }

  /// The code of a job that was asked to stop and left no checkpoint for it.
  private func unsaved(_ code: Int32, _ run: SupervisedRun) -> Int32 {
    if run.isAskedToStop {
      say(
        "the job was asked to stop and was ended before it had saved a checkpoint: "
          + (run.newestCheckpoint.map { "it can be continued from \($0)" } ?? "it has none"))
    }
    return code
  }

  private func ending(_ code: Int32) -> String {
    code > 128 ? "the job ended by signal \(code - 128)" : "the job ended with exit code \(code)"
  }

  private func say(_ text: String) {
    MPIRuntime.writeError("dtrain: \(text)\n")
  }

  /// Sleeps as long as a condition holds, unless a request to stop comes.
  private func sleep(_ seconds: Double, while holds: () -> Bool) {
    var left = seconds
    while left > 0, !LaunchedJob.isAskedToStop, holds() {
      usleep(UInt32(min(left, 0.1) * 1e6))
      left -= 0.1
    }
  }
}
