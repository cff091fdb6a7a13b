import DTrainCore
import XCTest

@testable import dtrain

/// The result of an evaluation as it is printed.
final class EvaluationTextTests: XCTestCase {
  /// The columns of the table of classes end below their titles, however long the names are.
  func testNamesOfAnyLengthKeepTheColumns() {
    let classes: [JSON] = ["a", "a name that is longer than its title"].map {
      ["class": .string($0), "precision": 0.25, "recall": .null, "support": 1234]
    }
    let lines = EvaluationText.lines(["rows": 2468, "per_class": .array(classes)]).suffix(3)
    XCTAssertEqual(lines.count, 3)
    XCTAssertEqual(Set(lines.map(\.count)).count, 1, lines.joined(separator: "\n"))
    XCTAssertEqual(lines.first?.split(separator: " "), ["class", "precision", "recall", "rows"])
    for line in lines.dropFirst() {
      XCTAssertEqual(line.split(separator: " ").suffix(3), ["0.2500", "-", "1,234"])
    }
  }
}
