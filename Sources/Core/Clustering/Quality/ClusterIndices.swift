/// How well clusters are parted, by the numbers that people compare to choose how many there are.
///
/// Calinski-Harabasz and Davies-Bouldin go by the labels alone, with Euclidean distances to the clusters'
/// means, as scikit-learn computes them. The simplified silhouette goes by the centers and their metric: for
/// each row (b - a) / max(a, b), where a is its distance to its own center and b to the nearest other one that has rows; in
/// the cosine metric these are 1 less the cosine, and all else is of the rows' directions.
/// Rows count the same, whatever they weighed.
struct ClusterIndices: Equatable {
  /// Higher is better; nil with fewer than two clusters that have rows, or as many as rows, and where a column's
  /// range is too wide for means in Double.
  let calinskiHarabasz: Double?
  /// Lower is better; nil likewise.
  let daviesBouldin: Double?
  /// The mean over all rows, from -1 to 1, higher is better; nil with fewer than two clusters that have rows.
  let simplifiedSilhouette: Double?

  /// Measures the assigner's labels; collective, and the same for every number of ranks.
  ///
  /// - Complexity: O(own rows · clusters · columns).
  init(
    _ data: ClusterData, _ metric: ClusterMetric, _ assigner: any RowAssigner, clusters: Int
  ) throws {
    let labels = assigner.labels
    let spread = try ClusterSpread(data, labels: labels, clusters: clusters)
    calinskiHarabasz = spread.calinskiHarabasz
    daviesBouldin = spread.daviesBouldin
    guard let silhouettes = try Self.silhouettes(metric, assigner, clusters, among: data.world)
    else {
      simplifiedSilhouette = nil
      return
    }
    var sum = FixedPointSum(bound: 1, count: data.count)
    for row in labels.indices { sum.add(silhouettes(row)) }
    try sum.combine(among: data.world)
    simplifiedSilhouette = sum.value / Double(data.count)
  }

  /// The simplified silhouette of each of this rank's rows; nil with fewer than two clusters that have rows; collective.
  ///
  /// - Complexity: O(clusters · columns) a row.
  static func silhouettes(
    _ metric: ClusterMetric, _ assigner: any RowAssigner, _ clusters: Int,
    among world: Communicator
  ) throws(MPIError) -> ((_ row: Int) -> Double)? {
    let labels = assigner.labels
    var sizes = [Int](repeating: 0, count: clusters)
    for label in labels { sizes[Int(label)] += 1 }
    try world.allReduce(&sizes, .sum)
    let occupied = sizes.indices.filter { sizes[$0] > 0 }
    guard occupied.count > 1 else { return nil }
    return { row in
      Progress.beat()
      let label = Int(labels[row])
      var other = Double.infinity
      for center in occupied where center != label {
        other = min(other, assigner.cost(row: row, center: center))
      }
      let own = metric.reported(assigner.cost(row: row, center: label))
      let rest = metric.reported(other)
      return rest > 0 ? (rest - own) / max(own, rest) : 0
    }
  }

  /// As members of a report; null where there is none.
  var members: [JSON.Member] {
    func number(_ value: Double?) -> JSON { value.map { .number($0) } ?? .null }
    return [
      .init("calinski_harabasz", number(calinskiHarabasz)),
      .init("davies_bouldin", number(daviesBouldin)),
      .init("simplified_silhouette", number(simplifiedSilhouette)),
    ]
  }
}

/// The means of clusters and how far their rows lie around them, over all ranks.
private struct ClusterSpread {
  /// Rows of each cluster that has any; its mean; the mean distance of its rows to it.
  private var sizes: [Int] = []
  private var means: [[Double]] = []
  private var distances: [Double] = []
  /// The summed squared distance of all rows to their clusters' means.
  private var within = 0.0
  private let rows: Int

  init(_ data: ClusterData, labels: [Int32], clusters: Int) throws {
    rows = data.count
    let found = try Self.means(data, labels, clusters)
    guard !found.means.isEmpty else { return }
    var squares = ExactSum()
    var totals = [ExactSum](repeating: ExactSum(), count: clusters)
    data.rows.forEachRow { row, values in
      let label = Int(labels[row])
      var square = 0.0
      for column in values.indices {
        let difference = Double(values[column]) - found.means[label][column]
        square += difference * difference
      }
      squares.add(square)
      totals[label].add(square.squareRoot())
    }
    try squares.combine(among: data.world)
    try ExactSum.combine(&totals, among: data.world)
    within = squares.value
    for cluster in 0..<clusters where found.sizes[cluster] > 0 {
      sizes.append(found.sizes[cluster])
      means.append(found.means[cluster])
      distances.append(totals[cluster].value / Double(found.sizes[cluster]))
    }
  }

  /// The means of the labelled rows in Double, from exact sums, and the clusters' sizes, none of either where a
  /// column's range is too wide for that; collective.
  private static func means(
    _ data: ClusterData, _ labels: [Int32], _ clusters: Int
  ) throws -> (means: [[Double]], sizes: [Int]) {
    var sums = try ClusterSums(data.unweighted, clusters: clusters)
    for (row, label) in labels.enumerated() { sums.add(row: row, to: Int(label), sign: 1) }
    let totals = try sums.combined(with: []).totals
    var means: [[Double]] = []
    for (cluster, size) in totals.sizes.enumerated() {
      guard let mean = size == 0 ? [] : totals.approximateMean(of: cluster) else { return ([], []) }
      means.append(mean)
    }
    return (means, totals.sizes)
  }

  private var isMeasurable: Bool { sizes.count > 1 && sizes.count < rows }

  /// The dispersion between clusters to that within them, each by its degrees of freedom
  /// (T. Caliński, J. Harabasz, 1974).
  var calinskiHarabasz: Double? {
    guard isMeasurable else { return nil }
    guard within > 0 else { return 1 }
    let global = means[0].indices.map { column in
      zip(means, sizes).reduce(0) { $0 + $1.0[column] * Double($1.1) } / Double(rows)
    }
    let between = zip(means, sizes).reduce(0) {
      $0 + Double($1.1) * Self.squaredDistance($1.0, global)
    }
    return between * Double(rows - sizes.count) / (within * Double(sizes.count - 1))
  }

  /// The mean over clusters of the largest ratio of two clusters' widths to the distance of their means
  /// (D. Davies, D. Bouldin, 1979).
  var daviesBouldin: Double? {
    guard isMeasurable else { return nil }
    let total = means.indices.reduce(0.0) { total, cluster in
      total
        + means.indices.reduce(0.0) { largest, other in
          let apart = Self.squaredDistance(means[cluster], means[other]).squareRoot()
          guard other != cluster, apart > 0 else { return largest }
          return max(largest, (distances[cluster] + distances[other]) / apart)
        }
    }
    return total / Double(sizes.count)
  }

  private static func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}
