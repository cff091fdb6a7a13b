import DTrainDist
import KernelTable

extension EuclideanAssigner {
  /// See ``RowAssigner``. Only where scores leave it open is a cost computed.
  ///
  /// - Complexity: O(own rows · points · columns), in 16-bit integers or single precision.
  func lowered(_ nearest: [Double], at points: [Float], columns: Int) -> [[Double]] {
    let ranking = TileRanking(clusters: points.count / columns, isGrouped: false)
    let filter = filter(of: points, ranking)
    let count = nearest.count
    var lowered = [[Double]](repeating: nearest, count: points.count / columns)
    var tile = [Int32](repeating: 0, count: TileRanking.rows)
    for start in stride(from: 0, to: count, by: TileRanking.rows) {
      Progress.beat()
      for lane in tile.indices { tile[lane] = Int32(min(start + lane, count - 1)) }
      filter.rank(tile, into: ranking)
      for row in start..<min(start + TileRanking.rows, count) {
        let reach = reach(row, nearest[row], filter.error)
        for point in lowered.indices
        where !(Double(ranking.scores.base[point * TileRanking.rows + row - start]) > reach) {
          let cost = points.withUnsafeBufferPointer {
            squaredDistance(row: row, to: $0.baseAddress! + point * columns)
          }
          if cost < nearest[row] { lowered[point][row] = cost }
        }
      }
    }
    return lowered
  }

  private func filter(of points: [Float], _ ranking: TileRanking) -> any ScoreFilter {
    if rows.data.columns > 32 {
      let pairs = PairScores(rows, paddedClusters: ranking.paddedClusters, kernels: kernelTable)
      if pairs.prepare(points) { return pairs }
    }
    let floats = FloatScores(rows, paddedClusters: ranking.paddedClusters, kernels: kernelTable)
    _ = floats.prepare(points)
    return floats
  }

  /// The score above which a point is certainly no nearer to a row than a squared distance.
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
