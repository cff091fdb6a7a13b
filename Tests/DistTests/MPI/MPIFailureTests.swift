import Launching
import XCTest

/// However a job fails, it ends soon, with one message and the right exit code.
final class MPIFailureTests: XCTestCase {
  func testThrowingRankEndsTheJob() throws {
    for (ranks, culprit) in [(1, 0), (2, 0), (2, 1), (3, 2), (5, 0), (8, 7)] {
      let place = ranks == 1 ? "" : "[rank \(culprit) of \(ranks) on "
      try expectFailure(
        ranks, ["throw", "\(culprit)"], code: 7,
        [place, "while counting sheep: the pasture is full"])
    }
  }

  func testAgreedFailureIsReportedByTheLowestRank() throws {
    for (ranks, culprits) in [
      (1, [0]), (3, [1]), (3, [2, 1]), (5, [0, 1, 2, 3, 4]), (8, [7, 3]),
    ] {
      let lowest = culprits.min()!
      try expectFailure(
        ranks, ["throw-agreed"] + culprits.map(String.init), code: 3,
        ["while counting sheep: a wolf on rank \(lowest)"])
    }
  }

  func testUnanimousFailureIsReportedOnce() throws {
    for ranks in [1, 2, 3, 8] {
      try expectFailure(ranks, ["throw-unanimous"], code: 5, ["no sheep left"])
    }
  }

  func testErrorOfTheLibraryIsReported() throws {
    for ranks in [2, 4] {
      try expectFailure(
        ranks, ["throw-mpi"], code: 1,
        ["[rank 0 of \(ranks) on ", "MPI_Recv failed: MPI_ERR_TRUNCATE"])
    }
  }

  func testKilledRankEndsTheJob() throws {
    for (ranks, culprit) in [(2, 1), (3, 0), (8, 5)] {
      let outcome = try run(job(ranks, ["killed", "\(culprit)"]))
      XCTAssertNotEqual(outcome.exitCode, 0, "N=\(ranks)")
      XCTAssertLessThan(outcome.seconds, startUp + 5, "N=\(ranks)")
      XCTAssertFalse(outcome.output.contains("failures"), outcome.output)
    }
  }

  func testExitWithoutFinaliseEndsTheJob() throws {
    for (ranks, culprit) in [(2, 0), (3, 1)] {
      let outcome = try run(job(ranks, ["exits", "\(culprit)"]))
      XCTAssertEqual(outcome.exitCode, 9, "N=\(ranks)")
      XCTAssertLessThan(outcome.seconds, startUp + 5, "N=\(ranks)")
    }
  }

  /// With the time to save that the shipped parameters leave, failing jobs are gone as soon.
  func testShippedParametersEndFailedJobsInTime() throws {
    let parameters = try ShippedParameters.environment()
    XCTAssertEqual(parameters["OMPI_MCA_odls_base_sigkill_timeout"], "1")
    for arguments in [["killed", "1"], ["exits", "0"], ["throw", "2"], ["throw-agreed", "1"]] {
      var job = job(4, arguments)
      job.environment = parameters
      let outcome = try run(job)
      XCTAssertNotEqual(outcome.exitCode, 0, "\(arguments)")
      let event = outcome.secondsToMessage ?? startUp
      XCTAssertLessThan(outcome.seconds - event, 5, "\(arguments)")
    }
  }

  /// What guards all these tests: a job that hangs is killed at its limit, with all its ranks.
  func testHangingJobIsKilledAtItsLimit() throws {
    var hanging = job(3, ["hangs", "1"])
    hanging.timeout = 3
    let outcome = try hanging.run()
    XCTAssertTrue(outcome.timedOut)
    XCTAssertNotEqual(outcome.exitCode, 0)
    XCTAssertLessThan(outcome.seconds, 8)
    XCTAssertEqual(outcome.leftBehind, 0)
  }

  /// Seconds that a job may take until its ranks are up, on a machine that does other work too.
  private let startUp = 5.0

  /// Seconds that a job without faults takes at this moment, and so more than its start does.
  private func soundStart(_ ranks: Int) throws -> Double {
    let outcome = try run(job(ranks, ["topology"]))
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
    return outcome.seconds
  }

  private func job(_ ranks: Int, _ arguments: [String]) -> MPIJob {
    var job = MPIJob(ranks, "mpi-harness", arguments)
    job.timeout = 40
    return job
  }

  /// Expects one message with all the words, the code, and the job's end within five seconds of it.
  private func expectFailure(
    _ ranks: Int, _ arguments: [String], code: Int32, _ words: [String], line: UInt = #line
  ) throws {
    var outcome = try run(job(ranks, arguments), line: line)
    var start = try soundStart(ranks)
    if outcome.secondsToMessage ?? 100 > start + 1 {
      // A machine that does other work too may have been slow just then: once more.
      start = try soundStart(ranks)
      outcome = try run(job(ranks, arguments), line: line)
    }
    XCTAssertEqual(outcome.exitCode, code, "N=\(ranks): \(outcome.errors)", line: line)
    let messages = outcome.messages(of: "mpi-harness")
    XCTAssertEqual(messages.count, 1, "N=\(ranks): '\(outcome.errors)'", line: line)
    for word in words where !word.isEmpty && !(messages.first ?? "").contains(word) {
      XCTFail("N=\(ranks): '\(word)' is not in \(messages)", line: line)
    }
    let message = try XCTUnwrap(outcome.secondsToMessage, "no message", line: line)
    XCTAssertLessThan(message, start + 1, "N=\(ranks): the message came late", line: line)
    XCTAssertLessThan(outcome.seconds - message, 5, "N=\(ranks): the job stayed", line: line)
  }
}
