import XCTest

@testable import DTrainData

/// Which files of two lists belong together by the numbers in their names.
final class FileNumbersTests: XCTestCase {
  private func misplaced(_ own: [String], _ other: [String]) -> Int? {
    FileNumbers(names: own).misplaced(beside: FileNumbers(names: other))
  }

  func testFilesOfTheSameNumbersInAnotherOrderAreFound() {
    let shell = [1, 10, 11, 2, 3]
    let natural = [1, 2, 3, 10, 11]
    for (own, other) in [
      ("part%", "lab%"), ("part%-of-12", "lab%-of-12"), ("day%_2024", "truth%_2024"),
      ("x%.v2", "y%.v2"), ("run%_x", "run%_y"), ("2024-%-x", "2024-%-y"), ("2024/x%", "y%"),
      ("x2024_%", "y%"), ("%x", "0%y"), ("a1_b%_c3", "l%"),
    ] {
      func names(_ form: String, _ numbers: [Int]) -> [String] {
        numbers.map { "d7/" + form.replacing("%", with: "\($0)") + ".npy" }
      }
      XCTAssertEqual(misplaced(names(own, shell), names(other, natural)), 1, own)
      XCTAssertNil(misplaced(names(own, shell), names(other, shell)), own)
      XCTAssertNil(misplaced(names(own, natural), names(other, [4, 5, 6, 7, 8])), own)
      XCTAssertNil(misplaced(names(own, natural), names(other, [1, 2, 3, 10])), own)
    }
    // By one numbering they are in order.
    XCTAssertNil(misplaced(["x1-2", "x2-1"], ["y1-2", "y2-1"]))
    XCTAssertNil(misplaced(["x", "y"], ["a", "b"]))
    XCTAssertNil(misplaced(["healthy.npy", "faulty.npy"], ["h1.npy", "f2.npy"]))
    XCTAssertNil(misplaced(["x5.npy"], ["y6.npy"]))
  }
}
