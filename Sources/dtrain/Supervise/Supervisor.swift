import DTrainCore
import DTrainDist
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

  /// Runs the job until it is done, was asked to stop, or is given up; returns its exit code.
  func run() throws(TrainerError) -> Int32 {
    LaunchedJob.listen()
    var words = command.words
    var failures = 0
    var newest = newestCheckpoint
    while true {
      let code = try LaunchedJob(words).wait()
      if code == 0 || Self.hopeless.contains(code) { return code }
      // mpirun that was itself asked gives 1, whatever the ranks say.
      if code == 75 || hasStopped || LaunchedJob.isAskedToStop { return hasStopped ? 75 : code }
      failures = newestCheckpoint == newest ? failures + 1 : 1
      newest = newestCheckpoint
      guard failures <= restarts else {
        say("\(ending(code)), and \(restarts) restarts brought no new checkpoint: giving up")
        return code
      }
      let pause = min(Self.longestPause, backoff * Double(1 << min(failures - 1, 20)))
      say("\(ending(code)); it starts again \(origin) in \(Int(pause.rounded(.up))) s")
      sleep(pause)
      if LaunchedJob.isAskedToStop { return code }
      words = newest == nil ? command.repeated : command.resumed
    }
  }

  /// The name of the run's last checkpoint; nil where there is none.
  private var newestCheckpoint: String? {
    RunDirectory.newestCheckpoint(in: command.directory)
  }

  /// Whether the run says that it stopped on request.
  private var hasStopped: Bool { access("\(command.directory)/stopped.json", F_OK) == 0 }

  private var origin: String {
    newestCheckpoint.map { "from \($0)" } ?? "from the beginning, for there is no checkpoint,"
  }

  private func ending(_ code: Int32) -> String {
    code > 128 ? "the job ended by signal \(code - 128)" : "the job ended with exit code \(code)"
  }

  private func say(_ text: String) {
    MPIRuntime.writeError("dtrain: \(text)\n")
  }

  /// Sleeps, unless a request to stop comes.
  private func sleep(_ seconds: Double) {
    var left = seconds
    while left > 0, !LaunchedJob.isAskedToStop {
      usleep(UInt32(min(left, 0.1) * 1e6))
      left -= 0.1
    }
  }
}
