import DTrainDist
import XCTest

@testable import DTrainClustering

/// Centers are the exact means, in 128-bit integers, rounded to Float; and stay so while rows come and go.
final class ClusterSumsTests: XCTestCase {
  /// Checks the means of labelled rows whose values are multiples of 2^-unit.
  private func check(
    _ values: [Float], columns: Int, clusters: Int, unit: Int, fine: Int, _ name: String
  ) throws {
    let fixture = try ClusterFixture(values, columns: columns)
    var sums = ClusterSums(fixture.data, clusters: clusters)
    for row in 0..<fixture.rows { sums.add(row: row, to: row % clusters, sign: 1) }
    try check(sums, fixture, clusters, unit: unit, fine: fine, name) { $0 % clusters }
  }

  private func check(
    _ sums: ClusterSums, _ fixture: ClusterFixture, _ clusters: Int, unit: Int, fine: Int,
    _ name: String, label: (Int) -> Int
  ) throws {
    let totals = try sums.combined(with: []).totals
    let means = try means(of: totals, fixture, label)
    for cluster in 0..<clusters {
      let rows = (0..<fixture.rows).filter { label($0) == cluster }
      XCTAssertEqual(totals.sizes[cluster], rows.count, name)
      let mean = means[cluster * fixture.columns..<(cluster + 1) * fixture.columns].map { $0 }
      for column in 0..<fixture.columns {
        // All in units of 2^-(unit + fine).
        let exact = try rows.reduce(Int128(0)) {
          $0 + (try integer(fixture.values[$1 * fixture.columns + column], unit) << fine)
        }
        let found = try integer(mean[column], unit + fine) * Int128(rows.count)
        let step = try integer(mean[column].ulp, unit + fine) * Int128(rows.count)
        let error = 2 * (found > exact ? found - exact : exact - found)
        // The middle of two Floats goes to the even one; below a power of two they lie closer.
        let isEven = mean[column].bitPattern & 1 == 0
        XCTAssertTrue(
          mean[column].significand == 1 ? error <= step : isEven ? error <= step : error < step,
          "\(name), cluster \(cluster), column \(column): \(mean[column]) is not the mean")
      }
    }
  }

  /// The means, from -7 where a cluster has none.
  private func means(
    of totals: ClusterSums.Totals, _ fixture: ClusterFixture, _ label: (Int) -> Int
  ) throws -> [Float] {
    try totals.means(
      after: [Float](repeating: -7, count: totals.sizes.count * fixture.columns),
      labels: (0..<fixture.rows).map { Int32(label($0)) })
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
    var sums = ClusterSums(fixture.data, clusters: 1)
    for row in 0..<200 { sums.add(row: row, to: 0, sign: 1) }
    let mean = try means(of: sums.combined(with: []).totals, fixture) { _ in 0 }
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
    var sums = ClusterSums(fixture.data, clusters: 7)
    for row in 0..<1000 { sums.add(row: row, to: row % 7, sign: 1) }
    try check(sums, fixture, 7, unit: 0, fine: 60, "bytes") { $0 % 7 }
  }

  /// A sentinel among whole numbers, which both parts together still hold; and among fractions, which they do not.
  func testSentinel() throws {
    for sentinel: Float in [1e24, -1e30, 3.4e38] {
      for fraction: Float in [0, 0x1p-15] {
        let column = (0..<64).map { row -> Float in
          if row == 5 { return sentinel }
          return Float(20 + row % 50) + Float(row % 7) * fraction
        }
        let values = (0..<64).flatMap { [column[$0], Float($0)] }
        let fixture = try ClusterFixture(values, columns: 2)
        var sums = ClusterSums(fixture.data, clusters: 4)
        for row in 0..<64 { sums.add(row: row, to: row % 4, sign: 1) }
        let totals = try sums.combined(with: []).totals
        let means = try means(of: totals, fixture) { $0 % 4 }
        for cluster in [0, 2, 3] {
          var exact = 0.0
          for row in stride(from: cluster, to: 64, by: 4) { exact += Double(column[row]) }
          XCTAssertEqual(means[2 * cluster], Float(exact / 16), "sentinel \(sentinel)")
        }
        XCTAssertEqual(means[2], sentinel / 16)
      }
    }
  }

  /// Means that lie a little beside the middle of two Floats, where rounding to Double first goes wrong; on it; and
  /// numbers below what the largest leaves of two parts.
  func testMeansNextToTheMiddle() throws {
    let step: Float = 0x1p-22
    for (values, expected) in [
      ([2 + step, 2, 0x1p-60, 0], 1 + 0x1p-23),
      ([2 + step, 2, -0x1p-60, 0], 1),
      ([2 + step, 2, 0, 0], 1),
      ([2 + 3 * step, 2 + 2 * step, 0, 0], 1 + 0x1p-22),
      ([2 + 3 * step, 2 + 2 * step, 0x1p-60, 0], 1 + 0x1p-22 + 0x1p-23),
      ([2 + 2 * step, 2 + 3 * step, 0, -0x1p-60], 1 + 0x1p-22),
      ([-2 - step, -2, -0x1p-60, 0], -1 - 0x1p-23),
      ([-(2 + step), -1, -1, 0x1p-49], -1),
      ([-(2 + step), -1, -1, -0x1p-49], -1 - 0x1p-23),
      ([2 + step, 1, 1, -0x1p-49], 1),
      ([2 + step, 1, 1, 0x1p-49], 1 + 0x1p-23),
      ([0x1p-149, 0, 0, 0], 0),
      ([0x1p-149, 0x1p-149, 0, 0], 0),
      ([0x1p-148, 0x1p-149, 0, 0], 0x1p-149),
      ([.greatestFiniteMagnitude, .greatestFiniteMagnitude], .greatestFiniteMagnitude),
    ] as [([Float], Float)] {
      for sentinel: Float in [0, 1e20, -1e38] {
        let fixture = try ClusterFixture(values + [sentinel], columns: 1)
        var sums = ClusterSums(fixture.data, clusters: 3)
        let label = { $0 < values.count ? 0 : 2 }
        for row in 0..<fixture.rows { sums.add(row: row, to: label(row), sign: 1) }
        XCTAssertEqual(
          try means(of: sums.combined(with: []).totals, fixture, label), [expected, -7, sentinel],
          "\(values), \(sentinel)")
      }
    }
  }

  func testZeros() throws {
    let fixture = try ClusterFixture([0, -0.0, 0, 1, 0, -1], columns: 2)
    var sums = ClusterSums(fixture.data, clusters: 2)
    for row in 0..<3 { sums.add(row: row, to: 0, sign: 1) }
    let totals = try sums.combined(with: []).totals
    XCTAssertEqual(try means(of: totals, fixture) { _ in 0 }, [0, 0, -7, -7])
  }

  /// Thousands of rows come and go; what is left is what was there all the time.
  func testNoDrift() throws {
    var generator = SeededGenerator(seed: 4)
    let values = (0..<900).map { index -> Float in
      let size: Float = index % 3 == 0 ? 1 : index % 3 == 1 ? 1e-7 : 1e9
      return Float.random(in: -1...1, using: &generator) * size
    }
    let fixture = try ClusterFixture(values, columns: 3)
    var sums = ClusterSums(fixture.data, clusters: 5)
    var labels = (0..<300).map { $0 % 5 }
    for row in 0..<300 { sums.add(row: row, to: labels[row], sign: 1) }
    for _ in 0..<20_000 {
      let row = Int.random(in: 0..<300, using: &generator)
      sums.add(row: row, to: labels[row], sign: -1)
      labels[row] = Int.random(in: 0..<5, using: &generator)
      sums.add(row: row, to: labels[row], sign: 1)
    }
    var fresh = ClusterSums(fixture.data, clusters: 5)
    for row in (0..<300).reversed() { fresh.add(row: row, to: labels[row], sign: 1) }
    let (left, expected) = (try sums.combined(with: []).totals, try fresh.combined(with: []).totals)
    XCTAssertEqual(
      try means(of: left, fixture) { labels[$0] }, try means(of: expected, fixture) { labels[$0] })
    XCTAssertEqual(left.sizes, expected.sizes)
  }
}
