import DTrainBase
import XCTest

@testable import DTrainClustering
@testable import DTrainData

/// What is found of rows brought near 0, against one number after the other in Double.
final class CenteredRowsTests: XCTestCase {
  private func check(_ fixture: ClusterFixture) throws {
    let (data, columns) = (fixture.data, fixture.columns)
    let centered = data.centered
    let name = "\(fixture.rows) rows of \(columns)"
    func distance(_ row: Int, _ point: [Double]) -> Double {
      (0..<columns).reduce(0) { sum, column in
        let difference = Double(fixture.values[row * columns + column]) - point[column]
        return sum + difference * difference
      }
    }
    var (squares, distances) = (FixedPointSum(centered.squares.point), 0.0)
    for row in 0..<fixture.rows {
      let norm = distance(row, centered.shift.map(Double.init)).squareRoot() * centered.scale
      XCTAssertGreaterThanOrEqual(Double(centered.norms[row]), norm, "\(name), row \(row)")
      XCTAssertLessThanOrEqual(Double(centered.norms[row]), norm * (1 + 0x1p-22) + 0x1p-149, name)
      squares.add(distance(row, data.middle) * data.weight(row))
      distances += distance(row, data.center.map(Double.init)).squareRoot() * data.weight(row)
    }
    XCTAssertEqual(centered.squares.value, squares.value, name)
    XCTAssertEqual(centered.distances.value, distances, accuracy: distances * 1e-12, name)
  }

  func testAgainstPlainLoops() throws {
    var generator = SplitMix(state: 5)
    for (rows, columns) in [(1, 1), (15, 3), (16, 16), (17, 8), (100, 33), (33, 784)] {
      let bytes = (0..<rows * columns).map { _ in UInt8(generator.next() >> 56) }
      let weights = (0..<rows).map { Float($0 % 3) + 0.25 }
      try check(ClusterFixture(bytes: bytes, columns: columns))
      try check(ClusterFixture(bytes: bytes, columns: columns, weights: weights))
      let values = bytes.map { Float($0) / 7 - 1000 }
      try check(ClusterFixture(values, columns: columns))
      try check(ClusterFixture(values, columns: columns, weights: weights))
    }
  }
}
