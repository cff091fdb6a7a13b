/// Finds the nearest center of each of this rank's rows, in the Euclidean metric.
///
/// A label is the argmin over centers of the squared distance computed in Double
/// (``cost(row:to:)``), the lowest index on ties. Everything else here is a filter that
/// decides only what its rigorous error bound decides; the rest is computed by that definition. Hence
/// labels do not depend on tiles, bounds, kernels or the number of ranks.
///
/// Rows whose bounds prove their label are not looked at. The others' scores of all centers are computed
/// sixteen rows at a time, in 16-bit integers or single precision (see ``PairScores``, ``FloatScores``). 8 bytes a
/// row are kept, for label and norm, and those of the bounds.
final class EuclideanAssigner: RowAssigner {
  let state: AssignedRows

  private let rows: CenteredRows
  private let kernels: KernelTable
  private let data: ClusterData
  private let clusters: Int

  /// Whether looking at the own center alone is much cheaper than looking at all.
  private let looksAtOwn: Bool
  private let result: TileResult
  private let floats: FloatScores
  /// Integers, as long as they decide nearly everything.
  private var integers: PairScores?
  /// What rules out nearly all centers where there are many; nil where it does not pay.
  private let leading: LeadingRows?
  private var sieve: LeadingSieve?
  /// The same for points that rows may be nearer to, and how often in turn it left too much.
  private var searchMisses = 0
  private lazy var search = leading.map { LeadingSearch($0, most: 64, kernels: kernels) }

  private let candidates: AlignedArray<Int32>
  private let limits = AlignedFloats(count: AssignedRows.tileRows)
  /// The squared distances of the chosen rows to their own centers in single precision, where they were computed.
  private let squares = AlignedFloats(count: LabelChange.mostAtOnce + AssignedRows.tileRows)

  /// Prepares the rows.
  ///
  /// - Parameters:
  ///   - leading: the same rows along axes, where that is to save work.
  ///   - pruning: whether distances are skipped; nil where it pays.
  init(
    _ data: ClusterData, clusters: Int, leading: LeadingRows? = nil, kernels: KernelTable,
    pruning: Bool? = nil
  ) {
    self.data = data
    self.clusters = clusters
    self.kernels = kernels
    rows = data.centered
    let isWide = data.columns > 32
    result = TileResult(clusters: clusters, isGrouped: isWide)
    candidates = AlignedArray(count: result.paddedClusters)
    floats = FloatScores(rows, paddedClusters: result.paddedClusters, kernels: kernels)
    integers =
      isWide ? PairScores(rows, paddedClusters: result.paddedClusters, kernels: kernels) : nil
    state = AssignedRows(
      data,
      bounds: pruning ?? true
        ? DistanceBounds(
          rows: data.rows.count, clusters: clusters, groupSize: result.groupSize,
          isGrouped: isWide, kernels: kernels) : nil)
    self.leading = isWide ? leading : nil
    looksAtOwn = isWide && clusters > (leading == nil ? 32 : 256)
    sieve = self.leading.map { [state, result] in
      LeadingSieve($0, state, clusters: clusters, groupSize: result.groupSize, kernels: kernels)
    }
  }

  /// The squared distance that defines labels.
  func cost(row: Int, to point: UnsafePointer<Float>) -> Double {
    data.rows.squaredDistance(row, to: point, kernels: kernels)
  }

  func assign(to newCenters: [Float], changed: (UnsafeBufferPointer<LabelChange>) -> Void) {
    state.move(to: newCenters, .l2, times: rows.scale * (1 + 0x1p-40))
    state.updateCenterDistances {
      kernels.squaredDistance($0, $1, columns: data.columns).squareRoot() * rows.scale
    }
    if let sieve, sieve.prepare(newCenters) { return assign(by: sieve, changed) }
    let filter = filter(integers, or: floats, of: newCenters)
    var recomputed = 0
    state.assign(changed: changed, narrow: looksAtOwn ? leaveUnproved : { $0 }) { count in
      for start in stride(from: 0, to: count, by: AssignedRows.tileRows) {
        recomputed += assignTile(
          state.chosen.base + start, min(AssignedRows.tileRows, count - start), filter)
      }
    }
    // Integers too coarse for these rows cost more than they save.
    if recomputed > 64 + (data.rows.count - state.skipped) * clusters / 16 { integers = nil }
  }

  private func assign(
    by sieve: LeadingSieve, _ changed: (UnsafeBufferPointer<LabelChange>) -> Void
  ) {
    let isNew = !(state.bounds?.areUsable ?? false)
    let squares = looksAtOwn && !isNew ? squares.base : nil
    state.assign(changed: changed, narrow: looksAtOwn ? leaveUnproved : { $0 }) { count in
      state.centers.withUnsafeBufferPointer { centers in
        for start in stride(from: 0, to: count, by: AssignedRows.tileRows) {
          sieve.assign(
            state.chosen.base + start, min(AssignedRows.tileRows, count - start),
            squares: squares.map { $0 + start }, centers: centers.baseAddress!)
        }
      }
    }
    let looked = data.rows.count - state.skipped
    state.spared = max(0, looked * clusters - sieve.examined)
    // A distance by itself costs as much as about twelve scores, and so does turning a row for these, twice.
    if sieve.examined > 64 + looked * (clusters + 24) / 12 { self.sieve = nil }
  }

  // MARK: Which rows

  /// Before all centers are looked at, the own one alone: often it is nearer than the bound said.
  ///
  /// - Returns: the number of rows that are left of the first `count` chosen ones.
  private func leaveUnproved(_ count: Int) -> Int {
    guard let bounds = state.bounds else { return count }
    let chosen = state.chosen.base
    var left = 0
    state.centers.withUnsafeBufferPointer { centers in
      for place in 0..<count {
        let row = Int(chosen[place])
        let own = Int(state.label.base[row])
        let square = data.rows.nearlySquaredDistance(
          row, to: centers.baseAddress! + own * data.columns, kernels: kernels)
        if !bounds.prove(row: row, label: own, distance: distanceBound(square)) {
          chosen[left] = Int32(row)
          squares.base[left] = square
          left += 1
        }
      }
    }
    return left
  }

  /// At least the scaled distance that belongs to a squared one in single precision.
  @inline(__always)
  private func distanceBound(_ square: Float) -> Float {
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
    filter.measure(tile, into: result)
    for lane in 0..<AssignedRows.tileRows { result.norms.base[lane] = rows.norms[Int(tile[lane])] }
    let error = filter.error
    let isAnyUndecided = kernels.judgeTile(
      norms: result.norms.base, best: result.best.base, runnerUp: result.runnerUp.base,
      slope: error.slope, constant: error.constant, roundoff: error.roundoff,
      largest: error.largest, undecided: result.undecided.base, errors: result.errors.base,
      upper: result.upper.base, lower: result.lower.base)
    let recomputed = isAnyUndecided ? decide(tile, count) : 0
    for lane in 0..<count {
      let row = Int(tile[lane])
      let new = result.nearest.base[lane]
      if let bounds = state.bounds {
        if result.undecided.base[lane] == 0 {
          bounds.keep(row: row, label: Int(new), lane: lane, of: result)
        } else {
          bounds.forbidSkipping(row)
        }
      }
      state.settle(Int32(row), new)
    }
    return recomputed
  }

  /// Gives undecided rows the nearest of the centers whose scores lie within the error of the smallest.
  ///
  /// - Returns: how many distances were computed by the definition.
  private func decide(_ tile: UnsafePointer<Int32>, _ count: Int) -> Int {
    for lane in 0..<AssignedRows.tileRows {
      let isOpen = lane < count && result.undecided.base[lane] != 0
      let limit = result.best.base[lane] + 2.0001 * result.errors.base[lane]
      limits.base[lane] = isOpen ? limit : -.infinity
    }
    let found = kernels.centersWithin(
      scores: result.scores.base, count: clusters, limits: limits.base, chosen: candidates.base)
    var computed = 0
    for lane in 0..<count where result.undecided.base[lane] != 0 {
      var (nearest, minimum) = (-1, Double.infinity)
      for place in 0..<found {
        let cluster = Int(candidates.base[place])
        if result.scores.base[cluster * AssignedRows.tileRows + lane] > limits.base[lane] {
          continue
        }
        let distance = cost(row: Int(tile[lane]), center: cluster)
        computed += 1
        if distance < minimum || nearest < 0 { (nearest, minimum) = (cluster, distance) }
      }
      result.nearest.base[lane] = Int32(nearest)
    }
    return computed
  }
}

extension EuclideanAssigner {
  /// See ``RowAssigner``. Only where scores leave it open is a cost computed.
  ///
  /// - Complexity: O(own rows · points · columns), in 16-bit integers or single precision.
  func forEachNearer(
    _ nearest: UnsafeBufferPointer<Double>, at points: [Float], among rows: RowChoice?,
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    if let search, search.prepare(points) {
      let error = search.error
      let (seen, farther) = search.forEachNearer(
        nearest, at: points, in: state, among: rows, reach: { reach($0, nearest[$0], error) }, body)
      // A distance by itself costs as much as about twelve scores. The first few centers leave more than later ones.
      searchMisses = farther > 64 + seen / 12 ? searchMisses + 1 : 0
      if searchMisses > 16 { self.search = nil }
      return
    }
    let result = TileResult(clusters: points.count / data.columns, isGrouped: false)
    let padded = result.paddedClusters
    let filter = filter(
      data.columns > 32 ? PairScores(self.rows, paddedClusters: padded, kernels: kernels) : nil,
      or: FloatScores(self.rows, paddedClusters: padded, kernels: kernels), of: points)
    let (best, scores, error) = (result.best.base, result.scores.base, filter.error)
    forEachNearer(
      nearest, at: points, among: rows, measure: { filter.measure($0, into: result) },
      reach: { reach($0, nearest[$0], error) }, best: { Double(best[$0]) },
      score: { Double(scores[$1 * AssignedRows.tileRows + $0]) }, body)
  }

  func costs(of points: [Float], at others: [Float]) -> [Double] {
    ClusterMetric.l2.costs(of: points, at: others, columns: data.columns) {
      kernels.squaredDistance($0, $1, columns: data.columns)
    }
  }

  /// See ``RowAssigner``. Where rows are narrow, only points near a row's own center are looked at.
  func forEachNearest(
    _ nearest: UnsafeBufferPointer<Double>, of owners: UnsafePointer<Int32>, centers: [Float],
    at points: [Float], _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    let columns = data.columns
    guard columns <= 32 else {
      let assigner = EuclideanAssigner(
        data, clusters: points.count / columns, leading: leading, kernels: kernels, pruning: false)
      return forEachNearest(nearest, to: assigner, at: points, body)
    }
    let floats = FloatScores(
      rows, paddedClusters: (points.count / columns + 3) / 4 * 4, kernels: kernels)
    floats.prepare(points)
    let near = NeighborPoints(
      points: points.count / columns, centers: centers.count / columns, .l2
    ) {
      costs(of: points, at: Array(centers[$0 * columns..<($0 + 1) * columns]))
    }
    let result = TileResult(clusters: points.count / columns, isGrouped: false)
    let (best, scores, error) = (result.best.base, result.scores.base, floats.error)
    points.withUnsafeBufferPointer { points in
      near.forEachTile(of: data.rows.count, nearest, owners) { tile, count, list in
        if list.count == result.clusters {
          floats.measure(tile, into: result)
        } else {
          floats.select(list)
          floats.measureSelected(tile, into: result)
        }
        for lane in 0..<count {
          let row = Int(tile[lane])
          let reach = reach(row, nearest[row], error)
          if Double(best[lane]) > reach { continue }
          // Only the nearest is wanted.
          let limit = min(reach, Double(best[lane]) + 2.001 * error.of(norm: rows.norms[row]))
          var (point, least) = (-1, nearest[row])
          for (place, other) in list.enumerated()
          where !(Double(scores[place * AssignedRows.tileRows + lane]) > limit) {
            let cost = cost(row: row, to: points.baseAddress! + Int(other) * columns)
            if cost < least || (cost == least && point > Int(other)) {
              (point, least) = (Int(other), cost)
            }
          }
          if point >= 0 { body(row, point, least) }
        }
      }
    }
  }

  /// The scores of some centers: in integers where these can tell them apart, else in single precision.
  private func filter(
    _ integers: PairScores?, or floats: @autoclosure () -> FloatScores, of centers: [Float]
  ) -> any ScoreFilter {
    if let integers, integers.prepare(centers) { return integers }
    let floats = floats()
    floats.prepare(centers)
    return floats
  }

  /// The score above which a point is certainly no nearer to a row than a squared distance.
  @inline(__always)
  private func reach(_ row: Int, _ cost: Double, _ error: ScoreError) -> Double {
    let norm = Double(rows.norms[row])
    // The norm is rounded up by less than 2^-22 of itself.
    let square = norm * norm * (1 - 0x1p-20)
    return (cost * rows.scale * rows.scale * (1 + 1e-9) - square) / 2 + error.of(
      norm: rows.norms[row]) * 1.001
  }
}
