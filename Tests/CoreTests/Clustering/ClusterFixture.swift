import DTrainDist
import Foundation
import KernelTable
import XCTest

@testable import DTrainClustering
@testable import DTrainData

/// Rows to cluster, as a run on one rank reads them from a file.
struct ClusterFixture {
  let data: ClusterData
  /// The rows as floats, `[rows, columns]`; in the cosine metric their directions.
  let values: [Float]
  let columns: Int
  var rows: Int { values.count / columns }

  init(
    _ values: [Float], columns: Int, weights: [Float]? = nil, metric: ClusterMetric = .l2
  ) throws {
    try self.init(
      values, columns, "<f4", values.flatMap { Fixture.bytes($0.bitPattern) }, weights, metric)
  }

  init(
    bytes: [UInt8], columns: Int, weights: [Float]? = nil, metric: ClusterMetric = .l2
  ) throws {
    try self.init(bytes.map { Float($0) }, columns, "|u1", bytes, weights, metric)
  }

  private init(
    _ values: [Float], _ columns: Int, _ type: String, _ payload: [UInt8], _ weights: [Float]?,
    _ metric: ClusterMetric
  ) throws {
    let directory = try FixtureDirectory()
    let path = try directory.write(
      Fixture.npy(type, [values.count / columns, columns], payload: payload), "rows.npy")
    var options = DataCatalog.Options(data: [path])
    options.weights =
      try weights.map {
        let payload = $0.flatMap { Fixture.bytes($0.bitPattern) }
        return [
          try directory.write(Fixture.npy("<f4", [$0.count], payload: payload), "weights.npy")
        ]
      } ?? []
    data = try ClusterData.load(options, metric: metric, topology: .solo())
    var read = values
    if metric.isOfDirections {
      for row in 0..<data.rows.count { data.rows.copyRow(row, to: &read, at: row * columns) }
    }
    self.values = read
    self.columns = columns
  }

  /// The rows of a matrix that begin at some index, as centers.
  func row(_ index: Int) -> ArraySlice<Float> { values[index * columns..<(index + 1) * columns] }

  /// For each row the nearest center by the definition, the lowest of equals.
  func nearest(
    _ centers: [Float], _ kernels: KernelTable, _ metric: ClusterMetric = .l2
  ) -> [Int32] {
    func measure(_ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>) -> Double {
      switch metric {
      case .l2, .cosine: kernels.squaredDistance(x, c, columns: columns)
      case .l1: kernels.absoluteDistance(x, c, columns: columns)
      }
    }
    let count = centers.count / columns
    return values.withUnsafeBufferPointer { rows in
      centers.withUnsafeBufferPointer { centers in
        (0..<self.rows).map { row in
          var (label, least) = (0, Double.infinity)
          for center in 0..<count {
            let distance = measure(
              rows.baseAddress! + row * columns, centers.baseAddress! + center * columns)
            if distance < least { (label, least) = (center, distance) }
          }
          return Int32(label)
        }
      }
    }
  }

  /// The means of labelled rows in Double; a center without rows stays.
  func means(_ labels: [Int32], _ centers: [Float]) -> [Float] {
    var sums = [Double](repeating: 0, count: centers.count)
    var sizes = [Int](repeating: 0, count: centers.count / columns)
    for (row, label) in labels.enumerated() {
      sizes[Int(label)] += 1
      for column in 0..<columns {
        sums[Int(label) * columns + column] += Double(values[row * columns + column])
      }
    }
    return centers.indices.map {
      let size = sizes[$0 / columns]
      return size == 0 ? centers[$0] : Float(sums[$0] / Double(size))
    }
  }

  /// The directions of the sums of labelled rows, which are directions, in Double; a center without rows stays, and one
  /// whose rows add up to zero. Rows that are all the same are their center.
  func directions(_ labels: [Int32], _ centers: [Float]) -> [Float] {
    var directions = centers
    for cluster in 0..<centers.count / columns {
      let rows = labels.indices.filter { Int(labels[$0]) == cluster }
      let sum = (0..<columns).map { column in
        rows.reduce(0.0) { $0 + Double(values[$1 * columns + column]) }
      }
      let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0 else { continue }
      let isOne = rows.allSatisfy { row($0) == row(rows[0]) }
      for column in 0..<columns {
        directions[cluster * columns + column] =
          isOne ? values[rows[0] * columns + column] : Float(sum[column] / length)
      }
    }
    return directions
  }

  /// The medians of labelled rows, between the two in the middle; a center without rows stays.
  func medians(_ labels: [Int32], _ centers: [Float]) -> [Float] {
    centers.indices.map { index in
      let values = labels.indices.filter { Int(labels[$0]) == index / columns }
        .map { self.values[$0 * columns + index % columns] }.sorted()
      guard !values.isEmpty else { return centers[index] }
      return (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
    }
  }
}
