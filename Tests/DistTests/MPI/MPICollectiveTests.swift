import XCTest

/// What `DTrainDist` does on several ranks, each number of them its own `mpirun`.
final class MPICollectiveTests: XCTestCase {
  func testReductions() throws { try atEveryRankCount("reduce") }
  func testBroadcasts() throws { try atEveryRankCount("broadcast") }
  func testGathers() throws { try atEveryRankCount("gather") }
  func testMessages() throws { try atEveryRankCount("messages") }
  func testMessageLongerThanItsBuffer() throws { try atEveryRankCount("too-long", from: 2) }
  func testAgreement() throws { try atEveryRankCount("agreement") }
  func testReplicas() throws { try atEveryRankCount("replicas", from: 2) }
  func testSharedMemory() throws { try atEveryRankCount("shared") }
  func testSharedMemoryRefusedToOneRank() throws { try atEveryRankCount("shared-refused") }
  func testSharedMemoryTurnedOff() throws { try atEveryRankCount("shared-unwanted") }
  func testNodeOrder() throws { try atEveryRankCount("topology") }
  func testExchange() throws { try atEveryRankCount("exchange") }
  func testExchangeOfSomeShards() throws { try atEveryRankCount("exchange-absent") }
  func testExchangeOfFlags() throws { try atEveryRankCount("exchange-flags") }

  private func atEveryRankCount(
    _ name: String, from first: Int = 1, file: StaticString = #filePath, line: UInt = #line
  ) throws {
    for ranks in rankCounts where ranks >= first {
      try harness(ranks, name, file: file, line: line)
    }
  }
}
