/// Finds the nearest centre of each of this rank's rows, in one metric.
///
/// A label is the argmin over centres of ``cost(row:center:)``, the lowest index on ties; what an assigner
/// does to avoid computing all costs must not change a label.
protocol RowAssigner: AnyObject {
  /// The cluster of each local row; -1 before the first assignment.
  var labels: [Int32] { get }
  /// Rows whose distances the last assignment skipped.
  var skipped: Int { get }

  /// Assigns every row to its nearest centre, and tells of each change.
  ///
  /// - Parameters:
  ///   - newCenters: `[clusters, columns]`.
  ///   - changed: called with a local row, its old label (-1 for none) and its new one.
  func assign(to newCenters: [Float], changed: (_ row: Int, _ old: Int, _ new: Int) -> Void)

  /// The cost of a local row in a cluster of the last assignment: the number that defines labels.
  func cost(row: Int, center: Int) -> Double

  /// The cost of a local row at a point.
  func cost(row: Int, to point: UnsafePointer<Float>) -> Double

  /// What each local row costs with each of some points besides those that it costs `nearest` with: for each
  /// point the smaller of both costs.
  ///
  /// - Parameter points: `[some, columns]`.
  func lowered(_ nearest: [Double], at points: [Float], columns: Int) -> [[Double]]

  /// Forgets labels and bounds, for another start.
  func reset()

  /// Moves a row to another cluster, whatever its distance.
  func relabel(row: Int, to cluster: Int)
}

extension RowAssigner {
  func lowered(_ nearest: [Double], at points: [Float], columns: Int) -> [[Double]] {
    points.withUnsafeBufferPointer { points in
      stride(from: 0, to: points.count, by: columns).map { start in
        nearest.enumerated().map { min($1, cost(row: $0, to: points.baseAddress! + start)) }
      }
    }
  }
}

extension EuclideanAssigner: RowAssigner {
  func cost(row: Int, center: Int) -> Double { squaredDistance(row: row, center: center) }

  func cost(row: Int, to point: UnsafePointer<Float>) -> Double {
    squaredDistance(row: row, to: point)
  }
}
