/// Finds the nearest center of each of this rank's rows, in the Euclidean metric.
///
/// A label is the argmin over centers of the squared distance computed in Double
/// (``squaredDistance(row:center:)``), the lowest index on ties. Everything else here is a filter that
/// decides only what its rigorous error bound decides; the rest is computed by that definition. Hence
/// labels do not depend on tiles, bounds, kernels or the number of ranks.
///
/// Rows whose bounds prove their label are not looked at. The others' scores of all centers are computed
/// sixteen rows at a time, in 16-bit integers or single precision (see ``PairScores``, ``FloatScores``). 8 bytes a
/// row are kept, for label and norm, and those of the bounds.
final class EuclideanAssigner {
  var labelsInPlace: UnsafeBufferPointer<Int32> {
    UnsafeBufferPointer(start: label.base, count: data.rows.count)
  }
  /// Rows whose distances the last assignment skipped.
  private(set) var skipped = 0

  let rows: CenteredRows
  let kernels: KernelTable
  private let data: ClusterData
  private let clusters: Int
  private let label: AlignedArray<Int32>

  /// Centers as given, `[clusters, columns]`.
  private var centers: [Float] = []
  /// Whether looking at the own center alone is much cheaper than looking at all.
  private let looksAtOwn: Bool
  private let ranking: TileRanking
  private let bounds: DistanceBounds?
  private let floats: FloatScores
  /// Integers, as long as they decide nearly everything.
  private var integers: PairScores?

  private static let blockRows = LabelChange.mostAtOnce
  private let changes = BlockChanges()
  /// Local rows that an assignment looks at.
  private let chosen = AlignedArray<Int32>(count: blockRows + TileRanking.rows)
  private let candidates: AlignedArray<Int32>
  private let limits = AlignedFloats(count: TileRanking.rows)

  /// Prepares the rows.
  ///
  /// - Parameter pruning: whether distances are skipped; nil where it pays.
  init(
    _ data: ClusterData, clusters: Int, kernels: KernelTable, pruning: Bool? = nil
  ) {
    self.data = data
    self.clusters = clusters
    self.kernels = kernels
    rows = data.centered
    label = AlignedArray(count: data.rows.count)
    label.base.update(repeating: -1, count: data.rows.count)
    let isWide = data.columns > 32
    looksAtOwn = isWide && clusters > 32
    ranking = TileRanking(clusters: clusters, isGrouped: isWide)
    candidates = AlignedArray(count: ranking.paddedClusters)
    floats = FloatScores(rows, paddedClusters: ranking.paddedClusters, kernels: kernels)
    integers =
      isWide ? PairScores(rows, paddedClusters: ranking.paddedClusters, kernels: kernels) : nil
    bounds =
      pruning ?? true
      ? DistanceBounds(
        rows: data.rows.count, clusters: clusters, groupSize: ranking.groupSize, isGrouped: isWide,
        kernels: kernels) : nil
  }

  /// The squared distance that defines labels.
  func squaredDistance(row: Int, center: Int) -> Double {
    centers.withUnsafeBufferPointer {
      squaredDistance(row: row, to: $0.baseAddress! + center * data.columns)
    }
  }

  /// The squared distance of a local row to a point.
  func squaredDistance(row: Int, to point: UnsafePointer<Float>) -> Double {
    let start = data.rows.base + row * data.rows.rowBytes
    return switch data.rows.element {
    case .float32:
      kernels.squaredDistance(
        start.assumingMemoryBound(to: Float.self), point, columns: data.columns)
    case .uint8:
      kernels.squaredDistance(
        start.assumingMemoryBound(to: UInt8.self), point, columns: data.columns)
    }
  }

  /// Forgets labels and bounds, for another start.
  func reset() {
    label.base.update(repeating: -1, count: data.rows.count)
    bounds?.forget()
  }

  /// Moves a row to another cluster, whatever its distance.
  func relabel(row: Int, to cluster: Int) {
    label.base[row] = Int32(cluster)
    bounds?.forbidSkipping(row)
  }

  /// Assigns every row to its nearest center, and tells of each change.
  ///
  /// - Parameters:
  ///   - newCenters: `[clusters, columns]`.
  ///   - changed: called for some rows at a time.
  func assign(to newCenters: [Float], changed: (UnsafeBufferPointer<LabelChange>) -> Void) {
    recordMovement(to: newCenters)
    centers = newCenters
    updateCenterDistances()
    let integers = self.integers.flatMap { $0.prepare(centers) ? $0 : nil }
    let filter: any ScoreFilter = integers ?? floats
    if integers == nil { _ = floats.prepare(centers) }
    skipped = 0
    var recomputed = 0
    for first in stride(from: 0, to: data.rows.count, by: Self.blockRows) {
      Progress.beat()
      let block = first..<min(first + Self.blockRows, data.rows.count)
      let count = choose(block)
      skipped += block.count - count
      // The last tile is filled up with its last row.
      for place in count..<count + TileRanking.rows where count > 0 {
        chosen.base[place] = chosen.base[count - 1]
      }
      for start in stride(from: 0, to: count, by: TileRanking.rows) {
        recomputed += assignTile(
          chosen.base + start, min(TileRanking.rows, count - start), filter)
      }
      changes.pass(to: changed)
    }
    bounds?.complete()
    // Integers too coarse for these rows cost more than they save.
    if recomputed > 64 + (data.rows.count - skipped) * clusters / 16 { self.integers = nil }
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
          let difference = Double(newCenters[index]) - Double(centers[index])
          sum += difference * difference
        }
        return sum.squareRoot() * rows.scale * (1 + 0x1p-40)
      })
  }

  /// Tells the bounds how far the centers are from each other.
  private func updateCenterDistances() {
    centers.withUnsafeBufferPointer { centers in
      guard let base = centers.baseAddress else { return }
      bounds?.separate { center, other in
        kernels.squaredDistance(
          base + center * data.columns, base + other * data.columns, columns: data.columns
        ).squareRoot() * rows.scale
      }
    }
  }

  // MARK: Which rows

  /// Fills `chosen` with the rows of a block whose labels bounds do not prove.
  ///
  /// - Returns: how many there are.
  private func choose(_ block: Range<Int>) -> Int {
    guard let bounds, bounds.areUsable else {
      for (place, row) in block.enumerated() { chosen.base[place] = Int32(row) }
      return block.count
    }
    let count = bounds.rowsToAssign(block, label.base, into: chosen.base)
    guard looksAtOwn else { return count }
    // Before all centers are looked at, the own one alone: often it is nearer than the bound said.
    var left = 0
    centers.withUnsafeBufferPointer { centers in
      for place in 0..<count {
        let row = Int(chosen.base[place])
        let own = Int(label.base[row])
        let distance = distanceBound(row, centers.baseAddress! + own * data.columns)
        if !bounds.prove(row: row, label: own, distance: distance) {
          chosen.base[left] = Int32(row)
          left += 1
        }
      }
    }
    return left
  }

  /// At least the scaled distance of a row to a point.
  @inline(__always)
  private func distanceBound(_ row: Int, _ point: UnsafePointer<Float>) -> Float {
    let start = data.rows.base + row * data.rows.rowBytes
    let square =
      switch data.rows.element {
      case .float32:
        kernels.nearlySquaredDistance(
          start.assumingMemoryBound(to: Float.self), point, columns: data.columns)
      case .uint8:
        kernels.nearlySquaredDistance(
          start.assumingMemoryBound(to: UInt8.self), point, columns: data.columns)
      }
    let columns = Float(data.columns)
    let bound = square * (1 + (columns * 0.125 + 64) * 0x1p-24) + columns * 0x1p-126
    return bound.squareRoot() * Float(rows.scale) * (1 + 0x1p-20)
  }

  // MARK: Their labels

  /// Decides up to sixteen rows.
  ///
  /// - Returns: how many distances were computed by the definition.
  private func assignTile(
    _ tile: UnsafePointer<Int32>, _ count: Int, _ filter: any ScoreFilter
  ) -> Int {
    filter.rank(tile, into: ranking)
    for lane in 0..<TileRanking.rows { ranking.norms.base[lane] = rows.norms[Int(tile[lane])] }
    let error = filter.error
    let isAnyUndecided = kernels.judgeTile(
      norms: ranking.norms.base, best: ranking.best.base, runnerUp: ranking.runnerUp.base,
      slope: error.slope, constant: error.constant, roundoff: error.roundoff,
      largest: error.largest, undecided: ranking.undecided.base, errors: ranking.errors.base,
      upper: ranking.upper.base, lower: ranking.lower.base)
    let recomputed = isAnyUndecided ? decide(tile, count) : 0
    for lane in 0..<count {
      let row = Int(tile[lane])
      let new = Int(ranking.nearest.base[lane])
      if let bounds {
        if ranking.undecided.base[lane] == 0 {
          bounds.keep(row: row, label: new, lane: lane, of: ranking)
        } else {
          bounds.forbidSkipping(row)
        }
      }
      let old = label.base[row]
      if old != new {
        label.base[row] = Int32(new)
        changes.append(Int32(row), old, Int32(new))
      }
    }
    return recomputed
  }

  /// Gives undecided rows the nearest of the centers whose scores lie within the error of the smallest.
  ///
  /// - Returns: how many distances were computed by the definition.
  private func decide(_ tile: UnsafePointer<Int32>, _ count: Int) -> Int {
    for lane in 0..<TileRanking.rows {
      let isOpen = lane < count && ranking.undecided.base[lane] != 0
      let limit = ranking.best.base[lane] + 2.0001 * ranking.errors.base[lane]
      limits.base[lane] = isOpen ? limit : -.infinity
    }
    let found = kernels.centersWithin(
      scores: ranking.scores.base, count: clusters, limits: limits.base, chosen: candidates.base)
    var computed = 0
    for lane in 0..<count where ranking.undecided.base[lane] != 0 {
      var (nearest, least) = (-1, Double.infinity)
      for place in 0..<found {
        let cluster = Int(candidates.base[place])
        if ranking.scores.base[cluster * TileRanking.rows + lane] > limits.base[lane] { continue }
        let distance = squaredDistance(row: Int(tile[lane]), center: cluster)
        computed += 1
        if distance < least || nearest < 0 { (nearest, least) = (cluster, distance) }
      }
      ranking.nearest.base[lane] = Int32(nearest)
    }
    return computed
  }
}

extension EuclideanAssigner {
  /// See ``RowAssigner``. Only where scores leave it open is a cost computed.
  ///
  /// - Complexity: O(own rows · points · columns), in 16-bit integers or single precision.
  func forEachNearer(
    _ nearest: UnsafeBufferPointer<Double>, at points: [Float],
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    let (count, columns) = (nearest.count, rows.rows.columns)
    let pointCount = points.count / columns
    let ranking = TileRanking(clusters: pointCount, isGrouped: false)
    let filter = filter(of: points, ranking)
    let (best, scores, error) = (ranking.best.base, ranking.scores.base, filter.error)
    var tile = [Int32](repeating: 0, count: TileRanking.rows)
    points.withUnsafeBufferPointer { points in
      for start in stride(from: 0, to: count, by: TileRanking.rows) {
        Progress.beat()
        for lane in tile.indices { tile[lane] = Int32(min(start + lane, count - 1)) }
        filter.rank(tile, into: ranking)
        for row in start..<min(start + TileRanking.rows, count) {
          let reach = reach(row, nearest[row], error)
          if Double(best[row - start]) > reach { continue }
          for point in 0..<pointCount
          where !(Double(scores[point * TileRanking.rows + row - start]) > reach) {
            let cost = squaredDistance(row: row, to: points.baseAddress! + point * columns)
            if cost < nearest[row] { body(row, point, cost) }
          }
        }
      }
    }
  }

  private func filter(of points: [Float], _ ranking: TileRanking) -> any ScoreFilter {
    if rows.rows.columns > 32 {
      let pairs = PairScores(rows, paddedClusters: ranking.paddedClusters, kernels: kernels)
      if pairs.prepare(points) { return pairs }
    }
    let floats = FloatScores(rows, paddedClusters: ranking.paddedClusters, kernels: kernels)
    _ = floats.prepare(points)
    return floats
  }

  /// The score above which a point is certainly no nearer to a row than a squared distance.
  @inline(__always)
  private func reach(_ row: Int, _ cost: Double, _ error: ScoreError) -> Double {
    let norm = Double(rows.norms[row])
    let sum = norm + Double(error.largest)
    let slack =
      Double(error.slope) * norm + Double(error.constant) + Double(error.roundoff) * sum * sum
    // The norm is rounded up by less than 2^-22 of itself.
    let least = norm * norm * (1 - 0x1p-20)
    return (cost * rows.scale * rows.scale * (1 + 1e-9) - least) / 2 + slack * 1.001
  }
}
