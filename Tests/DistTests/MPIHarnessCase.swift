import Glibc
import Launching
import XCTest

/// The numbers of ranks that every case runs at.
let rankCounts = TestTier.isLong ? [1, 2, 3, 4, 5, 7, 8] : [1, 2, 3, 7]

extension XCTestCase {
  /// Runs a case of `mpi-harness` that must find nothing wrong, and returns what it printed.
  @discardableResult
  func harness(
    _ ranks: Int, _ arguments: String..., environment: [String: String] = [:],
    timeout: Double = 120, file: StaticString = #filePath, line: UInt = #line
  ) throws -> String {
    var job = MPIJob(ranks, "mpi-harness", arguments)
    job.environment = environment
    job.timeout = timeout
    let outcome = try run(job, file: file, line: line)
    XCTAssertEqual(
      outcome.exitCode, 0, "\(outcome.output)\n\(outcome.errors)", file: file, line: line)
    let report = "\(arguments[0]): N=\(ranks), "
    XCTAssertTrue(
      outcome.output.contains(report), "no report in '\(outcome.output)'", file: file, line: line)
    XCTAssertTrue(outcome.output.contains(", 0 failures"), outcome.output, file: file, line: line)
    return outcome.output
  }

  /// Runs a job, prints one line about it, and checks what holds for every job: nothing hangs, nothing
  /// stays behind, no handle is leaked.
  func run(
    _ job: MPIJob, file: StaticString = #filePath, line: UInt = #line
  ) throws -> JobOutcome {
    let outcome = try job.run()
    let name = job.arguments.joined(separator: " ").prefix(60)
    let seconds = (outcome.seconds * 10).rounded() / 10
    print("N=\(job.ranks) \(job.program) \(name): exit \(outcome.exitCode) in \(seconds) s")
    fflush(nil)  // Seen while the tests run, also through a pipe.
    XCTAssertFalse(outcome.timedOut, "killed after \(job.timeout) s", file: file, line: line)
    XCTAssertEqual(outcome.leftBehind, 0, "processes left behind", file: file, line: line)
    XCTAssertEqual(outcome.leaks, [], "handles leaked", file: file, line: line)
    return outcome
  }
}
