import DTrainDist

/// The exact sums and sizes of clusters, kept up to date from the rows that change.
///
/// Sums are integers (see ``FixedPoint``), so neither order nor ranks can change them, and taking a row
/// out undoes putting it in. Bytes need one part, exactly; floats two parts where one is not exact.
struct ClusterSums {
  let clusters: Int
  let columns: Int
  /// Rows of each cluster on this rank.
  private(set) var sizes: [Int]
  private var high: [Int64]
  /// Empty when one part is exact for every column.
  private var low: [Int64]
  private let points: [FixedPoint]
  /// Columns whose values two parts do not represent exactly.
  private let inexact: [Bool]
  private let data: ClusterData

  /// No rows; collective, since all ranks agree on the scales.
  init(_ data: ClusterData, clusters: Int) throws(MPIError) {
    self.data = data
    self.clusters = clusters
    columns = data.columns
    sizes = [Int](repeating: 0, count: clusters)
    high = [Int64](repeating: 0, count: clusters * data.columns)
    guard data.rows.element == .float32 else {
      points = []
      inexact = []
      low = []
      return
    }
    points = (0..<data.columns).map { column in
      let magnitude = max(abs(Double(data.least[column])), abs(Double(data.greatest[column])))
      return FixedPoint(exponent: FixedPoint.exponent(above: magnitude), count: data.count)
    }
    let units = try Self.smallestUnits(data)
    inexact = zip(units, points).map { $0 < $1.quantumExponent }
    let needsLow = zip(units, points).contains { $0 < -$1.shift }
    low = needsLow ? [Int64](repeating: 0, count: clusters * data.columns) : []
  }

  /// For each column the exponent of the lowest bit that any value has set; collective.
  private static func smallestUnits(_ data: ClusterData) throws(MPIError) -> [Int] {
    var units = [Int](repeating: Int.max, count: data.columns)
    data.rows.forEachRow { _, row in
      for column in row.indices where row[column] != 0 {
        let bits = row[column].bitPattern
        let raw = Int(bits >> 23 & 0xff)
        let fraction = bits & 0x7f_ffff
        let unit =
          raw == 0
          ? -149 + fraction.trailingZeroBitCount
          : raw - 150 + (fraction == 0 ? 23 : fraction.trailingZeroBitCount)
        if unit < units[column] { units[column] = unit }
      }
    }
    try data.world.allReduce(&units, .minimum)
    return units
  }

  /// Puts a local row into a cluster (sign 1) or takes it out (-1).
  mutating func add(row: Int, to cluster: Int, sign: Int64) {
    sizes[cluster] += Int(sign)
    let base = cluster * columns
    switch data.rows.element {
    case .uint8:
      let values = data.rows.base.assumingMemoryBound(to: UInt8.self) + row * columns
      high.withUnsafeMutableBufferPointer { sums in
        let sums = sums.baseAddress! + base
        if sign > 0 {
          for column in 0..<columns { sums[column] &+= Int64(values[column]) }
        } else {
          for column in 0..<columns { sums[column] &-= Int64(values[column]) }
        }
      }
    case .float32:
      let values = data.rows.base.assumingMemoryBound(to: Float.self) + row * columns
      for column in 0..<columns {
        let parts = points[column].parts(Double(values[column]))
        high[base + column] &+= sign &* parts.high
        if !low.isEmpty { low[base + column] &+= sign &* parts.low }
      }
    }
  }

  /// The sums of all ranks, together with numbers that each rank adds; collective, one all-reduce.
  func combined(with counters: [Int]) throws(MPIError) -> (totals: Totals, counters: [Int]) {
    var message = [Int64]()
    message.reserveCapacity(high.count + low.count + clusters + counters.count)
    message += high
    message += low
    message += sizes.map { Int64($0) }
    message += counters.map { Int64($0) }
    try data.world.allReduce(&message, .sum)
    let sizesStart = high.count + low.count
    return (
      Totals(
        sums: self, high: Array(message[..<high.count]),
        low: Array(message[high.count..<sizesStart]),
        sizes: message[sizesStart..<sizesStart + clusters].map { Int($0) }),
      message[(sizesStart + clusters)...].map { Int($0) }
    )
  }

  /// Sums and sizes over all ranks.
  struct Totals {
    fileprivate let sums: ClusterSums
    fileprivate let high: [Int64]
    fileprivate let low: [Int64]
    /// Rows of each cluster.
    let sizes: [Int]

    /// The mean of a cluster, rounded to Float; nil for an empty one.
    ///
    /// - Throws: `TrainerError(.badData)` where a column's range is too wide for the sums to be as exact
    ///   as a Float.
    func mean(of cluster: Int) throws(TrainerError) -> [Float]? {
      let size = sizes[cluster]
      guard size > 0 else { return nil }
      var center = [Float](repeating: 0, count: sums.columns)
      for column in 0..<sums.columns {
        let index = cluster * sums.columns + column
        guard sums.data.rows.element == .float32 else {
          center[column] = Float(Double(high[index]) / Double(size))
          continue
        }
        let point = sums.points[column]
        let mean =
          point.value(high: high[index], low: low.isEmpty ? 0 : low[index]) / Double(size)
        if sums.inexact[column],
          abs(mean) < Double(sign: .plus, exponent: point.quantumExponent + 26, significand: 1)
        {
          throw TrainerError(
            .badData,
            "column \(column) (counted from 0) ranges from \(sums.data.least[column]) to "
              + "\(sums.data.greatest[column]) with values so small that a cluster's mean would be lost "
              + "in rounding; remove the outliers or scale the column")
        }
        center[column] = Float(mean)
      }
      return center
    }

    /// A cluster's sum in a column, to the precision of Double.
    private func sum(_ index: Int) -> Double {
      guard sums.data.rows.element == .float32 else { return Double(high[index]) }
      return sums.points[index % sums.columns].value(
        high: high[index], low: low.isEmpty ? 0 : low[index])
    }

    /// The summed squared distance of all rows to their centres, from exact sums combined in Double.
    ///
    /// All are taken from the middle of the data, for what lies far from 0 would otherwise lose its digits.
    func objective(of centers: [Float]) -> Double {
      let middle = sums.data.middle
      var total = sums.data.squares
      for cluster in 0..<sums.clusters {
        let size = Double(sizes[cluster])
        for column in 0..<sums.columns {
          let index = cluster * sums.columns + column
          let center = Double(centers[index]) - middle[column]
          total += center * (size * center - 2 * (sum(index) - size * middle[column]))
        }
      }
      return max(0, total)
    }
  }
}
