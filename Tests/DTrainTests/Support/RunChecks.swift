import Glibc
import Launching
import XCTest

extension XCTestCase {
  /// Runs a job, prints one line about it, and checks what holds for every job: nothing hangs, nothing
  /// stays behind, no handle is leaked.
  func run(
    _ job: MPIJob, _ name: String, file: StaticString = #filePath, line: UInt = #line
  ) throws -> JobOutcome {
    let outcome = try job.run()
    let seconds = (outcome.seconds * 10).rounded() / 10
    print("N=\(job.ranks) \(name): exit \(outcome.exitCode) in \(seconds) s")
    fflush(nil)  // Seen while the tests run, also through a pipe.
    XCTAssertFalse(
      outcome.timedOut, "\(name): killed after \(job.timeout) s", file: file, line: line)
    XCTAssertEqual(outcome.leftBehind, 0, "\(name): left behind", file: file, line: line)
    XCTAssertEqual(outcome.leaks, [], "\(name): handles leaked", file: file, line: line)
    return outcome
  }

  /// Trains with `dtrain mlp` and `--out out` in the folder, expecting success.
  @discardableResult
  func train(
    _ ranks: Int, _ arguments: [String], in folder: RunFolder, out: String = "run",
    environment: [String: String] = [:], name: String, file: StaticString = #filePath,
    line: UInt = #line
  ) throws -> JobOutcome {
    var job = MPIJob(
      ranks, "dtrain",
      ["mlp"] + arguments + ["--out", folder.file(out), "--overwrite", "--progress", "none"])
    job.environment = environment
    let outcome = try run(job, name, file: file, line: line)
    guard outcome.exitCode == 0 else {
      throw LaunchError(description: "N=\(ranks) \(name): \(outcome.output)\n\(outcome.errors)")
    }
    return outcome
  }
}

/// A run that had to succeed and did not.
struct LaunchError: Error, CustomStringConvertible {
  let description: String
}
