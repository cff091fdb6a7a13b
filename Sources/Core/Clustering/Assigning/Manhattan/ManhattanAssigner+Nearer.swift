import DTrainDist
import KernelTable

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
