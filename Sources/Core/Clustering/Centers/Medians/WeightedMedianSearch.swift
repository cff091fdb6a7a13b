/// Finds weighted medians without rounding any weight, where rounded weights do not tell them.
///
/// The least value below and at which at least half of the weight lies, and the least at which more than half does, are
/// sought by bisection of their keys, all medians side by side; the weights below are summed up exactly
/// (``ExactSum``). A round takes a pass over the rows and one all-reduce; there are at most 33.
struct WeightedMedianSearch {
  /// A median that is sought: its pair, cluster · columns + column, and the values between which both of its numbers
  /// lie.
  struct Range {
    let pair: Int
    let low: Float
    let high: Float
  }

  let data: ClusterData
  /// Of this rank's rows.
  let labels: [Int32]

  /// Medians that are sought at once: about 18 MB.
  private static let mostAtOnce = 1 << 13

  /// Both numbers of each median, in the same order; collective.
  ///
  /// - Parameter ranges: of pairs of clusters that have rows of positive weight, in ascending order of the pairs.
  func numbers(_ ranges: [Range]) throws(MPIError) -> [(first: Float, second: Float)] {
    var numbers: [(first: Float, second: Float)] = []
    for start in stride(from: 0, to: ranges.count, by: Self.mostAtOnce) {
      numbers += try search(Array(ranges[start..<min(start + Self.mostAtOnce, ranges.count)]))
    }
    return numbers
  }

  private func search(_ ranges: [Range]) throws(MPIError) -> [(first: Float, second: Float)] {
    // Of each median the first number, then the second.
    var low = ranges.flatMap { [Int32](repeating: SortableKey.of($0.low), count: 2) }
    var high = ranges.flatMap { [Int32](repeating: SortableKey.of($0.high), count: 2) }
    let places = ranges.lazy.map { $0.pair / data.columns }
      .places(clusters: ranges.last!.pair / data.columns + 1)
    let totals = try weights(ranges, places, below: [Int32](repeating: .max, count: low.count))
    while zip(low, high).contains(where: { $0 < $1 }) {
      let middle = zip(low, high).map { Int32((Int($0) + Int($1)) >> 1) }
      let sums = try weights(ranges, places, below: middle)
      for index in low.indices where low[index] < high[index] {
        let sign = sums[index].doubled.compared(to: totals[index])
        if index & 1 == 0 ? sign >= 0 : sign > 0 {
          high[index] = middle[index]
        } else {
          low[index] = middle[index] + 1
        }
      }
    }
    return ranges.indices.map {
      (SortableKey.float(low[2 * $0]), SortableKey.float(low[2 * $0 + 1]))
    }
  }

  /// The weight of the values up to a limit, two limits for each median; collective.
  ///
  /// - Parameter places: of the medians of each cluster.
  private func weights(
    _ ranges: [Range], _ places: [Swift.Range<Int>], below limits: [Int32]
  ) throws(MPIError) -> [ExactSum] {
    var sums = [ExactSum](repeating: ExactSum(), count: limits.count)
    data.rows.forEachRow { row, values in
      let cluster = Int(labels[row])
      let weight = data.weight(row)
      guard cluster < places.count, weight > 0 else { return }
      for place in places[cluster] {
        let key = SortableKey.of(values[ranges[place].pair % data.columns])
        if key <= limits[2 * place] { sums[2 * place].add(weight) }
        if key <= limits[2 * place + 1] { sums[2 * place + 1].add(weight) }
      }
    }
    try ExactSum.combine(&sums, among: data.world)
    return sums
  }
}
