/// k-means|| (B. Bahmani et al., "Scalable k-means++", VLDB 2012): five rounds that each take about 2K rows
/// at once, then greedy k-means++ among these, weighted by the rows that are nearest to them.
///
/// Whether a row is taken is decided by a random number of its own, so that it does not depend on how rows
/// are divided. The few candidates are on every rank, where each makes the same choice.
extension CenterSeeding {
  private static let rounds = 5

  /// Centers `[clusters, columns]`; collective.
  ///
  /// - Complexity: O(10 · clusters · own rows · columns) at most, and O(clusters² · log clusters · columns).
  func parallelCenters(_ sequence: inout PhiloxSequence) throws -> [Float] {
    let candidates = try Activity.perform("drawing candidates for centers") {
      try self.candidates(&sequence)
    }
    guard candidates.count > clusters * data.columns else {
      return try greedy(data, clusters: clusters).centers(after: candidates, &sequence)
    }
    return try greedy(few(candidates), clusters: clusters).centers(&sequence)
  }

  /// Rows that may become centers, each once; collective.
  private func candidates(_ sequence: inout PhiloxSequence) throws -> [Float] {
    var candidates = try greedy(data, clusters: 1).centers(&sequence)
    var nearest = [Double](repeating: .infinity, count: data.rows.count)
    lower(&nearest, at: candidates)
    for round in 0..<Self.rounds {
      Activity.advance(round, of: Self.rounds)
      let taken = try data.fetch(rows(nearest, round: round))
      guard !taken.isEmpty else { continue }
      lower(&nearest, at: taken)
      candidates += taken
    }
    return distinct(candidates)
  }

  private func greedy(_ data: ClusterData, clusters: Int) -> GreedySeeding {
    GreedySeeding(data: data, clusters: clusters, assigner: assigner(data, clusters: 1))
  }

  private func assigner(_ data: ClusterData, clusters: Int) -> any RowAssigner {
    metric.makeAssigner(data, clusters: clusters, kernels: .shared, pruning: false)
  }

  /// Lowers what each local row costs to its cost at the nearest of some points, where that is less.
  private func lower(_ nearest: inout [Double], at points: [Float]) {
    let assigner = assigner(data, clusters: points.count / data.columns)
    assigner.assign(to: points) { _ in }
    for (row, label) in assigner.labels.enumerated() {
      Progress.beat()
      nearest[row] = min(nearest[row], assigner.cost(row: row, center: Int(label)))
    }
  }

  /// Rows of the whole matrix, each taken with a probability of 2K times its share of all costs; collective.
  private func rows(_ nearest: [Double], round: Int) throws -> [Int] {
    let world = data.world
    var total = ExactSum()
    for (row, cost) in nearest.enumerated() { total.add(cost * data.relativeWeight(row)) }
    try total.combine(among: world)
    guard total.value > 0 else { return [] }
    let factor = 2 * Double(clusters) / total.value
    let first = data.rows.rows.lowerBound
    let stream = UInt64(restart) << 8 | UInt64(round)
    let own = nearest.indices.filter {
      number(of: first + $0, in: stream) * 0x1p-53 < nearest[$0] * data.relativeWeight($0) * factor
    }
    let counts = try world.allGather(own.count)
    var rows = [Int](repeating: 0, count: counts.reduce(0, +))
    let before = counts[..<world.rank].reduce(0, +)
    for (index, row) in own.enumerated() { rows[before + index] = first + row }
    try world.allReduce(&rows, .sum)
    return rows
  }

  /// Each of some points once.
  private func distinct(_ points: [Float]) -> [Float] {
    var seen: Set<ArraySlice<Float>> = []
    return stride(from: 0, to: points.count, by: data.columns)
      .map { points[$0..<$0 + data.columns] }.filter { seen.insert($0).inserted }.flatMap { $0 }
  }

  /// The candidates as rows that count as much as the rows that are nearest to them; collective.
  private func few(_ candidates: [Float]) throws -> ClusterData {
    let count = candidates.count / data.columns
    let assigner = assigner(data, clusters: count)
    assigner.assign(to: candidates) { _ in }
    var sums = [ExactSum](repeating: ExactSum(), count: count)
    for (row, label) in assigner.labels.enumerated() {
      sums[Int(label)].add(data.relativeWeight(row))
    }
    try ExactSum.combine(&sums, among: data.world)
    let weights = sums.map(\.value)
    // Only their proportions matter; sums of Floats may be beyond what a Float is. None is lost.
    let scale = max(1, weights.max()! / 0x1p127)
    return try data.alone(
      candidates,
      weights: weights.map { $0 == 0 ? 0 : max(Float($0 / scale), .leastNonzeroMagnitude) })
  }
}
