import CKernels

/// Scores of centers: numbers that sort as the distances of a row to them do.
///
/// Of a tile of sixteen rows (KernelTable+Tiles.swift), `nearest`, `best` and `runnerUp` `[16]` receive the center of
/// smallest score, its score, and the smallest score of any other. `count` includes centers that fill up the last few,
/// whose number is `padding` or whose half squared norm is infinite.
extension KernelTable {
  /// Scores h[k] - x·c[k] of a tile of Floats.
  ///
  /// - Parameters:
  ///   - centers: `[count, columns]`; `count` is a multiple of 4.
  ///   - h: `[count]`, half the squared norms.
  ///   - groupSize: consecutive centers, at most sixteen groups of them, of each of which the smallest score is wanted.
  ///   - nearest: of equal scores the first.
  ///   - scores: receives `[count, 16]`.
  ///   - groups: unless nil receives `[16 rows, 16 groups]`, the smallest scores of each group's centers but the nearest,
  ///     infinity for groups without centers; behind these there is as much room to work in.
  /// - Complexity: O(count · columns).
  @inlinable
  public func nearest(
    tile: UnsafePointer<Float>, columns: Int, centers: UnsafePointer<Float>,
    h: UnsafePointer<Float>, count: Int, groupSize: Int, nearest: UnsafeMutablePointer<Int32>,
    best: UnsafeMutablePointer<Float>, runnerUp: UnsafeMutablePointer<Float>,
    scores: UnsafeMutablePointer<Float>, groups: UnsafeMutablePointer<Float>?
  ) {
    table.pointee.kernels.nearestOfFloats(
      tile, columns, centers, h, count, groupSize, nearest, best, runnerUp, scores, groups)
  }

  /// Scores (h[k] - x·c[k]) · unit of a tile of pairs, in integers that wrap around: only h[k] - x·c[k] itself must fit
  /// 32 bits. `centers` is `[count, words]`; an h of 2^31 - 1 is infinite. The rest is as for Floats.
  /// - Complexity: O(count · words).
  @inlinable
  public func nearest(
    pairTile tile: UnsafePointer<Int32>, words: Int, centers: UnsafePointer<Int32>,
    h: UnsafePointer<Int32>, unit: Float, count: Int, groupSize: Int,
    nearest: UnsafeMutablePointer<Int32>, best: UnsafeMutablePointer<Float>,
    runnerUp: UnsafeMutablePointer<Float>, scores: UnsafeMutablePointer<Float>,
    groups: UnsafeMutablePointer<Float>?
  ) {
    table.pointee.kernels.nearestOfPairs(
      tile, words, centers, h, unit, count, groupSize, nearest, best, runnerUp, scores, groups)
  }

  /// The centers whose score is within the limit of a row, or NaN, for some row.
  ///
  /// - Parameters:
  ///   - scores: `[count, 16]`.
  ///   - limits: `[16]`.
  ///   - chosen: receives the centers in order; has room for `count`.
  /// - Returns: how many there are.
  /// - Complexity: O(count).
  @inlinable
  public func centersWithin(
    scores: UnsafePointer<Float>, count: Int, limits: UnsafePointer<Float>,
    chosen: UnsafeMutablePointer<Int32>
  ) -> Int {
    table.pointee.kernels.centersWithin(scores, count, limits, chosen)
  }

  /// L1 distances of a tile `[columns, 16]` of Floats, whose error is at most columns · 2^-24 · 1.01 of themselves if
  /// nothing overflows.
  ///
  /// `centers` is `[count, columns]`; `count` is a multiple of 4; `scores` receives `[count, 16]`.
  /// - Complexity: O(count · columns).
  @inlinable
  public func absoluteScores(
    tile: UnsafePointer<Float>, columns: Int, centers: UnsafePointer<Float>, count: Int,
    padding: Int, scores: UnsafeMutablePointer<Float>, nearest: UnsafeMutablePointer<Int32>,
    best: UnsafeMutablePointer<Float>, runnerUp: UnsafeMutablePointer<Float>
  ) {
    table.pointee.kernels.absoluteScoresInTile(
      tile, columns, centers, count, padding, scores, nearest, best, runnerUp)
  }

  /// L1 distances of a tile `[words, 16]` of pairs, each 16-bit integer from 0, the sums below 2^15.
  ///
  /// `centers` is `[count, words]`; `count` is a multiple of 4.
  /// - Complexity: O(count · words).
  @inlinable
  public func nearestByAbsolute(
    pairTile tile: UnsafePointer<Int32>, words: Int, centers: UnsafePointer<Int32>, count: Int,
    padding: Int, nearest: UnsafeMutablePointer<Int32>, best: UnsafeMutablePointer<Int32>,
    runnerUp: UnsafeMutablePointer<Int32>
  ) {
    table.pointee.kernels.nearestOfAbsolutePairs(
      tile, words, centers, count, padding, nearest, best, runnerUp)
  }

  /// L1 distances of a tile `[groups, 16]` of groups of eight bytes, the sums below 2^15.
  ///
  /// `centers` is `[count, groups]`; `count` is even and below 2^16, `padding` 0 or 1.
  /// - Complexity: O(count · groups).
  @inlinable
  public func nearestByAbsolute(
    byteTile tile: UnsafePointer<UInt64>, groups: Int, centers: UnsafePointer<UInt64>, count: Int,
    padding: Int, nearest: UnsafeMutablePointer<Int32>, best: UnsafeMutablePointer<Int32>,
    runnerUp: UnsafeMutablePointer<Int32>
  ) {
    table.pointee.kernels.nearestOfByteGroups(
      tile, groups, centers, count, padding, nearest, best, runnerUp)
  }

  /// L1 distances of one row to every center, with the error of those of a tile.
  ///
  /// - Parameters:
  ///   - centers: `[count, stride]`, zeros from `columns` on; `stride` is a multiple of 16, `count` of 4.
  ///   - scores: receives `[count]`.
  /// - Complexity: O(count · columns).
  @inlinable
  public func absoluteScores(
    row x: UnsafePointer<Float>, columns: Int, centers: UnsafePointer<Float>, stride: Int,
    count: Int, scores: UnsafeMutablePointer<Float>
  ) {
    table.pointee.kernels.absoluteScores(x, columns, centers, stride, count, scores)
  }

  /// The smallest two scores of each row, and the place of the smallest; of equal ones, any.
  ///
  /// `scores` is `[rows, stride]`, of which each row has `16 · vectors`; the results are `[rows]`.
  /// - Complexity: O(rows · vectors).
  @inlinable
  public func smallestTwo(
    scores: UnsafePointer<Float>, stride: Int, rows: Int, vectors: Int,
    nearest: UnsafeMutablePointer<Int32>, best: UnsafeMutablePointer<Float>,
    runnerUp: UnsafeMutablePointer<Float>
  ) {
    table.pointee.kernels.smallestTwo(scores, stride, rows, vectors, nearest, best, runnerUp)
  }
}
