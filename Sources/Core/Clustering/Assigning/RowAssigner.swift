/// A local row that left a cluster (-1 for none) and joined another.
struct LabelChange {
  let row: Int32
  let old: Int32
  let new: Int32

  /// The rows that an assigner looks at before it tells of changes.
  static let mostAtOnce = 1024
}

/// The changes of a block of rows, on their way to whoever follows them.
final class BlockChanges {
  private let changes = UnsafeMutablePointer<LabelChange>.allocate(
    capacity: LabelChange.mostAtOnce)
  private var count = 0

  deinit { changes.deallocate() }

  @inline(__always)
  func append(_ row: Int32, _ old: Int32, _ new: Int32) {
    changes[count] = LabelChange(row: row, old: old, new: new)
    count += 1
  }

  /// Tells of the changes, if there are any, and forgets them.
  func pass(to body: (UnsafeBufferPointer<LabelChange>) -> Void) {
    if count > 0 { body(UnsafeBufferPointer(start: changes, count: count)) }
    count = 0
  }
}

/// Finds the nearest center of each of this rank's rows, in one metric.
///
/// A label is the argmin over centers of ``cost(row:center:)``, the lowest index on ties; what an assigner
/// does to avoid computing all costs must not change a label.
protocol RowAssigner: AnyObject {
  /// The cluster of each local row, -1 before the first assignment; where it stands.
  var labelsInPlace: UnsafeBufferPointer<Int32> { get }
  /// Rows whose distances the last assignment skipped.
  var skipped: Int { get }

  /// Assigns every row to its nearest center, and tells of each change.
  ///
  /// - Parameters:
  ///   - newCenters: `[clusters, columns]`.
  ///   - changed: called for some rows at a time, at most ``LabelChange/mostAtOnce``.
  func assign(to newCenters: [Float], changed: (UnsafeBufferPointer<LabelChange>) -> Void)

  /// The cost of a local row in a cluster of the last assignment: the number that defines labels.
  func cost(row: Int, center: Int) -> Double

  /// The cost of a local row at a point.
  func cost(row: Int, to point: UnsafePointer<Float>) -> Double

  /// Calls `body` for each local row and each of some points that it costs less with than `nearest` says, with
  /// that cost.
  ///
  /// - Parameters:
  ///   - nearest: of each local row; `body` may change that of its row.
  ///   - points: `[some, columns]`.
  func forEachNearer(
    _ nearest: UnsafeBufferPointer<Double>, at points: [Float],
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void)

  /// Forgets labels and bounds, for another start.
  func reset()

  /// Moves a row to another cluster, whatever its distance.
  func relabel(row: Int, to cluster: Int)
}

extension RowAssigner {
  /// The cluster of each local row; -1 before the first assignment.
  package var labels: [Int32] { Array(labelsInPlace) }

  /// Lowers what each local row costs to what it costs with a point, where that is less.
  func lower(_ nearest: inout [Double], at point: [Float]) {
    nearest.withUnsafeMutableBufferPointer { nearest in
      forEachNearer(UnsafeBufferPointer(nearest), at: point) { row, _, cost in
        nearest[row] = cost
      }
    }
  }
}

extension RowAssigner {
  /// The weighted sum of all rows' costs at the centers of their labels, exact; collective.
  func totalCost(of data: ClusterData) throws(MPIError) -> Double {
    var sum = ExactSum()
    for (row, label) in labels.enumerated() {
      Progress.beat()
      sum.add(cost(row: row, center: Int(label)) * data.weight(row))
    }
    try sum.combine(among: data.world)
    return sum.value
  }
}

extension EuclideanAssigner: RowAssigner {
  func cost(row: Int, center: Int) -> Double { squaredDistance(row: row, center: center) }

  func cost(row: Int, to point: UnsafePointer<Float>) -> Double {
    squaredDistance(row: row, to: point)
  }
}
