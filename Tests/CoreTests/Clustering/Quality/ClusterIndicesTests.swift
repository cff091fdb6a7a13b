import DTrainDist
import KernelTable
import XCTest

@testable import DTrainClustering

/// The validity indices, against scikit-learn's values and against their definitions.
final class ClusterIndicesTests: XCTestCase {
  private func indices(
    _ fixture: ClusterFixture, _ centers: [Float], _ metric: ClusterMetric = .l2
  ) throws -> ClusterIndices {
    let clusters = centers.count / fixture.columns
    let assigner = metric.makeAssigner(
      fixture.data, clusters: clusters, kernels: .available[0])
    assigner.assign(to: centers) { _ in }
    return try ClusterIndices(fixture.data, metric, assigner, clusters: clusters)
  }

  /// sklearn.metrics' calinski_harabasz_score and davies_bouldin_score (1.9.1) of nine rows in three
  /// clusters; labels by the nearest of three centers, of which none is a mean.
  func testKnownValues() throws {
    let rows: [Float] = [0, 0, 1, 0, 0, 2, 10, 10, 11, 12, 10, 14, -5, 8, -6, 9, -7, 7]
    let found = try indices(try ClusterFixture(rows, columns: 2), [0, 1, 10, 11, -6, 7])
    XCTAssertEqual(try XCTUnwrap(found.calinskiHarabasz), 113.45833333333333, accuracy: 1e-9)
    XCTAssertEqual(try XCTUnwrap(found.daviesBouldin), 0.20576359560567792, accuracy: 1e-12)
    XCTAssertEqual(try XCTUnwrap(found.simplifiedSilhouette), 0.8666249775885814, accuracy: 1e-12)
    let l1 = try indices(try ClusterFixture(rows, columns: 2), [0, 1, 10, 11, -6, 7], .l1)
    XCTAssertEqual(l1.calinskiHarabasz, found.calinskiHarabasz)
    XCTAssertEqual(l1.daviesBouldin, found.daviesBouldin)
    XCTAssertEqual(try XCTUnwrap(l1.simplifiedSilhouette), 0.8920987055998497, accuracy: 1e-12)
  }

  /// In the cosine metric they are those of scikit-learn among normalized rows, the silhouette by 1 less the cosine.
  func testKnownValuesOfDirections() throws {
    let rows: [Float] = [0, 1, 1, 5, 2, 9, 10, 10, 11, 12, 10, 14, -5, 1, -6, 2, -7, 0]
    let fixture = try ClusterFixture(rows, columns: 2, metric: .cosine)
    let centers = try RowDirections(columns: 2).directions(
      of: [0, 1, 1, 1, -1, 0], named: "centers")
    let found = try indices(fixture, centers, .cosine)
    // Directions are rounded to float32.
    XCTAssertEqual(try XCTUnwrap(found.calinskiHarabasz), 163.4622199102213, accuracy: 1e-4)
    XCTAssertEqual(try XCTUnwrap(found.daviesBouldin), 0.2335545982090134, accuracy: 1e-7)
    XCTAssertEqual(try XCTUnwrap(found.simplifiedSilhouette), 0.9506904688779323, accuracy: 1e-7)
  }

  /// One cluster, or a cluster for each row, has no index; equal rows have no width.
  func testWhereThereIsNone() throws {
    let rows = try ClusterFixture([0, 1, 5, 7], columns: 1)
    let one = try indices(rows, [3])
    XCTAssertNil(one.calinskiHarabasz)
    XCTAssertNil(one.daviesBouldin)
    XCTAssertNil(one.simplifiedSilhouette)
    let all = try indices(rows, [0, 1, 5, 7])
    XCTAssertNil(all.calinskiHarabasz)
    XCTAssertNil(all.daviesBouldin)
    XCTAssertEqual(all.simplifiedSilhouette, 1)
    // An empty cluster is none.
    let empty = try indices(rows, [3, 99])
    XCTAssertNil(empty.calinskiHarabasz)
    let pairs = try indices(try ClusterFixture([2, 2, 9, 9], columns: 1), [2, 9])
    XCTAssertEqual(pairs.calinskiHarabasz, 1)
    XCTAssertEqual(pairs.daviesBouldin, 0)
    // Of two centers at one place one is empty, too.
    XCTAssertNil(try indices(rows, [3, 3]).simplifiedSilhouette)
    // An empty cluster between the others is no neighbour.
    let between = try indices(rows, [0.5, 6, 3])
    XCTAssertEqual(
      between.simplifiedSilhouette, try indices(rows, [0.5, 6]).simplifiedSilhouette)
  }
}
