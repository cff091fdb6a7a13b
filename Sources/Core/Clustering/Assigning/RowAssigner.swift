/// Finds the nearest center of each of this rank's rows, in one metric.
///
/// A label is the argmin over centers of ``cost(row:center:)``, the lowest index on ties; what an assigner
/// does to avoid computing all costs must not change a label.
protocol RowAssigner: AnyObject {
  /// The rows as the last assignment left them.
  var state: AssignedRows { get }

  /// Assigns every row to its nearest center, and reports each label that changes.
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
  ///   - rows: writes those of a range of local rows that may be meant, in order, and returns how many; nil for all.
  func forEachNearer(
    _ nearest: UnsafeBufferPointer<Double>, at points: [Float], among rows: RowChoice?,
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void)

  /// Calls `body` for each local row that costs less with one of many points than `nearest` says, with the point that it
  /// costs least with, the lowest of equals, and that cost.
  ///
  /// - Parameters:
  ///   - nearest: of each local row; `body` may change that of its row.
  ///   - owners: the place in `centers` of the point that each row costs that with.
  ///   - centers, points: `[some, columns]`.
  func forEachNearest(
    _ nearest: UnsafeBufferPointer<Double>, of owners: UnsafePointer<Int32>, centers: [Float],
    at points: [Float], _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void)

  /// What each of some points costs at each of others, `[points, others]`.
  func costs(of points: [Float], at others: [Float]) -> [Double]
}

/// Writes some of a range of local rows, and returns how many.
typealias RowChoice = (_ range: Range<Int>, _ chosen: UnsafeMutablePointer<Int32>) -> Int

extension RowAssigner {
  /// The cluster of each local row, -1 before the first assignment; where it stands.
  var labelsInPlace: UnsafeBufferPointer<Int32> {
    UnsafeBufferPointer(start: state.label.base, count: state.data.rows.count)
  }

  /// The cluster of each local row; -1 before the first assignment.
  var labels: [Int32] { Array(labelsInPlace) }

  /// Rows whose distances the last assignment skipped.
  var skipped: Int { state.skipped }

  /// Distances that the last assignment skipped, to any of some centers.
  func distancesSkipped(clusters: Int) -> Int { state.skipped * clusters + state.spared }

  /// Moves a row to another cluster, whatever its distance.
  func relabel(row: Int, to cluster: Int) {
    state.label.base[row] = Int32(cluster)
    state.bounds?.forbidSkipping(row)
  }

  /// Forgets labels and bounds, for another restart.
  func reset() { state.reset() }

  /// Calls `body` as ``forEachNearer(_:at:among:_:)`` says, computing no cost where a score says that it is not needed.
  ///
  /// - Parameters:
  ///   - measure: finds the scores of a tile of rows, of which the last one fills up the last tile.
  ///   - reach: of a row, the score above which a point is not nearer to it than `nearest` says.
  ///   - best, score: of the row in a lane of the tile the smallest score, and that of a point.
  @inline(__always)
  func forEachNearer(
    _ nearest: UnsafeBufferPointer<Double>, at points: [Float], among rows: RowChoice?,
    measure: (_ tile: UnsafePointer<Int32>) -> Void, reach: (_ row: Int) -> Double,
    best: (_ lane: Int) -> Double, score: (_ lane: Int, _ point: Int) -> Double,
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    let columns = state.data.columns
    points.withUnsafeBufferPointer { points in
      state.forEachTile(among: rows) { tile, count in
        measure(tile)
        for lane in 0..<count {
          let row = Int(tile[lane])
          let limit = reach(row)
          if best(lane) > limit { continue }
          for point in 0..<points.count / columns where !(score(lane, point) > limit) {
            let cost = cost(row: row, to: points.baseAddress! + point * columns)
            if cost < nearest[row] { body(row, point, cost) }
          }
        }
      }
    }
  }

  /// Calls `body` as ``forEachNearest(_:of:centers:at:_:)`` says, by assigning all rows to the points.
  func forEachNearest(
    _ nearest: UnsafeBufferPointer<Double>, to points: any RowAssigner, at values: [Float],
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    points.assign(to: values) { _ in }
    for (row, point) in points.labelsInPlace.enumerated() {
      if row % LabelChange.mostAtOnce == 0 { Progress.beat() }
      let cost = points.cost(row: row, center: Int(point))
      if cost < nearest[row] { body(row, Int(point), cost) }
    }
  }

  func cost(row: Int, center: Int) -> Double {
    state.centers.withUnsafeBufferPointer {
      cost(row: row, to: $0.baseAddress! + center * state.data.columns)
    }
  }
}

extension RowAssigner {
  /// The weighted sum of all rows' costs at the centers of their labels, exact; collective.
  func totalCost(of data: ClusterData) throws(MPIError) -> Double {
    var sum = ExactSum()
    forEachCost(of: data) { sum.add($0) }
    try sum.combine(among: data.world)
    return sum.value
  }

  /// Passes on what each of this rank's rows costs at the center of its label, as often as it weighs.
  func forEachCost(of data: ClusterData, _ body: (Double) -> Void) {
    for (row, label) in labels.enumerated() {
      Progress.beat()
      body(cost(row: row, center: Int(label)) * data.weight(row))
    }
  }
}
