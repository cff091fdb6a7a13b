/// Finds the nearest center of each of this rank's rows, in the L1 metric.
///
/// A label is the argmin over centers of the distance computed in Double, the lowest index on ties.
/// ``ManhattanBytes``, ``ManhattanWords``, ``ManhattanScores`` and ``DistanceBounds`` decide only what their errors
/// allow; the rest is computed by that definition, whose own rounding, columns · 2^-53 of a distance, is within the
/// scores' error. Hence labels do not depend on blocks, bounds, kernels or the number of ranks. 4 bytes a row are kept,
/// for the label, and those of the bounds.
final class ManhattanAssigner: RowAssigner {
  let state: AssignedRows

  private let data: ClusterData
  private let clusters: Int
  private let kernels: KernelTable
  private let scores: ManhattanScores
  /// What rows pass before, from coarse to fine: integers, as long as they decide much.
  private var filters: [any ManhattanFilter]
  private let found = NearestTwo()
  /// The old labels of a tile.
  private let before = AlignedArray<Int32>(count: AssignedRows.tileRows)

  /// - Parameter pruning: whether distances are skipped; nil where it pays.
  init(_ data: ClusterData, clusters: Int, kernels: KernelTable, pruning: Bool? = nil) {
    self.data = data
    self.clusters = clusters
    self.kernels = kernels
    scores = ManhattanScores(data, clusters: clusters, kernels: kernels)
    filters = [
      ManhattanBytes(data, clusters: clusters, kernels: kernels),
      ManhattanWords(data, clusters: clusters, kernels: kernels),
    ].compactMap { (filter: (any ManhattanFilter)?) in filter }
    state = AssignedRows(
      data,
      bounds: pruning ?? true
        ? DistanceBounds(
          rows: data.rows.count, clusters: clusters, groupSize: clusters, isGrouped: false,
          kernels: kernels) : nil)
  }

  /// The distance that defines labels.
  func cost(row: Int, to point: UnsafePointer<Float>) -> Double {
    let block = data.rows
    return switch block.element {
    case .float32: kernels.absoluteDistance(block.floats(row), point, columns: data.columns)
    case .uint8: kernels.absoluteDistance(block.bytes(row), point, columns: data.columns)
    }
  }

  func assign(to newCenters: [Float], changed: (UnsafeBufferPointer<LabelChange>) -> Void) {
    state.move(to: newCenters, .l1, times: 1 + 0x1p-30)
    state.updateCenterDistances { kernels.absoluteDistance($0, $1, columns: data.columns) }
    scores.prepare(newCenters)
    var usable = filters.compactMap { filter in
      filter.prepare(newCenters).map { (filter: filter, error: $0, seen: 0, left: 0) }
    }
    state.assign(changed: changed) { count in
      var count = count
      for stage in usable.indices {
        usable[stage].seen += count
        (found.relative, found.absolute) = (0x1p-22, usable[stage].error)
        count = assign(count, by: usable[stage].filter.measure) { _, row, place in
          state.chosen.base[place] = row
        }
        state.fillTile(count)
        usable[stage].left += count
      }
      (found.relative, found.absolute) = (Float(scores.relativeError), 0)
      _ = assign(count, by: scores.measure) { lane, row, _ in
        state.settle(row, Int32(decide(lane, Int(row), best: found.best.base[lane])))
        state.bounds?.forbidSkipping(Int(row))
      }
    }
    // Integers too coarse for these rows cost more than they save.
    for stage in usable where stage.left > 64 + stage.seen / 2 {
      filters.removeAll { $0 === stage.filter }
    }
  }

  /// Labels those of the chosen rows that a filter decides; passes on the others, with their lane and the number of
  /// such rows before them, and returns how many there were.
  @inline(__always)
  private func assign(
    _ count: Int, by measure: (UnsafePointer<Int32>, NearestTwo) -> Void,
    _ leave: (_ lane: Int, _ row: Int32, _ place: Int) -> Void
  ) -> Int {
    let (rows, bounds) = (state.chosen.base, state.bounds)
    var open = 0
    for start in stride(from: 0, to: count, by: AssignedRows.tileRows) {
      measure(rows + start, found)
      let outcome = kernels.settleTile(
        rows: rows + start, count: min(AssignedRows.tileRows, count - start),
        nearest: found.nearest.base,
        best: found.best.base, runnerUp: found.runnerUp.base, relative: found.relative,
        absolute: found.absolute, labels: state.label.base, before: before.base,
        upper: bounds?.upper.base, lower: bounds?.lower.base, moved: bounds?.moved.base,
        others: bounds?.others.base)
      var lanes = outcome >> 16
      while lanes != 0 {
        let lane = lanes.trailingZeroBitCount
        state.noteChange(rows[start + lane], before.base[lane], found.nearest.base[lane])
        lanes &= lanes - 1
      }
      lanes = outcome & 0xffff
      while lanes != 0 {
        let lane = lanes.trailingZeroBitCount
        leave(lane, rows[start + lane], open)
        open += 1
        lanes &= lanes - 1
      }
    }
    return open
  }

  /// The nearest, by the definition, of the centers whose scores lie within the error of the smallest.
  private func decide(_ lane: Int, _ row: Int, best: Float) -> Int {
    let error = scores.relativeError
    let isSmall = best < 0x1p120
    let limit = isSmall ? Double(best) * (1 + error) : .infinity
    var (nearest, minimum) = (-1, Double.infinity)
    for cluster in 0..<clusters
    where !(Double(scores.score(lane, cluster: cluster)) * (1 - error) > limit) {
      let distance = cost(row: row, center: cluster)
      if distance < minimum || nearest < 0 { (nearest, minimum) = (cluster, distance) }
    }
    return nearest
  }
}

extension ManhattanAssigner {
  /// See ``RowAssigner``. Only where scores leave it open is a cost computed.
  ///
  /// - Complexity: O(own rows · points · columns), in bytes or single precision.
  func forEachNearer(
    _ nearest: UnsafeBufferPointer<Double>, at points: [Float], among rows: RowChoice?,
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    let scores = ManhattanScores(data, clusters: points.count / data.columns, kernels: kernels)
    scores.prepare(points)
    let found = NearestTwo()
    // A score of s proves that a distance is at least this much of s; beyond 2^120 scores may have overflowed.
    let share = 1 - scores.relativeError
    forEachNearer(
      nearest, at: points, among: rows, measure: { scores.measure($0, into: found) },
      reach: { nearest[$0] },
      best: { Double(min(found.best.base[$0], 0x1p120)) * share },
      score: { Double(min(scores.score($0, cluster: $1), 0x1p120)) * share }, body)
  }

  /// See ``RowAssigner``.
  func forEachNearest(
    _ nearest: UnsafeBufferPointer<Double>, of owners: UnsafePointer<Int32>, centers: [Float],
    at points: [Float], _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    let assigner = ManhattanAssigner(
      data, clusters: points.count / data.columns, kernels: kernels, pruning: false)
    forEachNearest(nearest, to: assigner, at: points, body)
  }

  func costs(of points: [Float], at others: [Float]) -> [Double] {
    ClusterMetric.l1.costs(of: points, at: others, columns: data.columns) {
      kernels.absoluteDistance($0, $1, columns: data.columns)
    }
  }
}
