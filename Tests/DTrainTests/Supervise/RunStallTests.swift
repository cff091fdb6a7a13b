import Foundation
import Glibc
import Launching
import XCTest

/// A run in which a rank stands still says so and ends; one on a machine with too much to do does not.
final class RunStallTests: XCTestCase {
  func testAStoppedRankEndsTheRun() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    for (test, nodes, advice) in [
      (
        ResumeCase.mlp("stall", folder, ["--epochs", "100000"]), "0,0,1",
        "look at the network between the nodes ('dtrain doctor')"
      ),
      (
        ResumeCase.cluster(
          "stall", "kmeans", folder, ["--init", "random", "--restarts", "100000"]),
        "0", "kill -CONT"
      ),
    ] {
      let out = folder.file(test.command)
      var job = MPIJob(
        3, "dtrain",
        [test.command] + test.arguments
          + ["--out", out, "--quiet", "--stall-warning", "1s", "--stall-timeout", "3s"])
      job.environment["DTRAIN_PRETEND_NODES"] = nodes
      job.attack = { running in
        guard folder.has("\(test.command)/metrics.jsonl") else { return false }
        return running.send(SIGSTOP, to: 1)
      }
      let outcome = try run(job, "\(test.command), a rank is stopped")
      XCTAssertEqual(outcome.exitCode, 86, outcome.errors)
      for words in [
        "no progress on ", "for 1 s; after 3 s the job ends",
        "for 3 s: the job ends (exit code 86)",
        "rank 1 is stopped (process ", " waits in ", "step ", advice,
      ] { XCTAssertTrue(outcome.errors.contains(words), "'\(words)' in: \(outcome.errors)") }
    }
  }

  /// A step of seconds is many products, each of which is progress.
  func testALongStepIsNoStall() throws {
    let folder = try RunFolder()
    let job = MPIJob(
      2, "dtrain",
      [
        "mlp", "--data", "\(Program.root)/Datasets/mnist", "--hidden", "1000,1000", "--batch",
        "60000", "--shards", "32",
        "--epochs", "1", "--out", folder.file("run"), "--quiet", "--stall-warning", "1s",
        "--stall-timeout", "2s",
      ])
    let outcome = try run(job, "mlp, steps of seconds")
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
    XCTAssertFalse(outcome.errors.contains("no progress"), outcome.errors)
  }

  /// Eight ranks and twice as many busy processes as cores: slow, but no stall.
  func testALoadedMachineIsNoStall() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    var burners: [Process] = []
    for _ in 0..<2 * ProcessInfo.processInfo.activeProcessorCount {
      let burner = Process()
      burner.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
      burner.arguments = ["60", "/bin/bash", "-c", "while :; do :; done"]
      try burner.run()
      burners.append(burner)
    }
    defer { for burner in burners { burner.terminate() } }
    let test = ResumeCase.mlp(
      "load", folder, ["--epochs", TestTier.isLong ? "10000" : "1500", "--evaluate-every", "500"])
    let job = MPIJob(
      8, "dtrain",
      [test.command] + test.arguments
        + [
          "--out", folder.file("run"), "--quiet", "--stall-warning", "3s", "--stall-timeout", "9s",
        ])
    let outcome = try run(job, "mlp, loaded machine")
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
    XCTAssertFalse(outcome.errors.contains("no progress"), outcome.errors)
  }
}
