/// The exact means of clusters, each rounded once.
extension ClusterSums.Totals {
  /// The means of the clusters as the nearest Floats, an empty cluster keeping its old center; collective.
  ///
  /// Sums in Double with a bound of their error decide almost all of them. The rest lie next to the middle of two
  /// Floats, or their column's range is too wide for two parts: these are summed up without rounding, from the
  /// parts where these are exact, from the rows otherwise, in one all-reduce for each ``mostAtOnce`` of them.
  ///
  /// - Parameters:
  ///   - old: `[clusters, columns]`.
  ///   - labels: of this rank's rows, as they were put into the sums; looked at only where rows are summed up.
  func means(
    after old: [Float], labels: @autoclosure () -> [Int32]
  ) throws(MPIError) -> [Float] {
    var means = old
    var undecided: [Int] = []
    for cluster in 0..<sums.clusters where sizes[cluster] > 0 {
      let weight = weight(of: cluster)
      let isInexact = !weights.isEmpty && sums.inexact[columns]
      // Of a sum, a weight and their quotient: each is within 2^-50 of itself, beside what rounding rows cost.
      let relative = 0x1p-48 + (isInexact ? 2 * lost(cluster, sums.weightPoint) / weight : 0)
      for column in 0..<columns {
        let index = cluster * columns + column
        let mean = sum(index) / weight
        let isRounded = !sums.points.isEmpty && sums.inexact[column]
        var error = abs(mean) * relative
        if isRounded {
          error = (error + lost(cluster, sums.points[column]) / weight) * 2
        }
        let (below, above) = (Float(mean - error), Float(mean + error))
        if below == above, relative < 0.5 {
          means[index] = below
        } else if isInexact || isRounded {
          undecided.append(index)
        } else {
          means[index] = exactMean(index)
        }
      }
    }
    try sumRows(undecided, labels) { means[$0] = $1.divided(by: $2) }
    return means
  }

  /// Sums that are summed up from the rows at once: about 18 MB.
  private static var mostAtOnce: Int { 1 << 14 }

  var columns: Int { sums.columns }

  /// By how much rounding each row may have changed a sum of a cluster at most.
  func lost(_ cluster: Int, _ point: FixedPoint) -> Double {
    Double(sizes[cluster]) * Double(sign: .plus, exponent: point.quantumExponent, significand: 1)
  }

  /// The mean of parts that are exact.
  private func exactMean(_ index: Int) -> Float {
    let (cluster, column) = index.quotientAndRemainder(dividingBy: columns)
    let lowPart = low.isEmpty ? 0 : low[index]
    let weight = weight(of: cluster)
    // A cluster of a few rows often has its mean in the middle of two Floats, and sums that are Doubles.
    if lowPart == 0, weights.isEmpty, Int64(exactly: Double(high[index])) == high[index] {
      let sum = sum(index)
      return Float(near: sum / weight) { middle in
        let rest = sum.addingProduct(-middle, weight)
        return rest < 0 ? -1 : rest > 0 ? 1 : 0
      }
    }
    let point = sums.points.isEmpty ? FixedPoint(highBits: 0, lowBits: 0) : sums.points[column]
    let divisor =
      weights.isEmpty
      ? ExactSum(parts: Int64(sizes[cluster]), 0, FixedPoint(highBits: 0, lowBits: 0))
      : ExactSum(parts: weights[cluster], weights[sums.clusters + cluster], sums.weightPoint)
    return ExactSum(parts: high[index], lowPart, point).divided(by: divisor)
  }

  /// Sums up the rows of some sums, each of a cluster in a column, in order, without rounding; collective, one
  /// all-reduce for each ``mostAtOnce``.
  ///
  /// - Parameters:
  ///   - indices: places in `[clusters, columns]`, ascending.
  ///   - labels: of this rank's rows; looked at only where there are indices.
  func sumRows(
    _ indices: [Int], _ labels: () -> [Int32],
    _ body: (_ index: Int, _ sum: ExactSum, _ weight: ExactSum) -> Void
  ) throws(MPIError) {
    guard !indices.isEmpty else { return }
    let labels = labels()
    for start in stride(from: 0, to: indices.count, by: Self.mostAtOnce) {
      try sumRows(
        indices[start..<min(start + Self.mostAtOnce, indices.count)], labels, body)
    }
  }

  private func sumRows(
    _ indices: ArraySlice<Int>, _ labels: [Int32],
    _ body: (_ index: Int, _ sum: ExactSum, _ weight: ExactSum) -> Void
  ) throws(MPIError) {
    // The means of each cluster, and behind the sums the weights of clusters that have any.
    let places = indices.lazy.map { $0 / columns }.places(clusters: sums.clusters)
    var slots = [Int](repeating: 0, count: sums.clusters)
    var count = indices.count
    for cluster in places.indices where !places[cluster].isEmpty {
      slots[cluster] = count
      count += 1
    }
    var exact = [ExactSum](repeating: ExactSum(), count: count)
    sums.data.rows.forEachRow { row, values in
      let cluster = Int(labels[row])
      let weight = sums.data.weight(row)
      guard !places[cluster].isEmpty, weight > 0 else { return }
      for place in places[cluster] {
        let column = indices[indices.startIndex + place] % columns
        exact[place].add(Double(values[column]) * weight)
      }
      exact[slots[cluster]].add(weight)
    }
    try ExactSum.combine(&exact, among: sums.data.world)
    for (place, index) in indices.enumerated() {
      body(index, exact[place], exact[slots[index / columns]])
    }
  }
}

extension Sequence<Int> {
  /// Of clusters in ascending order, each any number of times: where each of all stands.
  func places(clusters: Int) -> [Range<Int>] {
    var places = [Range<Int>](repeating: 0..<0, count: clusters)
    for (place, cluster) in enumerated() {
      places[cluster] = (places[cluster].isEmpty ? place : places[cluster].lowerBound)..<place + 1
    }
    return places
  }
}

extension ExactSum {
  /// The number that two sums of parts stand for.
  fileprivate init(parts high: Int64, _ low: Int64, _ point: FixedPoint) {
    self.init()
    for (part, scale) in [(high, point.scale), (low, point.scale * point.lowScale)] {
      // In halves, which are Doubles.
      add(Double(part >> 32) * 0x1p32 / scale)
      add(Double(part & 0xffff_ffff) / scale)
    }
  }
}
