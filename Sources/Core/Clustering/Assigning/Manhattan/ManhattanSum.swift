/// The summed L1 distances of Float rows to the centers of their labels, the same for every order and division among
/// ranks.
///
/// Each difference in a column is rounded to a unit, less than 2^-49 of the largest cost that a row can have. Errors
/// have either sign, and the sum is far nearer than half a unit for each of its terms. Where rows are so near their
/// centers that even this could be seen, it is added up again.
struct ManhattanSum {
  /// What was added, to be combined among the ranks.
  private(set) var sum = FixedPointSum(FixedPoint(highBits: 0, lowBits: 32))
  private let data: ClusterData
  private let kernels: KernelTable
  /// The centers, `[clusters, stride]`.
  private let centers: AlignedArray<Double>
  private let stride: Int

  /// Memory for the sums of the costs at `clusters` centers.
  init(_ data: ClusterData, clusters: Int, _ kernels: KernelTable) {
    self.data = data
    self.kernels = kernels
    stride = AlignedFloats.stride(data.columns)
    centers = AlignedArray(count: clusters * stride)
  }

  /// Begins anew, without any rows.
  ///
  /// - Parameter centers: `[clusters, columns]`.
  mutating func begin(at centers: [Float]) {
    let exponent = FixedPoint.exponent(above: data.largestCost(.l1, at: centers))
    sum = FixedPointSum(FixedPoint(highBits: 18 - exponent, lowBits: 32))
    for (index, value) in centers.enumerated() {
      self.centers.base[index / data.columns * stride + index % data.columns] = Double(value)
    }
  }

  /// Adds some rows of this rank.
  ///
  /// - Complexity: O(rows · columns).
  mutating func add(_ rows: Range<Int>, labels: UnsafePointer<Int32>) {
    var parts: [Int64] = [0, 0]
    kernels.sumOfAbsoluteDistances(
      rows: data.rows.floats(rows.lowerBound), count: rows.count, columns: data.columns,
      labels: labels + rows.lowerBound, centers: centers.base, stride: stride,
      scale: sum.point.scale * sum.point.lowScale, sums: &parts)
    sum.add(high: parts[0], low: parts[1])
    sum.carry()
  }

  /// The sum of all ranks' rows, within 2^-31 of it; collective where it is added up again, row by row.
  ///
  /// - Parameter sum: what all ranks added, combined.
  static func value(
    _ sum: FixedPointSum, of data: ClusterData, _ assigner: any RowAssigner, at centers: [Float]
  ) throws(MPIError) -> Double {
    let units = Double(sum.high) * sum.point.lowScale + Double(sum.low)
    if units >= Double(data.count) * Double(data.columns) * 0x1p30 { return sum.value }
    return try assigner.summedCost(of: data, at: centers)
  }
}
