import XCTest

@testable import DTrainBase

final class NaturalOrderTests: XCTestCase {
  func testNaturalOrder() {
    let sorted = ["a", "a1", "a01", "a2", "a10", "a10b", "b", "b1.2", "b1.10"]
    for (i, first) in sorted.enumerated() {
      for (j, second) in sorted.enumerated() {
        let names = [first, second]
        guard names != ["a1", "a01"], names != ["a01", "a1"] else { continue }
        XCTAssertEqual(NaturalOrder.precedes(first, second), i < j, "\(names)")
      }
    }
    XCTAssertNotEqual(NaturalOrder.precedes("a1", "a01"), NaturalOrder.precedes("a01", "a1"))
  }
}
