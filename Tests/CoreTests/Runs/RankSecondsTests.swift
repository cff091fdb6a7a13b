import XCTest

@testable import DTrainRuns

final class RankSecondsTests: XCTestCase {
  private func split(_ ranks: [(train: Double, waiting: Double, messages: Double)]) -> [[Double]] {
    let members = RankSeconds.split(ranks.flatMap { [$0.train, $0.waiting, $0.messages] })
    XCTAssertEqual(
      members.map(\.key),
      ["computing", "waiting", "communicating"].map { "seconds_\($0)_per_rank" })
    return members.map { $0.value.items?.compactMap(\.double) ?? [] }
  }

  /// What a rank spends in messages beyond the rank with the fewest seconds there, it waits.
  func testWaitingInMessages() {
    XCTAssertEqual(
      split([(10, 0, 2), (10, 0, 5), (11, 1, 3)]), [[8, 5, 7], [0, 3, 2], [2, 2, 2]])
  }

  /// Ranks that send nothing, because others of their node do, only wait.
  func testRanksWithoutMessages() {
    XCTAssertEqual(split([(4, 1, 0.5), (4, 2, 0)]), [[2.5, 2], [1, 2], [0.5, 0]])
    XCTAssertEqual(split([(4, 1, 0)]), [[3], [1], [0]])
  }
}
