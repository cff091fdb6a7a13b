/// The exact sums and sizes of clusters, kept up to date from the rows that change.
///
/// Sums are integers (see ``FixedPoint``), so neither order nor ranks can change them, and taking a row
/// out undoes putting it in. Bytes that all count the same need one part, exactly; all else two parts where
/// one is not exact. A product of a value and its weight is exact in Double.
struct ClusterSums {
  let clusters: Int
  let columns: Int
  /// Rows of positive weight of each cluster on this rank.
  private(set) var sizes: [Int]
  private var high: [Int64]
  /// Empty when one part is exact for every column.
  private var low: [Int64]
  /// The weights of each cluster on this rank, both parts, `[2, clusters]`; empty without weights.
  private var weights: [Int64]
  /// Of each column; empty where sums are those of the bytes themselves.
  let points: [FixedPoint]
  private let scales: [Double]
  let weightPoint: FixedPoint
  /// Sums of more than 2^12 rows leave their parts below 2^50, where rounding is one addition.
  private var hasManyRows: Bool { data.count > 4096 }
  /// Columns whose values two parts do not represent exactly; behind them, whether that holds of weights.
  let inexact: [Bool]
  let data: ClusterData
  private let kernels = KernelTable.shared
  /// A row as floats.
  private var row: [Float]

  /// No rows.
  init(_ data: ClusterData, clusters: Int) {
    self.data = data
    self.clusters = clusters
    columns = data.columns
    sizes = [Int](repeating: 0, count: clusters)
    high = [Int64](repeating: 0, count: clusters * data.columns)
    row = [Float](repeating: 0, count: data.columns)
    weights = data.weights == nil ? [] : [Int64](repeating: 0, count: 2 * clusters)
    weightPoint = FixedPoint(
      exponent: FixedPoint.exponent(above: data.largestWeight), count: data.count)
    guard data.rows.element == .float32 || data.weights != nil else {
      (points, scales, inexact, low) = ([], [], [], [])
      return
    }
    let counted = data.counted
    points = (0..<data.columns).map { column in
      FixedPoint(
        exponent: FixedPoint.exponent(
          above: Double(counted.magnitude(column)) * data.largestWeight), count: data.count)
    }
    scales = points.map(\.scale)
    // A product's lowest bit is where those of its factors are together, or higher.
    let weightUnit = data.weights?.unit ?? 0
    let units = counted.unit.map { $0 == .max ? $0 : $0 + weightUnit }
    inexact = zip(units + [weightUnit], points + [weightPoint]).map { $0 < $1.quantumExponent }
    let needsLow = zip(units, points).contains { $0 < -$1.highBits }
    low = needsLow ? [Int64](repeating: 0, count: clusters * data.columns) : []
  }

  /// Puts a local row into a cluster (sign 1) or takes it out (-1); one of weight 0 is nowhere.
  mutating func add(row: Int, to cluster: Int, sign: Int64) {
    let weight = data.weight(row)
    guard weight > 0 else { return }
    sizes[cluster] += Int(sign)
    if !weights.isEmpty {
      let parts = weightPoint.parts(weight)
      weights[cluster] &+= sign &* parts.high
      weights[clusters + cluster] &+= sign &* parts.low
    }
    let base = cluster * columns
    switch data.rows.element {
    case .uint8 where points.isEmpty:
      let values = data.rows.bytes(row)
      high.withUnsafeMutableBufferPointer {
        kernels.addRow(values, columns: columns, sign: sign, to: $0.baseAddress! + base)
      }
    case .uint8:
      data.rows.copyRow(row, to: &self.row, at: 0)
      let values = self.row
      values.withUnsafeBufferPointer {
        addFloats($0.baseAddress!, at: base, times: Double(sign) * weight)
      }
    case .float32:
      addFloats(data.rows.floats(row), at: base, times: Double(sign) * weight)
    }
  }

  private mutating func addFloats(
    _ values: UnsafePointer<Float>, at base: Int, times weight: Double
  ) {
    guard hasManyRows else {
      for column in 0..<columns {
        let parts = points[column].parts(Double(values[column]) * weight)
        high[base + column] &+= parts.high
        if !low.isEmpty { low[base + column] &+= parts.low }
      }
      return
    }
    // The same parts, where sums leave room for a simpler rounding.
    high.withUnsafeMutableBufferPointer { high in
      low.withUnsafeMutableBufferPointer { low in
        kernels.addRow(
          values, columns: columns, sign: weight, scale: scales, lowScale: points[0].lowScale,
          high: high.baseAddress! + base, low: low.isEmpty ? nil : low.baseAddress! + base)
      }
    }
  }

  /// The sums of all ranks, together with numbers that each rank adds; collective, one all-reduce.
  func combined(with counters: [Int]) throws(MPIError) -> (totals: Totals, counters: [Int]) {
    var message = [Int64]()
    message.reserveCapacity(high.count + low.count + weights.count + clusters + counters.count)
    message += high
    message += low
    message += weights
    message += sizes.map { Int64($0) }
    message += counters.map { Int64($0) }
    try data.world.allReduce(&message, .sum)
    var rest = message[...]
    func take(_ count: Int) -> [Int64] {
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    let totals = Totals(
      sums: self, high: take(high.count), low: take(low.count), weights: take(weights.count),
      sizes: take(clusters).map { Int($0) })
    return (totals, rest.map { Int($0) })
  }

  /// Sums and sizes over all ranks.
  struct Totals {
    let sums: ClusterSums
    let high: [Int64]
    let low: [Int64]
    let weights: [Int64]
    /// Rows of positive weight of each cluster.
    let sizes: [Int]

    /// The summed weights of a cluster.
    func weight(of cluster: Int) -> Double {
      weights.isEmpty
        ? Double(sizes[cluster])
        : sums.weightPoint.value(high: weights[cluster], low: weights[sums.clusters + cluster])
    }

    /// The mean of a cluster to about the precision of Double; nil for an empty one, and where rounding each row
    /// may have cost it a Float's last bit. ``means(after:labels:)`` has no such limits.
    func approximateMean(of cluster: Int) -> [Double]? {
      guard sizes[cluster] > 0 else { return nil }
      let weight = weight(of: cluster)
      guard weights.isEmpty || !isLost(weight, cluster, sums.columns, sums.weightPoint) else {
        return nil
      }
      var center = [Double](repeating: 0, count: sums.columns)
      for column in 0..<sums.columns {
        let sum = sum(cluster * sums.columns + column)
        guard sums.points.isEmpty || !isLost(sum, cluster, column, sums.points[column]) else {
          return nil
        }
        center[column] = sum / weight
      }
      return center
    }

    /// Whether rounding each row may have cost a sum more than a Float's last bit.
    private func isLost(_ sum: Double, _ cluster: Int, _ place: Int, _ point: FixedPoint) -> Bool {
      let limit = Double(sign: .plus, exponent: point.quantumExponent + 26, significand: 1)
      return sums.inexact[place] && abs(sum) / Double(sizes[cluster]) < limit
    }

    /// A cluster's weighted sum in a column, to the precision of Double.
    func sum(_ index: Int) -> Double {
      guard !sums.points.isEmpty else { return Double(high[index]) }
      return sums.points[index % sums.columns].value(
        high: high[index], low: low.isEmpty ? 0 : low[index])
    }

    /// The summed weighted squared distance of all rows to their centers, from exact sums combined in Double.
    ///
    /// All are taken from the middle of the data, for what lies far from 0 would otherwise lose its digits.
    ///
    /// - Parameter squares: of all rows to the middle; see ``ClusterData/squares()``.
    func objective(of centers: [Float], _ squares: Double) -> Double {
      let middle = sums.data.middle
      var total = squares
      for cluster in 0..<sums.clusters where sizes[cluster] > 0 {
        let weight = weight(of: cluster)
        for column in 0..<sums.columns {
          let index = cluster * sums.columns + column
          let center = Double(centers[index]) - middle[column]
          total += center * (weight * center - 2 * (sum(index) - weight * middle[column]))
        }
      }
      return max(0, total)
    }
  }
}
