import DTrainDist
import KernelTable

extension EuclideanAssigner {
  /// See ``RowAssigner``. Only where scores leave it open is a cost computed.
  ///
  /// - Complexity: O(own rows · points · columns), in 16-bit integers or single precision.
  func forEachNearer(
    _ nearest: UnsafeBufferPointer<Double>, at points: [Float],
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    let (count, columns) = (nearest.count, rows.data.columns)
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
    if rows.data.columns > 32 {
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
