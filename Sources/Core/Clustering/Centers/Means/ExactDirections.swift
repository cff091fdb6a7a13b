/// The directions of clusters whose rows are directions.
extension ClusterSums.Totals {
  /// The directions of the sums of the clusters, each coordinate within 1 ulp of the exact one; collective. An empty
  /// cluster, and one whose rows add up to zero, keep their old center.
  ///
  /// A sum in Double is within 2^-50 of itself wherever its parts are exact, or much larger than what rounding rows may
  /// have cost it. All others are summed up from the rows without rounding, in one all-reduce for each 16,384 of them.
  /// The length adds about columns/8 roundings in Double, so that rounding to float32 is what counts.
  ///
  /// Rows that all have the same direction have exactly that as their center, though its length in float32 is not
  /// exactly 1: so they cost nothing, and no row of theirs seems to be farther from the center than another.
  ///
  /// - Parameters:
  ///   - old: `[clusters, columns]`.
  ///   - labels: of this rank's rows, as they were put into the sums; looked at only where rows are summed up.
  /// - Returns: the centers, and how many clusters with rows add up to zero.
  /// - Complexity: O(clusters · columns).
  func directions(
    after old: [Float], labels: @autoclosure () -> [Int32]
  ) throws(MPIError) -> (centers: [Float], balanced: Int) {
    var exact = [Double](repeating: 0, count: old.count)
    var undecided: [Int] = []
    for cluster in 0..<sums.clusters where sizes[cluster] > 0 {
      for column in 0..<columns {
        let index = cluster * columns + column
        exact[index] = sum(index)
        // What was lost counts where it may be more than 2^-40 of the sum.
        if !sums.points.isEmpty, sums.inexact[column],
          abs(exact[index]) * 0x1p-40 < lost(cluster, sums.points[column])
        {
          undecided.append(index)
        }
      }
    }
    try sumRows(undecided, labels) { index, sum, _ in exact[index] = sum.value }
    var centers = old
    var balanced = 0
    for cluster in 0..<sums.clusters where sizes[cluster] > 0 {
      let own = cluster * columns..<(cluster + 1) * columns
      if let direction = Self.direction(of: exact[own], weight: weight(of: cluster)) {
        centers.replaceSubrange(own, with: direction)
      } else {
        balanced += 1
      }
    }
    return (centers, balanced)
  }

  /// The direction of a sum of directions that together weigh `weight`; nil where it is zero.
  private static func direction(of sum: ArraySlice<Double>, weight: Double) -> [Float]? {
    let square = squaredLength(sum)
    guard square > 0 else { return nil }
    if RowDirections.isUnit(square / (weight * weight)) {
      let mean = sum.map { Float($0 / weight) }
      let isMean = zip(mean, sum).allSatisfy {
        abs(Double($0) * weight - $1) <= 0x1p-45 * abs($1)
      }
      if isMean { return mean.map { $0 + 0 } }
    }
    let length = square.squareRoot()
    return sum.map { Float($0 / length) + 0 }
  }

  /// The sum of squares, in eight interleaved sums: each has an eighth of the roundings.
  private static func squaredLength(_ vector: ArraySlice<Double>) -> Double {
    var sums = SIMD8<Double>(repeating: 0)
    for (place, value) in vector.enumerated() { sums[place % 8] += value * value }
    return sums.sum()
  }
}
