import DTrainDist
import KernelTable
import XCTest

@testable import DTrainClustering

/// Every label is the nearest center by the definition, at every iteration, whatever is skipped.
class EuclideanAssignerTests: XCTestCase {
  /// Which assigner is tested.
  var metric: ClusterMetric { .l2 }

  private func assigner(
    _ fixture: ClusterFixture, _ clusters: Int, _ kernels: KernelTable, pruning: Bool
  ) -> any RowAssigner {
    metric.makeAssigner(
      fixture.data, clusters: clusters, leading: pruning ? leading(of: fixture) : nil,
      kernels: kernels,
      pruning: pruning)
  }

  func leading(of fixture: ClusterFixture) -> LeadingRows? {
    axes(of: fixture).flatMap {
      LeadingRows($0, of: fixture.data.centered, kernels: .available[0])
    }
  }

  /// Along which axes distances are skipped.
  func axes(of fixture: ClusterFixture) -> PrincipalAxes? { nil }

  private static let columns = [1, 2, 3, 16, 32, 33, 64, 784]
  private static let clusters = [1, 2, 16, 17, 100]

  /// Columns whose scales span 1e6, every third at 1e5; every fourth row repeated.
  func testWildColumns() throws {
    try check("wild") { generator, rows, columns in
      var values = generator.floats(rows * columns)
      for index in values.indices {
        let column = index % columns
        values[index] *= Float(Self.power(10, column % 7 - 3))
        if column % 3 == 0 { values[index] += 1e5 }
      }
      for row in stride(from: 4, to: rows, by: 4) {
        for column in 0..<columns {
          values[row * columns + column] = values[(row / 4) * columns + column]
        }
      }
      return values
    }
  }

  /// Rows in the middle between two of the first rows, which become centers, to the last bit.
  func testMiddles() throws {
    for offset: Float in [0, 1e5] {
      try check("middles at \(offset)") { generator, rows, columns in
        var values = generator.floats(rows * columns).map { $0 + offset }
        for row in 120..<rows {
          let (a, b) = (row % 17, row % 5 + 17)
          for column in 0..<columns {
            let sum = Double(values[a * columns + column]) + Double(values[b * columns + column])
            values[row * columns + column] = Float(sum / 2)
          }
        }
        return values
      }
    }
  }

  /// Integers from 0 to 3: many rows are equally far from several centers, exactly.
  func testExactTies() throws {
    try check("grid") { generator, rows, columns in
      (0..<rows * columns).map { _ in Float(Int.random(in: 0...3, using: &generator)) }
    }
  }

  func testSubnormals() throws {
    try check("subnormal") { generator, rows, columns in
      generator.floats(rows * columns, range: 1e-40)
    }
    try check("three subnormals") { generator, rows, columns in
      (0..<rows * columns).map { _ in
        Float(bitPattern: UInt32.random(in: 0...2, using: &generator))
      }
    }
  }

  func testHugeNumbers() throws {
    try check("huge") { generator, rows, columns in generator.floats(rows * columns, range: 1e30) }
    // Differences exceed the largest float, and so does the distance from the mean.
    try check("largest") { generator, rows, columns in
      (0..<rows * columns).map { _ in
        let isLow = Int.random(in: 0..<8, using: &generator) == 0
        return Float.random(in: 2e38...3.4e38, using: &generator) * (isLow ? -1 : 1)
      }
    }
  }

  /// Rows that filters leave undecided have no bounds, however far apart the centers are: here they are half way
  /// between two, and one moves away a little.
  func testRowsWithoutBounds() throws {
    let rows = [[0, 0x1p49], [0x1p101, 0], [0x1p102, 0]] as [[Float]]
    let fixture = try ClusterFixture((0..<60).flatMap { rows[$0 / 20] }, columns: 2)
    for kernels in KernelTable.available {
      for pruning in [true, false] {
        let assigner = assigner(fixture, 2, kernels, pruning: pruning)
        for centers in [[0, 0, 0x1p102, 0], [0, 0x1p49, 0x1p102, 0]] as [[Float]] {
          assigner.assign(to: centers) { _ in }
          XCTAssertEqual(
            assigner.labels, fixture.nearest(centers, kernels, metric),
            "\(kernels.isaName), pruning \(pruning), \(centers)")
        }
      }
    }
  }

  /// Groups far apart, and a single row farther still.
  func testGroups() throws {
    try check("groups") { generator, rows, columns in
      var values = generator.floats(rows * columns, range: 0.01)
      for row in 0..<rows { values[row * columns] += Float(row % 5) }
      values[7 * columns] = 1e12
      return values
    }
  }

  /// Columns beside which the others are nothing, such as times in nanoseconds, and rows far apart.
  func testHugeColumns() throws {
    for (name, huge, spread) in [
      ("constant", 1.7e18, 0), ("times", 1.7e18, 1e12), ("both ends", 1e38, 2e38),
    ] as [(String, Float, Float)] {
      try check("huge column, \(name)") { generator, rows, columns in
        var values = generator.floats(rows * columns)
        for row in 0..<rows {
          values[row * columns + columns / 2] =
            huge - (spread == 0 ? 0 : Float.random(in: 0...spread, using: &generator))
        }
        return values
      }
    }
  }

  func testBytes() throws {
    for (name, most) in [("bytes", UInt8(255)), ("two bytes", 1)] {
      for columns in Self.columns {
        var generator = SeededGenerator(seed: UInt64(columns))
        let fixture = try ClusterFixture(
          bytes: (0..<300 * columns).map { _ in .random(in: 0...most, using: &generator) },
          columns: columns)
        for clusters in Self.clusters { try check(fixture, clusters, "\(name), d=\(columns)") }
      }
    }
  }

  func testConstantRows() throws {
    for value: Float in [0, 3.25, -1e30] {
      for columns in [2, 40] {
        let fixture = try ClusterFixture(
          [Float](repeating: value, count: 50 * columns), columns: columns)
        try check(fixture, 3, "constant \(value), d=\(columns)")
      }
    }
  }

  /// Centers of a start file may lie anywhere.
  func testCentersFarAway() throws {
    for columns in [5, 40] {
      var generator = SeededGenerator(seed: 8)
      for size: Float in [1, 1e-30] {
        let fixture = try ClusterFixture(
          generator.floats(100 * columns, range: size), columns: columns)
        for clusters in [1, 2, 15, 16, 20] {
          for far: Float in [1e10, 1e15, 1e17, 1e19, 3e19, 1e30, 3e38] {
            let start = (0..<clusters * columns).map { index -> Float in
              far * (1 - 0.03 * Float(index / columns)) + Float(index % columns)
            }
            let labels = fixture.nearest(start, KernelTable.available[0], metric)
            let steps = [start, fixture.means(labels, start)]
            try replay(
              fixture, steps + steps + [steps[1]], "\(clusters) centers at \(far), d=\(columns)")
          }
        }
      }
    }
  }

  // MARK: - The comparison

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1) { value, _ in exponent < 0 ? value / base : value * base }
  }

  private func check(
    _ name: String, _ make: (inout SeededGenerator, _ rows: Int, _ columns: Int) -> [Float]
  ) throws {
    for columns in Self.columns {
      var generator = SeededGenerator(seed: UInt64(columns))
      // More rows than a block of any width, and no multiple of 16.
      let fixture = try ClusterFixture(make(&generator, 300, columns), columns: columns)
      for clusters in Self.clusters { try check(fixture, clusters, "\(name), d=\(columns)") }
    }
  }

  /// Lloyd's steps from the first rows, two of them the same; then a jump back, the smallest step there is,
  /// and steps on.
  private func check(_ fixture: ClusterFixture, _ clusters: Int, _ name: String) throws {
    var start = (0..<clusters).flatMap { fixture.row($0 % fixture.rows) }
    if clusters > 2 { start.replaceSubrange(0..<fixture.columns, with: fixture.row(2)) }
    let kernels = KernelTable.available[0]
    var steps = [start]
    func move() {
      steps.append(fixture.means(fixture.nearest(steps.last!, kernels, metric), steps.last!))
    }
    for _ in 0..<3 { move() }
    steps.append(start)
    steps.append(start)
    steps[5][0] = steps[5][0].nextUp
    for _ in 0..<3 { move() }
    try replay(fixture, steps, "\(name), K=\(clusters)")
  }

  private func replay(_ fixture: ClusterFixture, _ steps: [[Float]], _ name: String) throws {
    let kernels = KernelTable.available[0]
    let expected = steps.map { fixture.nearest($0, kernels, metric) }
    for kernels in KernelTable.available {
      for pruning in [true, false] {
        let assigner = assigner(
          fixture, steps[0].count / fixture.columns, kernels, pruning: pruning)
        for round in 0..<2 {
          var told = [Int32](repeating: -1, count: fixture.rows)
          for (step, centers) in steps.prefix(round == 0 ? steps.count : 3).enumerated() {
            var isTold = true
            assigner.assign(to: centers) { changes in
              isTold = isTold && (1...LabelChange.mostAtOnce).contains(changes.count)
              for change in changes {
                isTold = isTold && told[Int(change.row)] == change.old && change.old != change.new
                told[Int(change.row)] = change.new
              }
            }
            let wrong = expected[step].indices.filter { expected[step][$0] != assigner.labels[$0] }
            let label =
              "\(name), \(kernels.isaName), pruning \(pruning), round \(round), step \(step)"
            if let row = wrong.first {
              XCTFail(
                "\(label): \(wrong.count) wrong labels; row \(row): \(assigner.labels[row]), "
                  + "not \(expected[step][row])")
              return
            }
            XCTAssertTrue(isTold && told == assigner.labels, "\(label): changes told wrongly")
            XCTAssertFalse(assigner.skipped > 0 && !pruning, "\(label): skipped")
          }
          // For another restart nothing is remembered.
          assigner.reset()
        }
      }
    }
  }

  /// Bounds do skip rows: otherwise the tests above would say nothing of them.
  func testBoundsSkip() throws {
    var generator = SeededGenerator(seed: 9)
    for columns in [5, 40] {
      var values = generator.floats(300 * columns, range: 0.1)
      for row in 0..<300 { values[row * columns] += Float(row % 5) }
      try checkSkipping(ClusterFixture(values, columns: columns))
    }
  }

  private func checkSkipping(_ fixture: ClusterFixture) throws {
    for kernels in KernelTable.available {
      let assigner = assigner(fixture, 5, kernels, pruning: true)
      var centers = (0..<5).flatMap { fixture.row($0) }
      assigner.assign(to: centers) { _ in }
      XCTAssertEqual(assigner.skipped, 0)
      centers[3] += 0.001
      assigner.assign(to: centers) { _ in }
      XCTAssertGreaterThan(assigner.skipped, 250)
    }
  }
}
