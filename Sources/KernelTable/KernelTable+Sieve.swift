import CKernels

/// Which centers a row may be nearest to: lower bounds of scores in integers, of a tile of sixteen rows
/// (KernelTable+Tiles.swift).
///
/// `count` includes centers that fill up the last few, whose h is the largest integer and whose words are 0.
extension KernelTable {
  /// Scores h[k] - x·c[k] of a tile of pairs, in integers that wrap around: only h[k] - x·c[k] itself must fit 32 bits.
  ///
  /// `centers` is `[count, words]`; `count` is a multiple of 4; `scores` receives `[count, 16]`.
  /// - Complexity: O(count · words).
  @inlinable
  public func scores(
    pairTile tile: UnsafePointer<Int32>, words: Int, centers: UnsafePointer<Int32>,
    h: UnsafePointer<Int32>, count: Int, into scores: UnsafeMutablePointer<Int32>
  ) {
    table.pointee.kernels.scoresOfPairs(tile, words, centers, h, count, scores)
  }

  /// The first center of smallest score of each row: `scores` is `[count, 16]`, `nearest` receives `[16]`.
  /// - Complexity: O(count).
  @inlinable
  public func least(
    scores: UnsafePointer<Int32>, count: Int, nearest: UnsafeMutablePointer<Int32>
  ) {
    table.pointee.kernels.leastOfScores(scores, count, nearest)
  }

  /// Keeps the centers whose score is at most the limit of some row.
  ///
  /// - Parameters:
  ///   - scores: `[count, 16]`.
  ///   - groupSize: consecutive centers, at most sixteen groups of them.
  ///   - unit: what a score of 1 stands for.
  ///   - limits: `[16]`, below the largest integer.
  ///   - chosen: receives the centers in order; has room for `count`.
  ///   - rows: receives the rows of which each is kept, the first in the lowest bit; has room for `count`.
  ///   - groups: unless nil receives `[16 rows, 16 groups]`: the smallest score beyond the limit, infinity where there is none.
  /// - Returns: how many centers are kept.
  /// - Complexity: O(count).
  @inlinable
  public func sift(
    scores: UnsafePointer<Int32>, count: Int, groupSize: Int, unit: Float,
    limits: UnsafePointer<Int32>, chosen: UnsafeMutablePointer<Int32>,
    rows: UnsafeMutablePointer<Int32>, groups: UnsafeMutablePointer<Float>?
  ) -> Int {
    table.pointee.kernels.siftScores(
      scores, count, groupSize, unit, limits, chosen, rows, groups)
  }
}
