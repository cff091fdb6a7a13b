/// How far rows are from centers, and with it which center is best for a cluster.
///
/// A row's *cost* is what the objective sums up: the squared Euclidean distance, or the L1 distance.
public enum ClusterMetric: String, CaseIterable, Sendable {
  /// Euclidean: the best center is the mean (k-means).
  case l2
  /// Sum of magnitudes: the best center is the median of each column (k-medians).
  case l1

  /// The command that clusters by this metric.
  public var command: String { self == .l2 ? "kmeans" : "kmedians" }

  /// One column's share of a cost.
  @inline(__always)
  func share(_ difference: Double) -> Double {
    self == .l2 ? difference * difference : abs(difference)
  }

  /// The distance that belongs to a cost.
  @inline(__always)
  func distance(_ cost: Double) -> Double { self == .l2 ? cost.squareRoot() : cost }

  /// The summed distance between two sets of centers, `[clusters, columns]`.
  ///
  /// - Complexity: O(clusters · columns).
  func movement(from old: [Float], to new: [Float], columns: Int) -> Double {
    stride(from: 0, to: old.count, by: columns).reduce(0.0) { total, start in
      var cost = 0.0
      for index in start..<start + columns {
        cost += share(Double(new[index]) - Double(old[index]))
      }
      return total + distance(cost)
    }
  }
}
