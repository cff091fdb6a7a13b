import DTrainDist
import KernelTable
import XCTest

@testable import DTrainCore

/// A row of weight w is what w equal rows are.
final class WeightedClusterTests: XCTestCase {
  /// Runs to the end from given centres; what a run is judged by.
  private func cluster(
    _ fixture: ClusterFixture, from centers: [Float]
  ) throws -> (centers: [Float], objective: Double, iterations: [Double]) {
    var configuration = ClusterConfiguration(clusters: centers.count / fixture.columns)
    configuration.tolerance = 0
    configuration.maximumIterations = 30
    let geometry = try ClusterGeometry(
      fixture.data, metric: .l2, clusters: configuration.clusters, kernels: .available[0])
    let driver = try LloydDriver(
      geometry, configuration, centers: centers,
      meanDistance: fixture.data.meanDistance(.l2))
    var objectives: [Double] = []
    _ = try driver.run(asking: { .init() }) { iteration, _ in
      objectives.append(iteration.objective)
      return true
    }
    return (driver.centers, try driver.finish().objective, objectives)
  }

  /// Rows of few and of many, where sums round in another way.
  func testWeightsAreRepetitions() throws {
    var generator = SeededGenerator(seed: 1)
    for (rows, columns) in [(60, 3), (5000, 3), (80, 40)] {
      let bytes = (0..<rows * columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let floats = generator.floats(rows * columns).map { $0 * 1e-3 + 7 }
      let weights = (0..<rows).map { _ in Float(Int.random(in: 0...3, using: &generator)) }
      let repeated = (0..<rows).flatMap { row in
        (0..<Int(weights[row])).flatMap { _ in row * columns..<(row + 1) * columns }
      }
      for (weighted, plain) in [
        (
          try ClusterFixture(floats, columns: columns, weights: weights),
          try ClusterFixture(repeated.map { floats[$0] }, columns: columns)
        ),
        (
          try ClusterFixture(bytes: bytes, columns: columns, weights: weights),
          try ClusterFixture(bytes: repeated.map { bytes[$0] }, columns: columns)
        ),
      ] {
        XCTAssertEqual(weighted.data.totalWeight, Double(plain.rows))
        XCTAssertEqual(
          try weighted.data.meanDistance(.l2), try plain.data.meanDistance(.l2), accuracy: 1e-6)
        // Of different rows: of equal centres one is empty, and what it takes may be one of several equal rows.
        let start = weights.indices.filter { weights[$0] > 0 }.prefix(5).flatMap {
          weighted.row($0)
        }
        let (found, expected) = (
          try cluster(weighted, from: start), try cluster(plain, from: start)
        )
        XCTAssertEqual(found.centers, expected.centers)
        XCTAssertEqual(found.objective, expected.objective, accuracy: expected.objective * 1e-12)
        XCTAssertEqual(found.iterations.count, expected.iterations.count)
        for (a, b) in zip(found.iterations, expected.iterations) {
          XCTAssertEqual(a, b, accuracy: b * 1e-9)
        }
      }
    }
  }

  /// Weighted means in 128-bit integers, with weights that no float product could sum exactly.
  func testWeightedMeansAreExact() throws {
    var generator = SeededGenerator(seed: 2)
    for rows in [50, 6000] {
      let values = (0..<rows).map { _ in Int.random(in: -(1 << 22)...1 << 22, using: &generator) }
      let weights = (0..<rows).map { _ in Int.random(in: 0...1 << 23, using: &generator) }
      let fixture = try ClusterFixture(
        values.map { Float($0) / 1024 }, columns: 1, weights: weights.map { Float($0) / 64 })
      var sums = try ClusterSums(fixture.data, clusters: 2)
      for row in 0..<rows { sums.add(row: row, to: row % 2, sign: 1) }
      let totals = try sums.combined(with: []).totals
      for cluster in 0..<2 {
        let own = (0..<rows).filter { $0 % 2 == cluster }
        let sum = own.reduce(Int128(0)) { $0 + Int128(values[$1]) * Int128(weights[$1]) }
        let weight = own.reduce(Int128(0)) { $0 + Int128(weights[$1]) }
        let mean = try XCTUnwrap(try totals.mean(of: cluster))[0]
        // Both sides times weight and 2^40: the nearest float is within half of its last digit.
        let found = Int128(Double(mean) * 0x1p50) * weight
        let error = found - sum << 40
        let step = Int128(Double(mean.ulp) * 0x1p50) * weight
        XCTAssertLessThanOrEqual(2 * (error < 0 ? -error : error), step + step >> 20)
        XCTAssertEqual(totals.weight(of: cluster), Double(weight) / 64)
      }
    }
  }

  /// Weights so far apart that the light ones' means are lost.
  func testWeightsTooFarApart() throws {
    let fixture = try ClusterFixture(
      [1, 2, 3, 4], columns: 1, weights: [3e38, 3e38, 1.1e-38, 1.1e-38])
    var sums = try ClusterSums(fixture.data, clusters: 2)
    for row in 0..<4 { sums.add(row: row, to: row / 2, sign: 1) }
    let totals = try sums.combined(with: []).totals
    XCTAssertEqual(try totals.mean(of: 0), [1.5])
    XCTAssertThrowsError(try totals.mean(of: 1)) {
      XCTAssertTrue("\($0)".contains("weights"), "\($0)")
    }
  }
}
