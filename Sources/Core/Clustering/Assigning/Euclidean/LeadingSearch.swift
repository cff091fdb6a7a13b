/// Finds the rows that some points are nearer to than what they know, by leading coordinates.
final class LeadingSearch {
  private let leading: LeadingRows
  private let kernels: KernelTable
  private let scores: LeadingScores
  private let most: Int
  private let limits = AlignedArray<Int32>(count: AssignedRows.tileRows)

  /// Room for some points.
  init(_ leading: LeadingRows, most: Int, kernels: KernelTable) {
    self.leading = leading
    self.kernels = kernels
    self.most = most
    scores = LeadingScores(leading, most: most, kernels: kernels)
  }

  /// Takes points, `[some, columns]`.
  ///
  /// - Returns: whether there is room for them, and their scores can be held.
  func prepare(_ points: [Float]) -> Bool {
    points.count <= most * leading.rows.rows.columns && scores.prepare(points)
  }

  /// What scores may be off by.
  var error: ScoreError { scores.error }

  /// Calls `body` for each local row and each of the points whose squared distance to it is below what `nearest` says,
  /// with that distance; see ``RowAssigner/forEachNearer(_:at:among:_:)``.
  ///
  /// - Parameter reach: of a row, the score above which a point is not nearer to it than `nearest` says.
  /// - Returns: how many pairs were looked at, and how many distances were computed in vain.
  func forEachNearer(
    _ nearest: UnsafeBufferPointer<Double>, at points: [Float], in state: AssignedRows,
    among rows: RowChoice?, reach: (_ row: Int) -> Double,
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) -> (seen: Int, farther: Int) {
    var (seen, farther) = (0, 0)
    let block = leading.rows.rows
    points.withUnsafeBufferPointer { points in
      state.forEachTile(among: rows) { tile, count in
        seen += count * scores.count
        for lane in 0..<AssignedRows.tileRows {
          limits.base[lane] = lane < count ? scores.limit(reach(Int(tile[lane]))) : .min
        }
        scores.measure(tile)
        let found = scores.sift(limits.base, groupSize: nil)
        for place in 0..<found {
          let point = Int(scores.chosen.base[place])
          let values = points.baseAddress! + point * block.columns
          var lanes = UInt32(bitPattern: scores.members.base[place])
          while lanes != 0 {
            let row = Int(tile[lanes.trailingZeroBitCount])
            lanes &= lanes - 1
            if isFarther(row, values, than: nearest[row]) {
              farther += 1
              continue
            }
            let cost = block.squaredDistance(row, to: values, kernels: kernels)
            if cost < nearest[row] { body(row, point, cost) }
          }
        }
      }
    }
    return (seen, farther)
  }

  /// Whether single precision shows that a point is farther.
  @inline(__always)
  private func isFarther(_ row: Int, _ point: UnsafePointer<Float>, than cost: Double) -> Bool {
    let block = leading.rows.rows
    let square = block.nearlySquaredDistance(row, to: point, kernels: kernels)
    let columns = Double(block.columns)
    return Double(square) * (1 - (columns + 512) * 0x1p-27) - columns * 0x1p-126 > cost
  }
}
