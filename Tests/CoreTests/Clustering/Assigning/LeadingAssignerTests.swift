import KernelTable
import XCTest

@testable import DTrainBase
@testable import DTrainClustering

/// The same with leading coordinates along the axes of the rows themselves.
class LeadingAssignerTests: EuclideanAssignerTests {
  override func axes(of fixture: ClusterFixture) -> PrincipalAxes? {
    let columns = fixture.columns
    let rows = fixture.data.centered
    let sample = AlignedFloats(count: fixture.values.count)
    for (index, value) in fixture.values.enumerated() {
      sample.base[index] = Float(rows.coordinate(value, index % columns))
    }
    return PrincipalAxes(
      ofSample: sample, columns: columns, count: min(31, columns), kernels: .available[0])
  }

  /// They do rule out centers: otherwise the tests above would say nothing of them.
  func testLeadingCoordinatesSkip() throws {
    for isBytes in [false, true] {
      var generator = SeededGenerator(seed: 4)
      let (rows, columns, clusters) = (600, 96, 40)
      // Five directions, and a little of all others.
      let directions = (0..<5).map { _ in generator.floats(columns, range: 20) }
      let values = (0..<rows).flatMap { _ -> [Float] in
        var row = generator.floats(columns, range: 2).map { $0 + 128 }
        for direction in directions {
          let share = Float.random(in: -1...1, using: &generator)
          for column in 0..<columns { row[column] += share * direction[column] }
        }
        return row
      }
      let fixture =
        isBytes
        ? try ClusterFixture(bytes: values.map { UInt8(max(0, min(255, $0))) }, columns: columns)
        : try ClusterFixture(values, columns: columns)
      for kernels in KernelTable.available {
        let assigner = ClusterMetric.l2.makeAssigner(
          fixture.data, clusters: clusters, leading: leading(of: fixture), kernels: kernels)
        let centers = (0..<clusters).flatMap { fixture.row($0) }
        for _ in 0..<2 {
          assigner.assign(to: centers) { _ in }
          XCTAssertEqual(assigner.labels, fixture.nearest(centers, kernels))
        }
        let pairs = (rows - assigner.state.skipped) * clusters
        XCTAssertGreaterThan(
          assigner.state.spared, pairs * 9 / 10, "\(kernels.isaName), bytes \(isBytes)")
      }
    }
  }
}

/// The same with axes that have nothing to do with the rows.
final class RandomAxesTests: LeadingAssignerTests {
  override func axes(of fixture: ClusterFixture) -> PrincipalAxes? {
    var generator = SeededGenerator(seed: 5)
    let sample = AlignedFloats(count: 64 * fixture.columns)
    for place in 0..<sample.count { sample.base[place] = generator.floats(1)[0] }
    return PrincipalAxes(
      ofSample: sample, columns: fixture.columns, count: min(20, fixture.columns),
      kernels: .available[0])
  }

  override func testLeadingCoordinatesSkip() {}
}

/// The same with axes that are wrong: not of length 1 nor at right angles, as far as that is allowed.
final class WrongAxesTests: LeadingAssignerTests {
  override func axes(of fixture: ClusterFixture) -> PrincipalAxes? {
    let columns = fixture.columns
    let count = min(5, columns)
    // Unit vectors with something of the next one.
    let axes = PrincipalAxes(
      (0..<columns * count).map {
        let (column, axis) = ($0 / count, $0 % count)
        return column == axis ? 1.0001 : column == axis + 1 ? 3e-4 : 0
      }, columns: columns)
    XCTAssertLessThan(axes.departure, 1e-3)
    XCTAssertGreaterThan(axes.departure, 1e-4)
    return axes
  }

  override func testLeadingCoordinatesSkip() {}

  /// Axes that are no axes at all are not used.
  func testAxesThatAreNone() throws {
    var generator = SeededGenerator(seed: 6)
    let fixture = try ClusterFixture(generator.floats(100 * 64), columns: 64)
    for values in [
      generator.floats(64 * 8), [Float](repeating: 1, count: 64 * 8),
      [Float](repeating: .infinity, count: 64 * 8), [Float](repeating: .nan, count: 64 * 8),
    ] {
      let axes = PrincipalAxes(values, columns: 64)
      XCTAssertFalse(axes.departure < 1e-3)
      XCTAssertNil(LeadingRows(axes, of: fixture.data.centered, kernels: .available[0]))
    }
  }
}
