import DTrainDist
import XCTest

@testable import DTrainBase
@testable import DTrainClustering

/// Centers in the cosine metric are the directions of exact sums.
final class ClusterDirectionsTests: XCTestCase {
  private struct Found {
    let centers: [Float]
    let balanced: Int
  }

  /// The centers of labelled rows; from -7 where nothing moves them.
  private func directions(
    _ fixture: ClusterFixture, clusters: Int, label: (Int) -> Int
  ) throws -> Found {
    var sums = ClusterSums(fixture.data, clusters: clusters)
    for row in 0..<fixture.rows { sums.add(row: row, to: label(row), sign: 1) }
    let (centers, balanced) = try sums.combined(with: []).totals.directions(
      after: [Float](repeating: -7, count: clusters * fixture.columns),
      labels: (0..<fixture.rows).map { Int32(label($0)) })
    return Found(centers: centers, balanced: balanced)
  }

  /// Compares with sums without rounding, whose direction in Double is within 2^-45 of itself.
  private func check(
    _ fixture: ClusterFixture, clusters: Int, weights: [Float]? = nil, _ name: String,
    label: (Int) -> Int
  ) throws {
    let found = try directions(fixture, clusters: clusters, label: label)
    XCTAssertEqual(found.balanced, 0, name)
    for cluster in 0..<clusters {
      let rows = (0..<fixture.rows).filter { label($0) == cluster }
      let sum = (0..<fixture.columns).map { column in
        var sum = ExactSum()
        for row in rows {
          sum.add(
            Double(fixture.values[row * fixture.columns + column])
              * Double(weights.map { $0[row] } ?? 1))
        }
        return sum.value
      }
      let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for column in 0..<fixture.columns {
        let exact = sum[column] / length
        let center = found.centers[cluster * fixture.columns + column]
        XCTAssertLessThanOrEqual(
          abs(Double(center) - exact), Double(Float(exact).ulp) * 0.501,
          "\(name), cluster \(cluster), column \(column)")
      }
    }
  }

  func testDirectionsAreExact() throws {
    var generator = SeededGenerator(seed: 41)
    for (rows, columns) in [(30, 1), (31, 3), (500, 40), (5000, 3)] {
      let values = generator.floats(rows * columns).map { $0 + 0.1 }
      let weights = (0..<rows).map { row in
        row % 5 == 4 ? 0 : Float.random(in: 0.1...3, using: &generator)
      }
      for weights in [nil, weights] {
        try check(
          ClusterFixture(values, columns: columns, weights: weights, metric: .cosine),
          clusters: 4, weights: weights, "\(rows) x \(columns), weighted \(weights != nil)"
        ) { $0 % 4 }
      }
      let bytes = (0..<rows * columns).map { _ in UInt8.random(in: 1...255, using: &generator) }
      try check(
        ClusterFixture(bytes: bytes, columns: columns, metric: .cosine), clusters: 3,
        "bytes, \(rows) x \(columns)"
      ) { $0 % 3 }
    }
  }

  /// Sums of numbers far below what the parts of a column hold, or that cancel to such: they are added up from the rows.
  func testSumsThatPartsLose() throws {
    var generator = SeededGenerator(seed: 42)
    let tiny = (0..<60).map { _ in Float.random(in: 1e-38...3e-38, using: &generator) }
    let values = (0..<60).flatMap { row -> [Float] in
      switch row % 3 {
      case 0: [1, tiny[row], 0]
      // Pairs of which all but the tiny part cancels.
      case 1: [1, row % 2 == 0 ? 0.5 : -0.5, tiny[row]]
      default: [3, 4, -5]
      }
    }
    let fixture = try ClusterFixture(values, columns: 3, metric: .cosine)
    let sums = ClusterSums(fixture.data, clusters: 3)
    XCTAssertEqual(sums.inexact[1...2], [true, true], "the parts hold all: nothing is tested")
    try check(fixture, clusters: 3, "tiny numbers") { $0 % 3 }
  }

  /// Rows of one direction have it as their center, whatever their lengths, their number and their weights, though its
  /// length in float32 is not 1: so they cost nothing.
  func testEqualRowsAreTheirCenter() throws {
    var generator = SeededGenerator(seed: 43)
    var inexact = 0
    for trial in 0..<300 {
      let columns = 1 + trial % 4
      let row = generator.floats(columns).map { $0 + 2 }
      let count = 1 + trial % 7
      let weights = (0..<count).map { _ in Float.random(in: 0.01...9, using: &generator) }
      let values = (0..<count).flatMap { index in
        row.map { $0 * Float(sign: .plus, exponent: index * 3, significand: 1) }
      }
      for weights in [nil, weights] {
        let fixture = try ClusterFixture(
          values, columns: columns, weights: weights, metric: .cosine)
        let found = try directions(fixture, clusters: 1) { _ in 0 }
        XCTAssertEqual(found.centers, Array(fixture.row(0)), "trial \(trial)")
        let square = fixture.row(0).reduce(0) { $0 + Double($1) * Double($1) }
        if fixture.row(0).contains(where: { Float(Double($0) / square.squareRoot()) != $0 }) {
          inexact += 1
        }
      }
    }
    XCTAssertGreaterThan(inexact, 0, "dividing once more would have changed nothing")
  }

  /// Opposite rows add up to zero, and a cluster of them keeps its center, as one without rows does; only the former is
  /// counted.
  func testOppositeRows() throws {
    let fixture = try ClusterFixture(
      [3, 4, -3, -4, 6, 8, -1.5, -2, 1, 0], columns: 2, metric: .cosine)
    let found = try directions(fixture, clusters: 3) { $0 == 4 ? 2 : 0 }
    XCTAssertEqual(found.centers, [-7, -7, -7, -7, 1, 0])
    XCTAssertEqual(found.balanced, 1)
  }

  /// A row of weight w is what w equal rows are.
  func testWeightsAreRepetitions() throws {
    var generator = SeededGenerator(seed: 44)
    let values = generator.floats(60 * 5)
    let weights = (0..<60).map { _ in Float(Int.random(in: 0...3, using: &generator)) }
    let repeated = (0..<60).flatMap { row in
      (0..<Int(weights[row])).flatMap { _ in values[row * 5..<row * 5 + 5] }
    }
    let weighted = try ClusterFixture(values, columns: 5, weights: weights, metric: .cosine)
    let plain = try ClusterFixture(repeated, columns: 5, metric: .cosine)
    let start = weights.indices.filter { weights[$0] > 0 }.prefix(5).flatMap { weighted.row($0) }
    let ends = try [weighted, plain].map { fixture in
      var configuration = ClusterConfiguration(.kmeans, clusters: 5)
      configuration.metric = .cosine
      configuration.tolerance = 0
      let driver = try LloydDriver(
        ClusterProblem(fixture.data, configuration, kernels: .available[0]), centers: start)
      var objectives: [Double] = []
      while driver.hasMore { objectives.append(try driver.iterate(raising: []).0.objective) }
      XCTAssertGreaterThan(objectives.count, 2)
      return (driver.centers, try driver.finish().objective, objectives.count)
    }
    XCTAssertEqual(ends[0].0, ends[1].0)
    XCTAssertEqual(ends[0].1, ends[1].1, accuracy: 1e-12 * ends[1].1)
    XCTAssertEqual(ends[0].2, ends[1].2)
  }
}
