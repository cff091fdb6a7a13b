import DTrainCore
import DTrainDist
import Foundation
import XCTest

final class ProcessTests: XCTestCase {
  func testPeakMemoryGrowsWithWhatIsTouched() {
    let before = ProcessMemory.peakResidentBytes
    XCTAssertGreaterThan(before, 1 << 20)
    let size = 2 * before
    let block = [UInt8](repeating: 1, count: size)
    XCTAssertEqual(block.last, 1)
    let after = ProcessMemory.peakResidentBytes
    XCTAssertGreaterThanOrEqual(after, size)
    XCTAssertLessThan(after, size + 2 * before)
  }

  func testClockRunsForwardsInSeconds() {
    let start = MonotonicClock.seconds
    usleep(20_000)
    let elapsed = MonotonicClock.seconds - start
    XCTAssertGreaterThanOrEqual(elapsed, 0.02)
    XCTAssertLessThan(elapsed, 10)
  }

  func testVersionIsSemantic() {
    XCTAssertEqual(Version.current.split(separator: ".").compactMap { Int($0) }.count, 3)
  }
}
