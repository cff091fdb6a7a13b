import KernelTable

/// The summed L1 distances of Float rows to the centres of their labels, the same for every order and division among
/// ranks.
///
/// Each difference in a column is rounded to less than 2^-49 of the largest cost that a row can have, so the sum is
/// within 2^-50 of that for each of its terms, and usually far nearer, for the errors have either sign.
struct ManhattanSum {
  /// What was added, to be combined among the ranks.
  private(set) var sum: FixedPointSum
  private let data: ClusterData
  private let kernels: KernelTable
  /// The centres, `[clusters, stride]`.
  private let centers: AlignedArray<Double>
  private let stride: Int

  /// No rows yet.
  ///
  /// - Parameter centers: `[clusters, columns]`.
  init(_ data: ClusterData, at centers: [Float], _ kernels: KernelTable) {
    self.data = data
    self.kernels = kernels
    let exponent = FixedPoint.exponent(above: data.largestCost(.l1, at: centers))
    sum = FixedPointSum(FixedPoint(shift: 18 - exponent, lowShift: 32))
    stride = AlignedFloats.stride(data.columns)
    self.centers = AlignedArray(count: centers.count / data.columns * stride)
    for (index, value) in centers.enumerated() {
      self.centers.base[index / data.columns * stride + index % data.columns] = Double(value)
    }
  }

  /// Adds some rows of this rank.
  ///
  /// - Complexity: O(rows · columns).
  mutating func add(_ rows: Range<Int>, labels: UnsafePointer<Int32>) {
    var parts: [Int64] = [0, 0]
    kernels.manhattan.sumOfAbsoluteDistances(
      data.rows.base.assumingMemoryBound(to: Float.self) + rows.lowerBound * data.columns,
      rows.count, data.columns, labels + rows.lowerBound, centers.base, stride,
      sum.point.scale * sum.point.lowScale, &parts)
    sum.add(high: parts[0], low: parts[1])
  }
}
