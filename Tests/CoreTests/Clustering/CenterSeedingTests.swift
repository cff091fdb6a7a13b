import DTrainDist
import KernelTable
import XCTest

@testable import DTrainCore

/// First centres: different rows, one in each group where k-means++ draws them.
final class CenterSeedingTests: XCTestCase {
  private func centers(
    _ fixture: ClusterFixture, _ clusters: Int, _ seeding: ClusterConfiguration.Seeding,
    seed: UInt64,
    restart: Int = 0
  ) throws -> [[Float]] {
    let assigner = try EuclideanAssigner(
      fixture.data, clusters: clusters, kernels: .available[0])
    let centers = try CenterSeeding(
      data: fixture.data, clusters: clusters, assigner: assigner,
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
    XCTAssertGreaterThan(first.count, 10, "the first centre is nearly always the same")
  }

  /// Groups of a thousandth in width at whole numbers, and with `outlier` a row at 1e12.
  private func groups(_ count: Int, outlier: Bool) throws -> ClusterFixture {
    var generator = SeededGenerator(seed: 3)
    var values = generator.floats(count * 20 * 2, range: 1e-3)
    for row in 0..<count * 20 { values[row * 2] += Float(row % count) }
    return try ClusterFixture(values + (outlier ? [1e12, 0] : []), columns: 2)
  }

  func testPlusPlusFindsGroups() throws {
    for outlier in [false, true] {
      let fixture = try groups(5, outlier: outlier)
      let rows = Set((0..<fixture.rows).map { Array(fixture.row($0)) })
      let clusters = outlier ? 6 : 5
      for seed in 0..<20 {
        let found = try centers(fixture, clusters, .plusPlus, seed: UInt64(seed))
        XCTAssertTrue(found.allSatisfy(rows.contains), "a centre is no row")
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
}
