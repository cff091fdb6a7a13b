import DTrainDist
import KernelTable
import XCTest

@testable import DTrainClustering
@testable import DTrainRuns

/// Whole runs against a plain implementation, and against results known from elsewhere.
final class LloydDriverTests: XCTestCase {
  private struct Result {
    var centers: [Float]
    var labels: [Int32]
    var sizes: [Int]
    var objective: Double
    var iterations: [Double] = []
    var stopped = StopReason.settled
  }

  private func cluster(
    _ fixture: ClusterFixture, _ centers: [Float], command: ClusterCommand = .kmeans,
    metric: ClusterMetric? = nil, pruning: Bool = true,
    empty: ClusterConfiguration.EmptyPolicy = .farthest, iterations: Int = 300
  ) throws -> Result {
    var configuration = ClusterConfiguration(command, clusters: centers.count / fixture.columns)
    if let metric { configuration.metric = metric }
    configuration.tolerance = 0
    configuration.empty = empty
    configuration.maximumIterations = iterations
    configuration.pruning = pruning
    let problem = try ClusterProblem(
      fixture.data, configuration, kernels: .available[0])
    let driver = try LloydDriver(problem, centers: centers)
    var objectives: [Double] = []
    while driver.hasMore { objectives.append(try driver.iterate(raising: []).0.objective) }
    let (objective, sizes) = try driver.finish()
    return Result(
      centers: driver.centers, labels: driver.labels, sizes: sizes, objective: objective,
      iterations: objectives, stopped: driver.stopped ?? .iterations)
  }

  /// Lloyd's iterations as written in a textbook.
  private func reference(
    _ fixture: ClusterFixture, _ start: [Float], _ command: ClusterCommand,
    _ metric: ClusterMetric, _ empty: ClusterConfiguration.EmptyPolicy
  ) -> Result {
    let columns = fixture.columns
    let clusters = start.count / columns
    func distance(_ row: Int, _ centers: [Float], _ cluster: Int) -> Double {
      (0..<columns).reduce(0) {
        let difference =
          Double(fixture.values[row * columns + $1]) - Double(centers[cluster * columns + $1])
        return $0 + metric.share(difference)
      }
    }
    func nearest(_ centers: [Float]) -> [Int32] {
      (0..<fixture.rows).map { row in
        Int32((0..<clusters).min { distance(row, centers, $0) < distance(row, centers, $1) }!)
      }
    }
    func sizes(_ labels: [Int32]) -> [Int] {
      (0..<clusters).map { cluster in labels.count { Int($0) == cluster } }
    }
    func objective(_ labels: [Int32], _ centers: [Float]) -> Double {
      metric.objective(labels.indices.reduce(0) { $0 + distance($1, centers, Int(labels[$1])) })
    }
    var centers = start
    var labels: [Int32] = []
    var objectives: [Double] = []
    while true {
      let old = labels
      labels = nearest(centers)
      let hasChanged = labels != old
      while empty == .farthest, let hole = sizes(labels).firstIndex(of: 0) {
        let sizes = sizes(labels)
        var (farthest, taken) = (0.0, -1)
        for row in labels.indices where sizes[Int(labels[row])] > 1 {
          let distance = distance(row, centers, Int(labels[row]))
          if distance > farthest { (farthest, taken) = (distance, row) }
        }
        if taken < 0 { break }
        labels[taken] = Int32(hole)
      }
      objectives.append(objective(labels, centers))
      centers =
        switch metric {
        case .l2: fixture.means(labels, centers)
        case .l1: fixture.medians(labels, centers)
        case .cosine: fixture.directions(labels, centers)
        }
      if !hasChanged { break }
    }
    labels = nearest(centers)
    return Result(
      centers: centers, labels: labels, sizes: sizes(labels),
      objective: objective(labels, centers), iterations: objectives)
  }

  /// Small sets on a grid, where sums in Double are exact and ties and empty clusters abound.
  func testRandomSets() throws { try checkRandomSets(.kmeans, .l2) }

  /// The same by k-medians.
  func testRandomSetsInL1() throws { try checkRandomSets(.kmedians, .l1) }

  /// The same by directions, with rows of very different lengths and opposite ones.
  func testRandomSetsByDirection() throws { try checkRandomSets(.kmeans, .cosine) }

  private func checkRandomSets(_ command: ClusterCommand, _ metric: ClusterMetric) throws {
    var generator = SeededGenerator(seed: 1)
    var (refills, ties) = (0, 0)
    for trial in 0..<200 {
      let columns = [1, 2, 3, 33][trial % 4]
      let rows = Int.random(in: 5...30, using: &generator)
      let clusters = Int.random(in: 1...5, using: &generator)
      let most = trial % 3 == 0 ? 2 : 40
      var values = (0..<rows * columns).map { _ in
        Float(Int.random(in: 0...most, using: &generator)) / 8
      }
      if metric.isOfDirections {
        for row in 0..<rows {
          // A power of two changes no direction.
          let length = Float(
            sign: row % 3 == 0 ? .minus : .plus, exponent: .random(in: -20...20, using: &generator),
            significand: 1)
          let own = row * columns..<(row + 1) * columns
          if values[own].allSatisfy({ $0 == 0 }) { values[own.lowerBound] = 1 }
          for index in own { values[index] *= length }
        }
      }
      let fixture = try ClusterFixture(values, columns: columns, metric: metric)
      var start = (0..<clusters).flatMap { fixture.row($0) }
      if trial % 5 == 0 {
        start[0] += 100
        if metric.isOfDirections {
          start = try RowDirections(columns: columns).directions(of: start, named: "start")
        }
      }
      let empty: ClusterConfiguration.EmptyPolicy = trial % 2 == 0 ? .farthest : .keep
      let expected = reference(fixture, start, command, metric, empty)
      for pruning in [true, false] {
        let found = try cluster(
          fixture, start, command: command, metric: metric, pruning: pruning, empty: empty)
        let name = "set \(trial): \(rows) x \(columns), K=\(clusters), \(empty)"
        XCTAssertEqual(found.labels, expected.labels, name)
        XCTAssertEqual(found.centers, expected.centers, name)
        XCTAssertEqual(found.sizes, expected.sizes, name)
        XCTAssertEqual(found.objective, expected.objective, accuracy: 1e-12 * (1 + found.objective))
        XCTAssertEqual(found.iterations.count, expected.iterations.count, name)
        for (a, b) in zip(found.iterations, expected.iterations) {
          XCTAssertEqual(a, b, accuracy: 1e-9 * (1 + b), name)
        }
        XCTAssertEqual(found.stopped, .settled, name)
      }
      if empty == .farthest,
        fixture.nearest(start, .available[0], metric).max()! < clusters - 1
      {
        refills += 1
      }
      if most == 2 { ties += 1 }
    }
    XCTAssertGreaterThan(refills, 5)
    XCTAssertGreaterThan(ties, 50)
  }

  /// scikit-learn's relocation case. Rows 0 and 3 are equally far from the only center that has rows; the
  /// lower row moves, so the clusters are numbered the other way round.
  func testRelocation() throws {
    let fixture = try ClusterFixture([0, 0, 0.5, 0, 0.5, 1, 1, 1], columns: 2)
    let result = try cluster(fixture, [0.5, 0.5, 3, 3])
    XCTAssertEqual(result.labels, [1, 1, 0, 0])
    XCTAssertEqual(result.centers, [0.75, 1, 0.25, 0])
    XCTAssertEqual(result.objective, 0.25)
    let kept = try cluster(fixture, [0.5, 0.5, 3, 3], empty: .keep)
    XCTAssertEqual(kept.labels, [0, 0, 0, 0])
    XCTAssertEqual(kept.centers, [0.5, 0.5, 3, 3])
    XCTAssertEqual(kept.sizes, [4, 0])
    XCTAssertThrowsError(try cluster(fixture, [0.5, 0.5, 3, 3], empty: .error)) {
      XCTAssertTrue("\($0)".contains("cluster 1 lost its last row"), "\($0)")
    }
  }

  func testTwoPoints() throws {
    let fixture = try ClusterFixture([-1, 1], columns: 1)
    let one = try cluster(fixture, [0.75])
    XCTAssertEqual(one.centers, [0])
    XCTAssertEqual(one.objective, 2)
    let two = try cluster(fixture, [-2, 2])
    XCTAssertEqual(two.labels, [0, 1])
    XCTAssertEqual(two.centers, [-1, 1])
    XCTAssertEqual(two.objective, 0)
  }

  /// Fewer distinct rows than clusters: it ends, with every distinct row a center and the rest empty.
  func testDuplicates() throws {
    let values = (0..<60).flatMap { row in [Float](repeating: Float(row % 3), count: 2) }
    let fixture = try ClusterFixture(values, columns: 2)
    let result = try cluster(fixture, [Float](repeating: 0, count: 10))
    XCTAssertEqual(result.objective, 0)
    XCTAssertEqual(result.sizes.sorted(), [0, 0, 20, 20, 20])
    XCTAssertLessThan(result.iterations.count, 10)
  }

  /// Far from 0 an iteration's objective keeps its digits: it falls as it must, to the final one.
  func testObjectiveFarFromZero() throws {
    for offset: Float in [1e5, -1e30] {
      let size: Float = offset < 0 ? 1e24 : 0.1
      var generator = SeededGenerator(seed: 6)
      let values = generator.floats(600, range: size).map { $0 + offset }
      let fixture = try ClusterFixture(values, columns: 3)
      let result = try cluster(fixture, (0..<4).flatMap { fixture.row($0) })
      XCTAssertGreaterThan(result.iterations.count, 3)
      for (earlier, later) in zip(result.iterations, result.iterations.dropFirst()) {
        XCTAssertLessThanOrEqual(later, earlier * (1 + 1e-6))
      }
      XCTAssertEqual(result.iterations.last!, result.objective, accuracy: 1e-6 * result.objective)
    }
  }

  /// A run cut short says so, and its objective is that of its own centers, not of the ones before.
  func testCutShort() throws {
    var generator = SeededGenerator(seed: 5)
    let fixture = try ClusterFixture(generator.floats(400).map { $0 + 1000 }, columns: 2)
    let result = try cluster(fixture, (0..<6).flatMap { fixture.row($0) }, iterations: 1)
    XCTAssertEqual(result.stopped, .iterations)
    XCTAssertEqual(result.labels, fixture.nearest(result.centers, .available[0]))
    let objective = result.labels.indices.reduce(0.0) { total, row in
      zip(
        fixture.row(row),
        result.centers[Int(result.labels[row]) * 2..<Int(result.labels[row]) * 2 + 2]
      )
      .reduce(total) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
    }
    XCTAssertEqual(result.objective, objective, accuracy: 1e-12 * objective)
  }
}
