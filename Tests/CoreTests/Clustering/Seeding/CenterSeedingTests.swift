import DTrainDist
import KernelTable
import XCTest

@testable import DTrainBase
@testable import DTrainClustering

/// First centers: different rows, one in each group where k-means++ draws them.
final class CenterSeedingTests: XCTestCase {
  private func centers(
    _ fixture: ClusterFixture, _ clusters: Int, _ seeding: ClusterConfiguration.Seeding,
    seed: UInt64,
    restart: Int = 0
  ) throws -> [[Float]] {
    let assigner = EuclideanAssigner(
      fixture.data, clusters: clusters, kernels: .available[0])
    let centers = try CenterSeeding(
      data: fixture.data, metric: .l2, clusters: clusters, assigner: assigner,
      generator: Philox(seed: seed, purpose: .centers), restart: restart
    ).centers(seeding)
    return (0..<clusters).map { Array(centers[$0 * fixture.columns..<($0 + 1) * fixture.columns]) }
  }

  /// All rows, each once, when there are as many clusters as rows.
  func testRandomRows() throws {
    let fixture = try ClusterFixture((0..<40).map { Float($0) }, columns: 2)
    let rows = (0..<20).map { Array(fixture.row($0)) }
    var first: Set<[Float]> = []
    for seed in 0..<30 {
      let all = try centers(fixture, 20, .random, seed: UInt64(seed))
      XCTAssertEqual(all.sorted { $0[0] < $1[0] }, rows)
      first.insert(all[0])
      XCTAssertEqual(all, try centers(fixture, 20, .random, seed: UInt64(seed)))
      XCTAssertNotEqual(all, try centers(fixture, 20, .random, seed: UInt64(seed), restart: 1))
    }
    XCTAssertGreaterThan(first.count, 10, "the first center is nearly always the same")
  }

  /// Groups of a thousandth in width at whole numbers, and with `outlier` a row at 1e12.
  private func groups(_ count: Int, outlier: Bool) throws -> ClusterFixture {
    var generator = SeededGenerator(seed: 3)
    var values = generator.floats(count * 20 * 2, range: 1e-3)
    for row in 0..<count * 20 { values[row * 2] += Float(row % count) }
    return try ClusterFixture(values + (outlier ? [1e12, 0] : []), columns: 2)
  }

  /// What leading coordinates skip changes no draw.
  func testLeadingCoordinatesLeaveTheDraws() throws {
    for (name, offset, range) in [("near 0", 0, 1), ("far away", 1e4, 1), ("wide", 0, 1e6)]
      as [(String, Float, Float)]
    {
      var generator = SeededGenerator(seed: 12)
      let columns = 64
      let direction = generator.floats(columns, range: 3 * range)
      let values = (0..<500).flatMap { row -> [Float] in
        // Every fifth row is one of ten.
        var generator = row % 5 == 0 ? SeededGenerator(seed: UInt64(row % 50)) : generator
        let share = Float.random(in: -1...1, using: &generator)
        return generator.floats(columns, range: range).enumerated().map {
          offset + $1 + share * direction[$0]
        }
      }
      let fixture = try ClusterFixture(values, columns: columns)
      let sample = AlignedFloats(count: values.count)
      for (index, value) in values.enumerated() {
        sample.base[index] = Float(fixture.data.centered.coordinate(value, index % columns))
      }
      for seeding in [ClusterConfiguration.Seeding.plusPlus, .parallel] {
        for seed in 0..<3 as Range<UInt64> {
          for kernels in KernelTable.available {
            let axes = PrincipalAxes(
              ofSample: sample, columns: columns, count: 31, kernels: kernels)
            let found = try [nil, axes].map {
              try CenterSeeding(
                data: fixture.data, metric: .l2, clusters: 30,
                assigner: ClusterMetric.l2.makeAssigner(
                  fixture.data, clusters: 30,
                  leading: $0.flatMap {
                    LeadingRows($0, of: fixture.data.centered, kernels: kernels)
                  }, kernels: kernels),
                generator: Philox(seed: seed, purpose: .centers), restart: 0
              ).centers(seeding)
            }
            XCTAssertEqual(found[0], found[1], "\(name), \(seeding), seed \(seed)")
          }
        }
      }
    }
  }

  func testPlusPlusFindsGroups() throws {
    for outlier in [false, true] {
      let fixture = try groups(5, outlier: outlier)
      let rows = Set((0..<fixture.rows).map { Array(fixture.row($0)) })
      let clusters = outlier ? 6 : 5
      for seed in 0..<20 {
        let found = try centers(fixture, clusters, .plusPlus, seed: UInt64(seed))
        XCTAssertTrue(found.allSatisfy(rows.contains), "a center is no row")
        let places = Set(found.map { $0[0].rounded() })
        XCTAssertEqual(places.count, clusters, "seed \(seed), outlier \(outlier): \(found)")
      }
    }
  }

  /// Fewer distinct rows than clusters: each is drawn, then some again.
  func testPlusPlusOfDuplicates() throws {
    for scale: Float in [1, 1e-44, 1e38] {
      let fixture = try ClusterFixture((0..<60).map { Float($0 % 3) * scale }, columns: 1)
      for seed in 0..<10 {
        let found = try centers(fixture, 7, .plusPlus, seed: UInt64(seed))
        XCTAssertEqual(Set(found), [[0], [scale], [2 * scale]])
      }
    }
  }

  /// Every seeding that goes by distances finds groups far apart, rows in 16-bit integers included.
  func testParallelFindsGroups() throws {
    for columns in [2, 40] {
      var generator = SeededGenerator(seed: 4)
      var values = generator.floats(600 * columns, range: 1e-3)
      for row in 0..<600 { values[row * columns] += Float(row % 7) }
      let fixture = try ClusterFixture(values, columns: columns)
      for seeding in [ClusterConfiguration.Seeding.parallel, .plusPlus] {
        for seed in 0..<5 {
          let found = try centers(fixture, 7, seeding, seed: UInt64(seed))
          XCTAssertEqual(found.map { $0[0].rounded() }.sorted(), (0..<7).map { Float($0) })
        }
      }
    }
  }

  /// As many clusters as distinct rows, and more: all rows, then repetitions.
  func testParallelOfFewRows() throws {
    let fixture = try ClusterFixture((0..<24).map { Float($0 / 2 % 6) }, columns: 2)
    for clusters in [6, 9] {
      let found = try centers(fixture, clusters, .parallel, seed: 1)
      XCTAssertEqual(Set(found).count, 6)
    }
  }

  /// Candidates that are the same row are one; there are others enough.
  func testParallelOfDuplicates() throws {
    let scales = (-7..<7).map { Float(sign: .plus, exponent: 8 * $0, significand: 1) }
    let fixture = try ClusterFixture((0..<1400).map { scales[$0 % 14] }, columns: 1)
    for seed in 0..<10 {
      let found = try centers(fixture, 14, .parallel, seed: UInt64(seed))
      XCTAssertEqual(Set(found).count, 14, "seed \(seed)")
    }
  }

  /// Rows are drawn by their weights, those without never.
  func testWeightedDraws() throws {
    let values = (0..<40).map { Float($0 / 2) }
    let weights = (0..<20).map { Float($0 == 3 ? 100 : $0 % 2) }
    let fixture = try ClusterFixture(values, columns: 2, weights: weights)
    for seeding in [ClusterConfiguration.Seeding.random, .plusPlus, .parallel] {
      var heavy = 0
      for seed in 0..<20 {
        let rows = try centers(fixture, 4, seeding, seed: UInt64(seed)).map { Int($0[0]) }
        XCTAssertEqual(Set(rows).count, 4)
        XCTAssertTrue(rows.allSatisfy { $0 % 2 == 1 }, "\(rows) without weight")
        if rows[0] == 3 { heavy += 1 }
      }
      // One row has 100 of the weight's 109.
      XCTAssertGreaterThan(heavy, 13, "\(seeding)")
    }
  }

  /// A group of weights beside which the others' vanish, and sums of weights that are no Float.
  func testWeightsFarApart() throws {
    for (heavy, light) in [(1e25, 1), (3e38, 1e38), (1, 1e-30)] as [(Float, Float)] {
      // The heavy rows are equal, or all centers would be among them.
      let values = (0..<140).map { Float($0 % 7) * (1 + Float($0) * 1e-4) }
      let weights = values.map { $0 < 0.5 ? heavy : light }
      let fixture = try ClusterFixture(values, columns: 1, weights: weights)
      for seeding in [ClusterConfiguration.Seeding.parallel, .plusPlus] {
        for seed in 0..<5 {
          let found = try centers(fixture, 7, seeding, seed: UInt64(seed))
          XCTAssertEqual(
            found.map { $0[0].rounded() }.sorted(), (0..<7).map { Float($0) },
            "\(seeding), \(heavy), \(light)")
        }
      }
    }
  }

  /// A factor of all weights changes their last bits, and no draw.
  func testTheUnitOfWeightsMovesNoDraw() throws {
    var generator = SeededGenerator(seed: 6)
    let values = generator.floats(400 * 3, range: 10)
    let weights = generator.floats(400, range: 1).map { abs(Double($0)) + 0.01 }
    for seeding in [ClusterConfiguration.Seeding.random, .plusPlus, .parallel] {
      for metric in ClusterMetric.allCases {
        let drawn = try [1, 100, 1e-3, 1.1, 3.7].map { factor in
          let fixture = try ClusterFixture(
            values, columns: 3, weights: weights.map { Float($0 * factor) })
          return try (0..<6).map { seed in
            try CenterSeeding(
              data: fixture.data, metric: metric, clusters: 8,
              assigner: metric.makeAssigner(fixture.data, clusters: 8, kernels: .available[0]),
              generator: Philox(seed: UInt64(seed), purpose: .centers), restart: 0
            ).centers(seeding)
          }
        }
        for other in drawn.dropFirst() {
          XCTAssertEqual(other, drawn[0], "\(seeding), \(metric)")
        }
      }
    }
  }

  /// What the filter leaves out is no nearer: costs are those of the definition.
  func testNearerPoints() throws {
    var generator = SeededGenerator(seed: 5)
    for columns in [1, 5, 33, 64] {
      let values = generator.floats(70 * columns, range: 1e3).map { $0 + 1e4 }
      for fixture in [
        try ClusterFixture(values, columns: columns),
        try ClusterFixture(bytes: values.map { UInt8(Int(abs($0)) % 256) }, columns: columns),
      ] {
        let points = Array(fixture.row(3)) + Array(fixture.row(9)) + Array(fixture.row(11))
        for kernels in KernelTable.available {
          for metric in ClusterMetric.allCases {
            try checkNearerPoints(fixture, points, kernels, metric)
          }
        }
      }
    }
  }

  private func checkNearerPoints(
    _ fixture: ClusterFixture, _ points: [Float], _ kernels: KernelTable, _ metric: ClusterMetric
  ) throws {
    let assigner = metric.makeAssigner(fixture.data, clusters: 1, kernels: kernels)
    func cost(_ row: Int, _ point: Int) -> Double {
      points.withUnsafeBufferPointer {
        assigner.cost(row: row, to: $0.baseAddress! + point * fixture.columns)
      }
    }
    var nearest = [Double](repeating: .infinity, count: 70)
    for row in 35..<70 {
      // Exactly as far as a point, or a little nearer or farther.
      let limit = cost(row, 1)
      nearest[row] = row % 3 == 0 ? limit : row % 3 == 1 ? limit.nextUp : limit.nextDown
    }
    var found = [[Double?]](repeating: [nil, nil, nil], count: 70)
    nearest.withUnsafeBufferPointer {
      assigner.forEachNearer($0, at: points, among: nil) { row, point, cost in
        found[row][point] = cost
      }
    }
    for row in 0..<70 {
      for point in 0..<3 {
        let expected = cost(row, point) < nearest[row] ? cost(row, point) : nil
        XCTAssertEqual(found[row][point], expected, "\(metric), \(fixture.columns), row \(row)")
      }
    }
    // Of few and of many points the nearest, by the lists of points near each row's center.
    for many in [points, fixture.values + points] {
      checkNearestPoints(fixture, assigner, center: Array(points[..<fixture.columns]), many)
    }
  }

  private func checkNearestPoints(
    _ fixture: ClusterFixture, _ assigner: any RowAssigner, center: [Float], _ points: [Float]
  ) {
    func cost(_ row: Int, _ points: [Float], _ point: Int) -> Double {
      points.withUnsafeBufferPointer {
        assigner.cost(row: row, to: $0.baseAddress! + point * fixture.columns)
      }
    }
    let own = (0..<fixture.rows).map { cost($0, center, 0) }
    let owners = [Int32](repeating: 0, count: fixture.rows)
    var least = [(Int, Double)?](repeating: nil, count: fixture.rows)
    own.withUnsafeBufferPointer {
      assigner.forEachNearest($0, of: owners, centers: center, at: points) {
        row, point, cost in least[row] = (point, cost)
      }
    }
    for row in 0..<fixture.rows {
      var expected: (Int, Double)?
      for point in 0..<points.count / fixture.columns {
        let cost = cost(row, points, point)
        if cost < expected?.1 ?? own[row] { expected = (point, cost) }
      }
      let name = "\(points.count / fixture.columns) points of \(fixture.columns), row \(row)"
      XCTAssertEqual(least[row]?.0, expected?.0, name)
      XCTAssertEqual(least[row]?.1, expected?.1, name)
    }
  }
}
