/// Finds the nearest center of each of this rank's rows, in the L1 metric.
///
/// A label is the argmin over centers of the distance computed in Double, the lowest index on ties.
/// ``ManhattanBytes``, ``ManhattanWords``, ``ManhattanScores`` and ``DistanceBounds`` decide only what their errors
/// allow; the rest is computed by that definition, whose own rounding, columns · 2^-53 of a distance, is within the
/// scores' error. Hence labels do not depend on blocks, bounds, kernels or the number of ranks. 4 bytes a row are kept,
/// for the label, and those of the bounds.
final class ManhattanAssigner: RowAssigner {
  var labelsInPlace: UnsafeBufferPointer<Int32> {
    UnsafeBufferPointer(start: label.base, count: data.rows.count)
  }
  private(set) var skipped = 0

  let data: ClusterData
  private let clusters: Int
  let kernels: KernelTable
  private let label: AlignedArray<Int32>
  private let scores: ManhattanScores
  /// What rows pass before, from coarse to fine: integers, as long as they decide much.
  private var filters: [any ManhattanFilter]
  private let found = NearestTwo()
  private let bounds: DistanceBounds?
  private var centers: [Float] = []

  private static let blockRows = LabelChange.mostAtOnce
  private let changes = BlockChanges()
  /// Local rows of a block that are looked at; each filter leaves those that it does not decide.
  private let chosen = AlignedArray<Int32>(count: blockRows + NearestTwo.rows)
  /// The old labels of a tile.
  private let before = AlignedArray<Int32>(count: NearestTwo.rows)

  /// - Parameter pruning: whether distances are skipped; nil where it pays.
  init(_ data: ClusterData, clusters: Int, kernels: KernelTable, pruning: Bool? = nil) {
    self.data = data
    self.clusters = clusters
    self.kernels = kernels
    label = AlignedArray(count: data.rows.count)
    label.base.update(repeating: -1, count: data.rows.count)
    scores = ManhattanScores(data, clusters: clusters, kernels: kernels)
    filters = [
      ManhattanBytes(data, clusters: clusters, kernels: kernels),
      ManhattanWords(data, clusters: clusters, kernels: kernels),
    ].compactMap { (filter: (any ManhattanFilter)?) in filter }
    bounds =
      pruning ?? true
      ? DistanceBounds(
        rows: data.rows.count, clusters: clusters, groupSize: clusters, isGrouped: false,
        kernels: kernels) : nil
  }

  func cost(row: Int, center: Int) -> Double {
    centers.withUnsafeBufferPointer {
      cost(row: row, to: $0.baseAddress! + center * data.columns)
    }
  }

  func cost(row: Int, to point: UnsafePointer<Float>) -> Double {
    let start = data.rows.base + row * data.rows.rowBytes
    return switch data.rows.element {
    case .float32:
      kernels.absoluteDistance(
        start.assumingMemoryBound(to: Float.self), point, columns: data.columns)
    case .uint8:
      kernels.absoluteDistance(
        start.assumingMemoryBound(to: UInt8.self), point, columns: data.columns)
    }
  }

  func reset() {
    label.base.update(repeating: -1, count: data.rows.count)
    bounds?.forget()
  }

  func relabel(row: Int, to cluster: Int) {
    label.base[row] = Int32(cluster)
    bounds?.forbidSkipping(row)
  }

  func assign(to newCenters: [Float], changed: (UnsafeBufferPointer<LabelChange>) -> Void) {
    recordMovement(to: newCenters)
    centers = newCenters
    updateCenterDistances()
    scores.prepare(newCenters)
    var usable = filters.compactMap { filter in
      filter.prepare(newCenters).map { (filter: filter, error: $0, seen: 0, left: 0) }
    }
    skipped = 0
    for first in stride(from: 0, to: data.rows.count, by: Self.blockRows) {
      Progress.beat()
      let block = first..<min(first + Self.blockRows, data.rows.count)
      var count = choose(block)
      skipped += block.count - count
      for stage in usable.indices {
        usable[stage].seen += count
        (found.relative, found.absolute) = (0x1p-22, usable[stage].error)
        count = assign(count, by: usable[stage].filter.measure) { _, row, place in
          chosen.base[place] = row
        }
        usable[stage].left += count
      }
      (found.relative, found.absolute) = (Float(scores.relativeError), 0)
      _ = assign(count, by: scores.measure) { lane, row, _ in
        settle(row, decide(lane, Int(row), best: found.best.base[lane]))
        bounds?.forbidSkipping(Int(row))
      }
      changes.pass(to: changed)
    }
    bounds?.complete()
    // Integers too coarse for these rows cost more than they save.
    for stage in usable where stage.left > 64 + stage.seen / 2 {
      filters.removeAll { $0 === stage.filter }
    }
  }

  /// Tells the bounds how far each center goes.
  private func recordMovement(to newCenters: [Float]) {
    guard let bounds else { return }
    guard bounds.areUsable else { return bounds.forget() }
    let columns = data.columns
    bounds.record(
      (0..<clusters).map { cluster in
        var sum = 0.0
        for index in cluster * columns..<(cluster + 1) * columns {
          sum += abs(Double(newCenters[index]) - Double(centers[index]))
        }
        return sum * (1 + 0x1p-30)
      })
  }

  /// Tells the bounds how far the centers are from each other.
  private func updateCenterDistances() {
    centers.withUnsafeBufferPointer { centers in
      guard let base = centers.baseAddress else { return }
      bounds?.separate { center, other in
        kernels.absoluteDistance(
          base + center * data.columns, base + other * data.columns, columns: data.columns)
      }
    }
  }

  /// Fills `chosen` with the rows of a block whose labels bounds do not prove; returns how many there are.
  private func choose(_ block: Range<Int>) -> Int {
    guard let bounds, bounds.areUsable else {
      for (place, row) in block.enumerated() { chosen.base[place] = Int32(row) }
      return block.count
    }
    return bounds.rowsToAssign(block, label.base, into: chosen.base)
  }

  /// Labels those of the chosen rows that a filter decides; passes on the others, with their lane and the number of
  /// such rows before them, and returns how many there were.
  @inline(__always)
  private func assign(
    _ count: Int, by measure: (UnsafePointer<Int32>, NearestTwo) -> Void,
    _ leave: (_ lane: Int, _ row: Int32, _ place: Int) -> Void
  ) -> Int {
    let rows = chosen.base
    // The last tile is filled up with its last row.
    for place in count..<count + NearestTwo.rows where count > 0 { rows[place] = rows[count - 1] }
    var open = 0
    for start in stride(from: 0, to: count, by: NearestTwo.rows) {
      measure(rows + start, found)
      let outcome = kernels.settleTile(
        rows: rows + start, count: min(NearestTwo.rows, count - start), nearest: found.nearest.base,
        best: found.best.base, runnerUp: found.runnerUp.base, relative: found.relative,
        absolute: found.absolute, labels: label.base, before: before.base,
        upper: bounds?.upper.base, lower: bounds?.lower.base, moved: bounds?.moved.base,
        others: bounds?.others.base)
      var lanes = outcome >> 16
      while lanes != 0 {
        let lane = lanes.trailingZeroBitCount
        changes.append(rows[start + lane], before.base[lane], found.nearest.base[lane])
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

  private func settle(_ row: Int32, _ new: Int) {
    let old = label.base[Int(row)]
    guard old != new else { return }
    label.base[Int(row)] = Int32(new)
    changes.append(row, old, Int32(new))
  }

  /// The nearest, by the definition, of the centers whose scores lie within the error of the smallest.
  private func decide(_ lane: Int, _ row: Int, best: Float) -> Int {
    let error = scores.relativeError
    let isSmall = best < 0x1p120
    let limit = isSmall ? Double(best) * (1 + error) : .infinity
    var (nearest, least) = (-1, Double.infinity)
    for cluster in 0..<clusters
    where !(Double(scores.score(lane, cluster: cluster)) * (1 - error) > limit) {
      let distance = cost(row: row, center: cluster)
      if distance < least || nearest < 0 { (nearest, least) = (cluster, distance) }
    }
    return nearest
  }
}

extension ManhattanAssigner {
  /// See ``RowAssigner``. Only where scores leave it open is a cost computed.
  ///
  /// - Complexity: O(own rows · points · columns), in bytes or single precision.
  func forEachNearer(
    _ nearest: UnsafeBufferPointer<Double>, at points: [Float],
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    let (count, columns) = (nearest.count, data.columns)
    let pointCount = points.count / columns
    let scores = ManhattanScores(data, clusters: pointCount, kernels: kernels)
    scores.prepare(points)
    let found = NearestTwo()
    // A score of s proves that a distance is at least this much of s.
    let least = 1 - scores.relativeError
    var tile = [Int32](repeating: 0, count: NearestTwo.rows)
    points.withUnsafeBufferPointer { points in
      for start in stride(from: 0, to: count, by: NearestTwo.rows) {
        Progress.beat()
        for lane in tile.indices { tile[lane] = Int32(min(start + lane, count - 1)) }
        scores.measure(tile, into: found)
        for row in start..<min(start + NearestTwo.rows, count) {
          let lane = row - start
          // Beyond 2^120 scores may have overflowed.
          if Double(min(found.best.base[lane], 0x1p120)) * least > nearest[row] { continue }
          for point in 0..<pointCount {
            let score = min(scores.score(lane, cluster: point), 0x1p120)
            if Double(score) * least > nearest[row] { continue }
            let cost = cost(row: row, to: points.baseAddress! + point * columns)
            if cost < nearest[row] { body(row, point, cost) }
          }
        }
      }
    }
  }
}
