import Launching
import XCTest

@testable import DTrainDist

/// Ranks that make different collective calls are told so, instead of waiting for ever or computing what is wrong.
///
/// The tests' build can compare calls (`DTRAIN_CHECKED_COLLECTIVES`, see `scripts/test`) and does where the
/// environment says so: always on, the comparison would hide that ranks run ahead of each other.
final class CollectiveCheckTests: XCTestCase {
  private static let checked = ["DTRAIN_CHECKED_COLLECTIVES": "1"]

  func testDifferentFunctions() throws {
    try expectMismatch("function", "broadcast of 3 int64 from rank 0", "barrier")
    try expectMismatch("agreement", "barrier", "agree")
    try expectMismatch("bytes", "broadcast(bytes:) from rank 0", "allGather(bytes:)")
  }

  func testDifferentOperators() throws {
    try expectMismatch("operator", "allReduce(sum) of 3 int64", "allReduce(maximum) of 3 int64")
  }

  func testDifferentElementTypes() throws {
    try expectMismatch(
      "element", "broadcast of 3 int64 from rank 0", "broadcast of 3 uint8 from rank 0")
  }

  func testDifferentRoots() throws {
    try expectMismatch(
      "root", "broadcast of 3 int64 from rank 0", "broadcast of 3 int64 from rank 1")
    try expectMismatch("gather", "gather of int64 to rank 0", "gather of int64 to rank 1")
  }

  func testDifferentCounts() throws {
    try expectMismatch("count", "allGather of 3 int64", "allGather of 0 int64")
  }

  /// Ranks 3 and 1, in this order, are a group of their own.
  func testRanksOfAGroupAreNamedAsInTheWorld() throws {
    try expectMismatch(
      4, "group", culprit: 3,
      [
        "the 2 ranks of a communicator make different collective calls, where all must make the same "
          + "(ranks are numbered as in the world):",
        "  rank 3 calls broadcast of 3 int64 from rank 1",
        "  rank 1 calls broadcast of 3 int64 from rank 3",
      ])
  }

  /// What differs as it may is not refused: counts of a gather, keys of a split, lengths of byte strings.
  func testSameCallsPass() throws {
    for name in ["reduce", "broadcast", "gather", "agreement", "shared", "topology", "exchange"] {
      for ranks in TestTier.isLong ? rankCounts.filter({ $0 > 1 }) : [3] {
        try harness(ranks, name, environment: Self.checked)
      }
    }
  }

  func testEqualCallsAreNoMismatch() {
    let call = CollectiveCall(function: .barrier)
    XCTAssertNil(CollectiveMismatch([.init(call: call, rank: 0), .init(call: call, rank: 1)]))
    XCTAssertNil(CollectiveMismatch([]))
  }

  private func expectMismatch(
    _ name: String, _ usual: String, _ other: String, line: UInt = #line
  ) throws {
    let headline = "make different collective calls, where all must make the same:"
    try expectMismatch(
      2, name, culprit: 0,
      [
        "the 2 ranks of a communicator \(headline)", "  rank 0 calls \(other)",
        "  rank 1 calls \(usual)",
      ], line: line)
    try expectMismatch(
      3, name, culprit: 1,
      [
        "the 3 ranks of a communicator \(headline)", "  each of ranks 0,2 calls \(usual)",
        "  rank 1 calls \(other)",
      ], line: line)
  }

  private func expectMismatch(
    _ ranks: Int, _ name: String, culprit: Int, _ lines: [String], line: UInt = #line
  ) throws {
    var job = MPIJob(ranks, "mpi-harness", ["mismatch", name, "\(culprit)"])
    job.environment = Self.checked
    job.timeout = 40
    let outcome = try run(job, line: line)
    XCTAssertEqual(outcome.exitCode, 70, outcome.errors, line: line)
    XCTAssertEqual(
      outcome.errors, "mpi-harness: \(lines.joined(separator: "\n"))\n", "N=\(ranks)", line: line)
  }
}
