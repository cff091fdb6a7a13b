import DTrainDist
import XCTest

@testable import DTrainCore

/// Centres are the exact means, in 128-bit integers, rounded to Float; and stay so while rows come and go.
final class ClusterSumsTests: XCTestCase {
  /// Checks the means of labelled rows whose values are multiples of 2^-unit.
  private func check(
    _ values: [Float], columns: Int, clusters: Int, unit: Int, fine: Int, _ name: String
  ) throws {
    let fixture = try ClusterFixture(values, columns: columns)
    var sums = try ClusterSums(fixture.data, clusters: clusters)
    for row in 0..<fixture.rows { sums.add(row: row, to: row % clusters, sign: 1) }
    try check(sums, fixture, clusters, unit: unit, fine: fine, name) { $0 % clusters }
  }

  private func check(
    _ sums: ClusterSums, _ fixture: ClusterFixture, _ clusters: Int, unit: Int, fine: Int,
    _ name: String, label: (Int) -> Int
  ) throws {
    let totals = try sums.combined(with: []).totals
    for cluster in 0..<clusters {
      let rows = (0..<fixture.rows).filter { label($0) == cluster }
      XCTAssertEqual(totals.sizes[cluster], rows.count, name)
      let mean = try XCTUnwrap(try totals.mean(of: cluster), name)
      for column in 0..<fixture.columns {
        // All in units of 2^-(unit + fine).
        let exact = try rows.reduce(Int128(0)) {
          $0 + (try integer(fixture.values[$1 * fixture.columns + column], unit) << fine)
        }
        let found = try integer(mean[column], unit + fine) * Int128(rows.count)
        let step = try integer(mean[column].ulp, unit + fine) * Int128(rows.count)
        let error = 2 * (found > exact ? found - exact : exact - found)
        XCTAssertTrue(
          error <= step + step >> 20,
          "\(name), cluster \(cluster), column \(column): \(mean[column]) is not the mean")
      }
    }
  }

  private func integer(_ value: Float, _ unit: Int) throws -> Int128 {
    try XCTUnwrap(
      Int128(exactly: Double(value) * Double(sign: .plus, exponent: unit, significand: 1)),
      "\(value) is no multiple of 2^-\(unit)")
  }

  /// Multiples of 2^-10 up to 2^13 times as large in each further column, and an offset.
  func testMeansAreExact() throws {
    var generator = SeededGenerator(seed: 1)
    for rows in [3, 64, 65, 1000] {
      var values: [Float] = []
      for _ in 0..<rows {
        for size in [10, 14, 20, 23] {
          let integer = Int.random(in: -(1 << size)...(1 << size), using: &generator)
          values.append(Float(integer) / 1024 + (size == 10 ? 1024 : 0))
        }
      }
      try check(values, columns: 4, clusters: 3, unit: 10, fine: 50, "\(rows) rows")
    }
  }

  func testSubnormalMeans() throws {
    var generator = SeededGenerator(seed: 2)
    let values = (0..<400).map { _ in
      Float(bitPattern: UInt32.random(in: 0..<1 << 23, using: &generator))
    }
    let fixture = try ClusterFixture(values, columns: 2)
    var sums = try ClusterSums(fixture.data, clusters: 1)
    for row in 0..<200 { sums.add(row: row, to: 0, sign: 1) }
    let mean = try XCTUnwrap(sums.combined(with: []).totals.mean(of: 0))
    for column in 0..<2 {
      let sum = (0..<200).reduce(0) { $0 + Int(values[$1 * 2 + column].bitPattern) }
      let expected = (Double(sum) / 200).rounded(.toNearestOrEven)
      XCTAssertEqual(Double(mean[column].bitPattern), expected)
    }
  }

  func testByteMeans() throws {
    var generator = SeededGenerator(seed: 3)
    let bytes = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let fixture = try ClusterFixture(bytes: bytes, columns: 3)
    var sums = try ClusterSums(fixture.data, clusters: 7)
    for row in 0..<1000 { sums.add(row: row, to: row % 7, sign: 1) }
    try check(sums, fixture, 7, unit: 0, fine: 60, "bytes") { $0 % 7 }
  }

  /// A sentinel of 1e30 among whole numbers: both parts together are still exact.
  func testSentinel() throws {
    for sentinel: Float in [1e24, -1e30] {
      let values = (0..<64).map { row -> Float in row == 5 ? sentinel : Float(20 + row % 50) }
      try check(values, columns: 1, clusters: 4, unit: 0, fine: 19, "sentinel \(sentinel)")
    }
  }

  /// Among fractions it is not, and the run must not go on with a mean that is wrong.
  func testRangeTooWide() throws {
    for sentinel: Float in [1e30, 3e38] {
      let values = (0..<64).flatMap { row -> [Float] in
        [Float(row), row == 5 ? sentinel : 25.3 + Float(row) * 0.37]
      }
      let fixture = try ClusterFixture(values, columns: 2)
      var sums = try ClusterSums(fixture.data, clusters: 4)
      for row in 0..<64 { sums.add(row: row, to: row % 4, sign: 1) }
      let totals = try sums.combined(with: []).totals
      XCTAssertThrowsError(try totals.mean(of: 0)) { error in
        XCTAssertTrue("\(error)".contains("column 1"), "\(error)")
        XCTAssertEqual((error as? TrainerError)?.kind, .badData)
      }
      // The sentinel's own cluster has a mean that no rounding of the others can move.
      let mean = try XCTUnwrap(totals.mean(of: 1))
      XCTAssertEqual(mean[1], sentinel / 16)
    }
  }

  func testZeros() throws {
    let fixture = try ClusterFixture([0, -0.0, 0, 1, 0, -1], columns: 2)
    var sums = try ClusterSums(fixture.data, clusters: 2)
    for row in 0..<3 { sums.add(row: row, to: 0, sign: 1) }
    let totals = try sums.combined(with: []).totals
    XCTAssertEqual(try totals.mean(of: 0), [0, 0])
    XCTAssertNil(try totals.mean(of: 1))
  }

  /// Thousands of rows come and go; what is left is what was there all the time.
  func testNoDrift() throws {
    var generator = SeededGenerator(seed: 4)
    let values = (0..<900).map { index -> Float in
      let size: Float = index % 3 == 0 ? 1 : index % 3 == 1 ? 1e-7 : 1e9
      return Float.random(in: -1...1, using: &generator) * size
    }
    let fixture = try ClusterFixture(values, columns: 3)
    var sums = try ClusterSums(fixture.data, clusters: 5)
    var labels = (0..<300).map { $0 % 5 }
    for row in 0..<300 { sums.add(row: row, to: labels[row], sign: 1) }
    for _ in 0..<20_000 {
      let row = Int.random(in: 0..<300, using: &generator)
      sums.add(row: row, to: labels[row], sign: -1)
      labels[row] = Int.random(in: 0..<5, using: &generator)
      sums.add(row: row, to: labels[row], sign: 1)
    }
    var fresh = try ClusterSums(fixture.data, clusters: 5)
    for row in (0..<300).reversed() { fresh.add(row: row, to: labels[row], sign: 1) }
    let (left, expected) = (try sums.combined(with: []).totals, try fresh.combined(with: []).totals)
    for cluster in 0..<5 {
      XCTAssertEqual(try left.mean(of: cluster), try expected.mean(of: cluster))
      XCTAssertEqual(left.sizes[cluster], expected.sizes[cluster])
    }
  }
}
