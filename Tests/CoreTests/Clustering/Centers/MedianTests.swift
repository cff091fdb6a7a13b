import DTrainDist
import KernelTable
import XCTest

@testable import DTrainClustering

/// Medians of clusters are those of their sorted values, whatever the values, and stay so while rows change
/// cluster.
final class MedianTests: XCTestCase {
  /// An assigner that only keeps labels.
  private final class GivenLabels: RowAssigner {
    let state: AssignedRows
    private let fixture: ClusterFixture
    private var centers: [Float] = []

    init(_ fixture: ClusterFixture) {
      self.fixture = fixture
      state = AssignedRows(fixture.data, bounds: nil)
    }

    func assign(to newCenters: [Float], changed: (UnsafeBufferPointer<LabelChange>) -> Void) {
      centers = newCenters
    }
    func cost(row: Int, center: Int) -> Double {
      let start = center * fixture.columns
      return zip(fixture.row(row), centers[start..<start + fixture.columns])
        .reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) }
    }
    func cost(row: Int, to point: UnsafePointer<Float>) -> Double {
      fixture.row(row).enumerated().reduce(0) { $0 + abs(Double($1.1) - Double(point[$1.0])) }
    }
    // No first centers are chosen.
    func forEachNearer(
      _: UnsafeBufferPointer<Double>, at _: [Float], among _: RowChoice?,
      _: (Int, Int, Double) -> Void
    ) {}
    func forEachNearest(
      _: UnsafeBufferPointer<Double>, of _: UnsafePointer<Int32>, centers _: [Float],
      at _: [Float], _: (Int, Int, Double) -> Void
    ) {}
    func costs(of _: [Float], at _: [Float]) -> [Double] { [] }
  }

  private func sorted(_ fixture: ClusterFixture, _ labels: [Int32], _ cluster: Int, _ column: Int)
    -> [Float]
  {
    labels.indices.filter { Int(labels[$0]) == cluster }
      .map { fixture.values[$0 * fixture.columns + column] }.sorted()
  }

  /// Rows change cluster in several rounds of different extent; all medians and costs are compared each time.
  ///
  /// - Returns: the most rounds of refinement that a round needed.
  @discardableResult
  private func check(
    _ fixture: ClusterFixture, _ clusters: Int, _ name: String,
    _ median: ClusterConfiguration.Median = .midpoint, label: ((Int) -> Int)? = nil
  ) throws -> Int {
    let assigner = GivenLabels(fixture)
    let brackets = try BracketMedians(
      fixture.data, clusters: clusters, median: median, kernels: .available[0], assigner: assigner)
    let coded =
      fixture.data.rows.element == .uint8
      ? []
      : try [8, 10].map { bits in
        try CodedMedians(
          fixture.data, clusters: clusters, median: median, kernels: .available[0],
          assigner: assigner, binBits: bits)
      }
    let rules: [any CenterUpdate] =
      [brackets]
      + (coded.isEmpty
        ? [try ByteMedians(fixture.data, clusters: clusters, median: median)] : coded)
    var generator = SeededGenerator(seed: UInt64(fixture.rows))
    var centers = (0..<clusters).flatMap { fixture.row($0 % fixture.rows) }
    var rounds = 0
    for (step, share) in [1, 0.3, 0.05, 0.005, 0, 0.5].enumerated() {
      for row in 0..<fixture.rows where Double.random(in: 0..<1, using: &generator) < share {
        let new = label?(row + step) ?? Int.random(in: 0..<clusters, using: &generator)
        let old = Int(assigner.labels[row])
        guard new != old else { continue }
        for rule in rules {
          rule.move(row: row, from: old, to: new)
        }
        assigner.relabel(row: row, to: new)
      }
      assigner.assign(to: centers) { _ in }
      let cost = (0..<fixture.rows).reduce(0.0) {
        $0 + assigner.cost(row: $1, center: Int(assigner.labels[$1]))
      }
      var expected = centers
      for cluster in 0..<clusters {
        for column in 0..<fixture.columns {
          let values = sorted(fixture, assigner.labels, cluster, column)
          guard !values.isEmpty else { continue }
          let (a, b) = (values[(values.count - 1) / 2], values[values.count / 2])
          let sum = a + b
          expected[cluster * fixture.columns + column] =
            median == .lower || a == b ? a : sum.isFinite ? sum / 2 : a / 2 + b / 2
        }
      }
      for rule in rules {
        let sizes = try rule.combine(with: [5], around: centers).sizes
        XCTAssertEqual(
          sizes, (0..<clusters).map { k in assigner.labels.count { Int($0) == k } }, name)
        let (best, objective) = try rule.centers(after: centers)
        XCTAssertEqual(best, expected, "\(name), step \(step), \(rule)")
        XCTAssertFalse(best.contains { $0 == 0 && $0.sign == .minus }, "\(name): -0")
        XCTAssertEqual(
          objective, cost, accuracy: 0x1p-31 * cost, "\(name), step \(step), \(rule)")
      }
      rounds = max(rounds, brackets.rounds, coded.map(\.rounds).max() ?? 0)
      centers = expected
    }
    return rounds
  }

  func testFloats() throws {
    var generator = SeededGenerator(seed: 1)
    for (rows, columns, clusters) in [
      (1, 1, 1), (2, 3, 1), (5, 17, 3), (300, 3, 4), (500, 40, 7), (20_000, 5, 3),
    ] {
      let plain = generator.floats(rows * columns)
      for median in ClusterConfiguration.Median.allCases {
        try check(
          ClusterFixture(plain, columns: columns), clusters, "\(rows) x \(columns)", median)
      }
      // Columns whose scales span 1e6, at 1e5.
      let wild = plain.enumerated().map { index, value in
        value * Float([1e-3, 1, 1e3][index % columns % 3]) + 1e5
      }
      try check(ClusterFixture(wild, columns: columns), clusters, "wild, \(rows) x \(columns)")
    }
  }

  func testTies() throws {
    var generator = SeededGenerator(seed: 2)
    for most in [0, 1, 2, 1000] {
      let values = (0..<6000).map { _ in Float(Int.random(in: -most...most, using: &generator)) }
      try check(ClusterFixture(values, columns: 2), 3, "whole numbers to \(most)")
    }
    // Half are zeros of either sign, the rest anything.
    let zeros = generator.floats(6000).enumerated().map { index, value in
      index % 2 == 0 ? value : index % 4 == 1 ? 0 : -0.0
    }
    try check(ClusterFixture(zeros, columns: 3), 3, "zeros")
    // Two values, as often as each other: the middle lies between them.
    let two = (0..<4000).map { Float($0 / 2 % 2) * 2 - 1 }
    try check(ClusterFixture(two, columns: 2), 1, "two values")
    // Heat's case: rows of zeros count like any other.
    let fixture = try ClusterFixture([0, 0, 0, 0, 0, 0, 4, 4, 6, 6], columns: 2)
    try check(fixture, 1, "zero rows")
    let assigner = GivenLabels(fixture)
    let rule = try CodedMedians(
      fixture.data, clusters: 1, median: .midpoint, kernels: .available[0], assigner: assigner)
    for row in 0..<5 {
      rule.move(row: row, from: -1, to: 0)
      assigner.relabel(row: row, to: 0)
    }
    assigner.assign(to: [5, 5]) { _ in }
    _ = try rule.combine(with: [], around: [5, 5])
    XCTAssertEqual(try rule.centers(after: [5, 5]).best, [0, 0])
  }

  func testExtremes() throws {
    var generator = SeededGenerator(seed: 3)
    let subnormal = (0..<3000).map { _ in
      Float(bitPattern: UInt32.random(in: 0...9, using: &generator))
        * (Bool.random(using: &generator) ? 1 : -1)
    }
    try check(ClusterFixture(subnormal, columns: 3), 2, "subnormals")
    let huge = (0..<3000).map { _ in
      Float.random(in: 0.5...1, using: &generator) * .greatestFiniteMagnitude
        * (Int.random(in: 0..<3, using: &generator) == 0 ? -1 : 1)
    }
    try check(ClusterFixture(huge, columns: 3), 2, "huge")
    // Few enough for the values of a bin to be collected, in columns whose width is no Float.
    for rows in [5, 60, 200] {
      try check(ClusterFixture(Array(huge[..<(rows * 3)]), columns: 3), 2, "\(rows) rows, huge")
    }
    try check(
      ClusterFixture([-3.4e38, 1e38, 1.5e38, 2e38, 3.4e38], columns: 1), 1, "the last code")
    // Beside a sentinel the other rows cost next to nothing.
    let sentinel = (0..<1000).map { Float($0 % 97) / 97 } + [1e20]
    try check(ClusterFixture(sentinel, columns: 1), 2, "sentinel") { $0 < 1000 ? 0 : 1 }
    let ends = (0..<3000).map { _ in
      [Float.greatestFiniteMagnitude, -.greatestFiniteMagnitude].randomElement(using: &generator)!
    }
    try check(ClusterFixture(ends, columns: 3), 2, "the largest numbers")
    // Any bits at all, so that neighbours are of different size.
    let bits = (0..<20_000).map { _ in
      let x = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
      return x.isFinite ? x : 1
    }
    try check(ClusterFixture(bits, columns: 2), 3, "any bits")
    // An outlier, and rows that are sorted and change cluster in runs.
    let rising = (0..<20_000).map { $0 == 77 ? 1e30 : Float($0) }
    try check(ClusterFixture(rising, columns: 2), 4, "rising") { $0 / 2500 % 4 }
  }

  func testBytes() throws {
    var generator = SeededGenerator(seed: 4)
    for (rows, columns, most) in [
      (1, 1, 255), (40, 7, 255), (700, 16, 255), (700, 41, 1), (3000, 20, 4), (2000, 3, 255),
    ] {
      let bytes = (0..<rows * columns).map { _ in
        // Runs of zeros, as in images.
        Int.random(in: 0..<4, using: &generator) > 0 && most == 4
          ? 0 : UInt8.random(in: 0...UInt8(most), using: &generator)
      }
      for median in ClusterConfiguration.Median.allCases {
        try check(
          ClusterFixture(bytes: bytes, columns: columns), min(3, rows),
          "bytes to \(most), \(rows) x \(columns)", median)
      }
    }
  }

  /// Columns that bins of even width cannot divide: of extreme spread, of few numbers that lie close together in
  /// places, of one number that is most frequent.
  func testOverfullBins() throws {
    var generator = SeededGenerator(seed: 6)
    let spread = generator.floats(24_000).map { value in
      var power: Float = 1
      for _ in 0..<Int.random(in: 0..<30, using: &generator) { power *= 2 }
      return value * power
    }
    try check(ClusterFixture(spread, columns: 4), 3, "of any size")
    // Clusters far narrower than the columns, and narrower still.
    for width: Float in [0.01, 1e-4, 1e-7] {
      let narrow = generator.floats(24_000).enumerated().map { index, value in
        value * width + Float(index / 4 % 3)
      }
      try check(ClusterFixture(narrow, columns: 4), 3, "\(width) wide") { $0 % 3 }
    }
    let close = generator.floats(24_000).enumerated().map { index, value in
      // A third close to 1, to some digits; the others far away.
      index % 3 == 0 ? 1 + (value * 8).rounded() * 0x1p-20 : value * 1000
    }
    try check(ClusterFixture(close, columns: 4), 3, "close together")
    let frequent = generator.floats(24_000).enumerated().map { index, value in
      index / 4 % 5 < 3 ? 0.37 : value
    }
    for median in ClusterConfiguration.Median.allCases {
      try check(ClusterFixture(frequent, columns: 4), 3, "one frequent number", median)
    }
    let decimals = generator.floats(24_000).map { ($0 * 100).rounded() / 100 }
    try check(ClusterFixture(decimals, columns: 4), 3, "two decimals")
  }

  /// Eight rounds narrow any bracket of 32-bit keys; each part of the search needs them once at most.
  func testRoundsDoNotGrowWithRows() throws {
    var generator = SeededGenerator(seed: 5)
    var rounds: [Int] = []
    for rows in [100, 3000, 60_000] {
      let values = generator.floats(rows * 4)
      rounds.append(try check(ClusterFixture(values, columns: 4), 5, "\(rows) rows"))
    }
    XCTAssertLessThanOrEqual(rounds.max()!, 8, "\(rounds)")
  }
}
