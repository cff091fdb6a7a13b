import DTrainDist
import KernelTable
import XCTest

@testable import DTrainBase
@testable import DTrainClustering
@testable import DTrainData

/// Rows and centers divided by their lengths.
final class RowDirectionsTests: XCTestCase {
  /// Rows whose lengths span all that float32 has, in one column and in many: each coordinate is the exact one, rounded
  /// once, and the length is 1 as far as float32 can tell, whatever kernels compute it.
  func testDirectionsAreExact() throws {
    var generator = SeededGenerator(seed: 31)
    for columns in [1, 2, 3, 17, 300] {
      for exponent in [-149, -126, -20, 0, 20, 126] {
        let size = Float(sign: .plus, exponent: exponent, significand: 1)
        var values = generator.floats(40 * columns).map { $0 * size }
        for row in 0..<40 { values[row * columns] = row % 2 == 0 ? size : -size }
        for kernels in KernelTable.available {
          let rows = try RowBlock(copying: values, columns: columns)
          let found = try RowDirections(columns: columns, kernels: kernels)
            .directions(of: rows, named: "rows")
          check(found, values, "2^\(exponent), \(columns) columns, \(kernels.isaName)")
        }
      }
      let bytes = (0..<40 * columns).map { index in
        UInt8.random(in: index % columns == 0 ? 1...255 : 0...255, using: &generator)
      }
      let found = try RowDirections(columns: columns)
        .directions(of: RowBlock(copying: bytes, columns: columns), named: "rows")
      XCTAssertEqual(found.element, .float32)
      check(found, bytes.map { Float($0) }, "bytes, \(columns) columns")
    }
  }

  private func check(_ found: RowBlock, _ values: [Float], _ name: String) {
    let columns = found.columns
    for row in 0..<found.count {
      let own = (row * columns..<(row + 1) * columns).map { Double(values[$0]) }
      let length = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
      var square = 0.0
      for column in 0..<columns {
        let direction = found.floats(row)[column]
        let exact = own[column] / length
        XCTAssertLessThanOrEqual(
          abs(Double(direction) - exact), Double(Float(exact).ulp) * 0.501, "\(name), row \(row)")
        square += Double(direction) * Double(direction)
      }
      XCTAssertTrue(RowDirections.isUnit(square), "\(name), row \(row): length² \(square)")
    }
  }

  /// The largest deviation of a length from 1 that rounding can cause is still taken for 1; the float32 next to 1 is not.
  func testUnitLengths() {
    // Every coordinate rounded by all but half a unit in its last place, at a significand of 1.
    let most = 1 + 0x1p-23 + 0x1p-48
    XCTAssertTrue(RowDirections.isUnit(most))
    XCTAssertTrue(RowDirections.isUnit(2 - most))
    let next = Double(Float(1).nextUp)
    XCTAssertFalse(RowDirections.isUnit(next * next))
  }

  /// Centers that are directions stay as they are, to the bit; others are divided by their lengths.
  func testDirectionsStay() throws {
    var generator = SeededGenerator(seed: 32)
    for columns in [1, 2, 3, 5, 64] {
      let directions = RowDirections(columns: columns)
      let centers = generator.floats(200 * columns).map { $0 * 1e-3 + 1e-5 }
      let once = try directions.directions(of: centers, named: "centers")
      XCTAssertNotEqual(once, centers)
      XCTAssertEqual(try directions.directions(of: once, named: "centers"), once)
    }
    // No -0, though a quotient below the smallest number is rounded to it.
    let small = try RowDirections(columns: 2)
      .directions(of: [-.leastNonzeroMagnitude, 1e30], named: "centers")
    XCTAssertEqual(small, [0, 1])
    XCTAssertEqual(small[0].sign, .plus)
  }

  /// What has no direction is named.
  func testZeros() throws {
    let directions = RowDirections(columns: 2)
    let rows = try RowBlock(copying: [1, 2, 0, -0.0, 3, 4] as [Float], columns: 2, firstRow: 10)
    for (kind, words, body) in [
      (
        "rows", ["x.npy", "row 11 ", "only zeros", "cosine"],
        { _ = try directions.directions(of: rows, named: "x.npy") }
      ),
      (
        "centers", ["c.npy", "center 1 ", "only zeros"],
        { _ = try directions.directions(of: [1, 2, 0, 0], named: "c.npy") }
      ),
    ] as [(String, [String], () throws -> Void)] {
      XCTAssertThrowsError(try body(), kind) { error in
        XCTAssertEqual((error as? TrainerError)?.kind, .badData)
        for word in words { XCTAssertTrue("\(error)".contains(word), "\(error)") }
      }
    }
  }
}
