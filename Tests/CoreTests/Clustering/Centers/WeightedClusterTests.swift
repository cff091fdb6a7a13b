import DTrainDist
import KernelTable
import XCTest

@testable import DTrainClustering

/// A row of weight w is what w equal rows are.
final class WeightedClusterTests: XCTestCase {
  /// Runs to the end from given centers; what a run is judged by.
  private func cluster(
    _ fixture: ClusterFixture, from centers: [Float], _ command: ClusterCommand,
    _ median: ClusterConfiguration.Median
  ) throws -> (centers: [Float], objective: Double, iterations: [Double]) {
    var configuration = ClusterConfiguration(command, clusters: centers.count / fixture.columns)
    configuration.tolerance = 0
    configuration.maximumIterations = 30
    configuration.median = median
    let driver = try LloydDriver(
      ClusterProblem(fixture.data, configuration, kernels: .available[0]), centers: centers)
    var objectives: [Double] = []
    while driver.hasMore { objectives.append(try driver.iterate(raising: []).0.objective) }
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
        // Of different rows: of equal centers one is empty, and what it takes may be one of several equal rows.
        let start = weights.indices.filter { weights[$0] > 0 }.prefix(5).flatMap {
          weighted.row($0)
        }
        for (command, median) in [
          (ClusterCommand.kmeans, ClusterConfiguration.Median.midpoint), (.kmedians, .midpoint),
          (.kmedians, .lower),
        ] {
          let found = try cluster(weighted, from: start, command, median)
          let expected = try cluster(plain, from: start, command, median)
          let name = "\(rows) x \(columns), \(command), \(median)"
          XCTAssertEqual(found.centers, expected.centers, name)
          XCTAssertEqual(
            found.objective, expected.objective, accuracy: expected.objective * 1e-12, name)
          XCTAssertEqual(found.iterations.count, expected.iterations.count, name)
          for (a, b) in zip(found.iterations, expected.iterations) {
            XCTAssertEqual(a, b, accuracy: b * 1e-9, name)
          }
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
      var sums = ClusterSums(fixture.data, clusters: 2)
      for row in 0..<rows { sums.add(row: row, to: row % 2, sign: 1) }
      let totals = try sums.combined(with: []).totals
      let means = try totals.means(after: [0, 0], labels: (0..<rows).map { Int32($0 % 2) })
      for cluster in 0..<2 {
        let own = (0..<rows).filter { $0 % 2 == cluster }
        let sum = own.reduce(Int128(0)) { $0 + Int128(values[$1]) * Int128(weights[$1]) }
        let weight = own.reduce(Int128(0)) { $0 + Int128(weights[$1]) }
        let mean = means[cluster]
        // Both sides times weight and 2^40: the nearest float is within half of its last digit.
        let found = Int128(Double(mean) * 0x1p50) * weight
        let error = found - sum << 40
        let step = Int128(Double(mean.ulp) * 0x1p50) * weight
        XCTAssertLessThanOrEqual(2 * (error < 0 ? -error : error), step)
        XCTAssertEqual(totals.weight(of: cluster), Double(weight) / 64)
      }
    }
  }

  /// Weighted medians by their definition, with weights that are no whole numbers.
  func testWeightedMediansAreExact() throws {
    var generator = SeededGenerator(seed: 3)
    for rows in [1, 2, 7, 4000] {
      let values = generator.floats(rows)
      let weights = (0..<rows).map { _ in
        Float(Int.random(in: 1...1 << 20, using: &generator)) * 0x1p-13
      }
      let found = try cluster(
        ClusterFixture(values, columns: 1, weights: weights), from: [0], .kmedians, .lower)
      let half = weights.reduce(0.0) { $0 + Double($1) } / 2
      var below = 0.0
      let order = values.indices.sorted { values[$0] < values[$1] }
      let middle = order.first { row in
        below += Double(weights[row])
        return below >= half
      }
      XCTAssertEqual(found.centers, [values[middle!]], "\(rows) rows")
    }
    // Equal halves: the midpoint lies between the two numbers that part them.
    for (weights, expected) in [
      ([1, 1, 2] as [Float], 5 as Float), ([0.5, 1, 1.25], 3), ([3, 1, 1], 1),
    ] {
      let found = try cluster(
        ClusterFixture([1, 3, 7], columns: 1, weights: weights), from: [0], .kmedians, .midpoint)
      XCTAssertEqual(found.centers, [expected], "\(weights)")
    }
    // Light, but enough to tell which of two equal halves is the larger one.
    let light = try cluster(
      ClusterFixture([1, 2, 50], columns: 1, weights: [0x1p40, 0x1p40, 1]), from: [0], .kmedians,
      .midpoint)
    XCTAssertEqual(light.centers, [2])
    let alone = try cluster(
      ClusterFixture([1, 2, 50], columns: 1, weights: [0x1p40, 0x1p40, 1]), from: [1, 50],
      .kmedians,
      .midpoint)
    XCTAssertEqual(alone.centers, [1.5, 50])
  }

  /// Weights so far apart that whole numbers of a quantum lose the light ones, some of which decide.
  func testMediansOfWeightsFarApart() throws {
    let tiny: Float = 0x1p-46
    for (values, weights, lower, midpoint) in [
      // The light rows are all there is beside the heavy one.
      ([0, 100, 101, 102], [1e25, 1, 1, 1000], 0, 0),
      ([100, 101, 102], [1e-30, 1e-30, 1e-30], 101, 101),
      // More than half, by a 2^-70th; half to the last bit; less than half.
      ([0, 0, 1, 1], [1, tiny * (1 + 0x1p-23), 1, tiny], 0, 0),
      ([0, 0, 1, 1], [1, tiny, 1, tiny], 0, 0.5),
      ([0, 0, 1, 1], [1, tiny, 1, tiny * (1 + 0x1p-23)], 1, 1),
      ([0, 3, 4, 9], [1, 1e-40, 1e-45, 1], 3, 3),
      ([0, 3, 4, 9], [1, 1e-45, 1e-45, 1], 3, 3.5),
    ] as [([Float], [Float], Float, Float)] {
      // A second cluster, whose weights the first one's are lost beside.
      for heavy in [[], [3e38]] as [[Float]] {
        let fixture = try ClusterFixture(
          values + heavy.map { _ in 1e6 }, columns: 1, weights: weights + heavy)
        let start: [Float] = heavy.isEmpty ? [values[0]] : [values[0], 1e6]
        for (median, expected) in [
          (ClusterConfiguration.Median.lower, lower), (.midpoint, midpoint),
        ] {
          let found = try cluster(fixture, from: start, .kmedians, median)
          XCTAssertEqual(
            found.centers[0], expected, "\(values) weighing \(weights), \(median), \(heavy)")
        }
      }
    }
  }

  /// Rows of weight 0 may be anywhere.
  func testRowsWithoutWeight() throws {
    var generator = SeededGenerator(seed: 4)
    var values = generator.floats(200)
    (values[0], values[7]) = (-3.4e38, 1e-45)
    let weights = (0..<100).map { Float($0 == 0 || $0 == 3 ? 0 : 1) }
    let fixture = try ClusterFixture(values, columns: 2, weights: weights)
    let rest = try ClusterFixture(
      (0..<100).filter { weights[$0] > 0 }.flatMap { values[2 * $0..<2 * $0 + 2] }, columns: 2)
    for command in ClusterCommand.allCases {
      let found = try cluster(fixture, from: Array(values[2..<6]), command, .midpoint)
      let expected = try cluster(rest, from: Array(values[2..<6]), command, .midpoint)
      XCTAssertEqual(found.centers, expected.centers, "\(command)")
    }
  }

  /// Weights so far apart that two parts lose the light ones.
  func testWeightsTooFarApart() throws {
    let fixture = try ClusterFixture(
      [1, 2, 3, 4, 5, 6], columns: 1, weights: [3e38, 3e38, 1.1e-38, 1.1e-38, 1e-45, 0])
    var sums = ClusterSums(fixture.data, clusters: 3)
    for row in 0..<6 { sums.add(row: row, to: row / 2, sign: 1) }
    let totals = try sums.combined(with: []).totals
    XCTAssertEqual(
      try totals.means(after: [0, 0, 0], labels: [0, 0, 1, 1, 2, 2]), [1.5, 3.5, 5])
  }
}
