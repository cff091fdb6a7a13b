/// Where the center of a cluster belongs, from rows that join and leave clusters; the same for every
/// division of the rows among ranks.
protocol CenterUpdate: AnyObject {
  /// Clusters with rows whose center stayed in all updates so far since no center is the best: their directions add up
  /// to zero.
  var balanced: Int { get }

  /// Takes local rows out of clusters and puts them into others, at most ``LabelChange/mostAtOnce`` at a time.
  func move(_ changes: UnsafeBufferPointer<LabelChange>)

  /// Brings together what moved on all ranks, with numbers that each rank adds; collective, one all-reduce.
  ///
  /// - Parameters:
  ///   - counters: not negative; the sums of all ranks' are at most the number of all rows, or of ranks.
  ///   - centers: where the centers are, `[clusters, columns]`: near what `centers(after:)` will find.
  /// - Returns: how many rows of positive weight each cluster holds, and the sums of the numbers.
  func combine(
    with counters: [Int], around centers: [Float]
  ) throws -> (sizes: [Int], counters: [Int])

  /// The best centers of the clusters as last combined, an empty one keeping its old center; and the
  /// summed cost of all rows in these clusters with the old centers, which is of no use where columns are scaled.
  /// Collective.
  ///
  /// - Parameter old: `[clusters, columns]`.
  func centers(after old: [Float]) throws -> (best: [Float], objective: Double)
}

extension CenterUpdate {
  /// None: most kinds of centers always exist.
  var balanced: Int { 0 }

  /// Takes a local row out of a cluster (-1 for none) and puts it into another.
  func move(row: Int, from old: Int, to new: Int) {
    withUnsafePointer(to: LabelChange(row: Int32(row), old: Int32(old), new: Int32(new))) {
      move(UnsafeBufferPointer(start: $0, count: 1))
    }
  }
}
