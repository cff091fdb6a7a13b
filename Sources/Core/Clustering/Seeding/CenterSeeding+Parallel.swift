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
    let first = try greedy(data, clusters: 1, assigner).centers(&sequence)
    let costs = SeedingCosts(data, metric, assigner)
    try Activity.perform("drawing candidates for centers") { try draw(into: costs, first) }
    let (candidates, places) = distinct(costs.centers)
    guard candidates.count > clusters * data.columns else {
      return try greedy(data, clusters: clusters, assigner).centers(after: candidates, &sequence)
    }
    let few = try few(candidates, places, costs)
    let assigner = metric.makeAssigner(few, clusters: 1, kernels: .shared, pruning: false)
    return try greedy(few, clusters: clusters, assigner).centers(&sequence)
  }

  /// Adds some centers, and rows that may become centers; collective.
  private func draw(into costs: SeedingCosts, _ first: [Float]) throws {
    costs.addAll(first)
    for round in 0..<Self.rounds {
      Activity.advance(round, of: Self.rounds)
      let taken = try data.fetch(rows(costs, round: round))
      if !taken.isEmpty { costs.addAll(taken) }
    }
  }

  private func greedy(
    _ data: ClusterData, clusters: Int, _ assigner: any RowAssigner
  ) -> GreedySeeding {
    GreedySeeding(data: data, metric: metric, clusters: clusters, assigner: assigner)
  }

  /// Rows of the whole matrix, each taken with a probability of 2K times its share of all costs; collective.
  private func rows(_ costs: SeedingCosts, round: Int) throws -> [Int] {
    let world = data.world
    let total = try costs.total()
    guard total > 0 else { return [] }
    let factor = 2 * Double(clusters) / total
    let first = data.rows.rows.lowerBound
    let stream = UInt64(restart) << 8 | UInt64(round)
    let own = (0..<data.rows.count).filter {
      number(of: first + $0, in: stream) * 0x1p-53 < costs.weighted($0) * factor
    }
    let counts = try world.allGather(own.count)
    var rows = [Int](repeating: 0, count: counts.reduce(0, +))
    let before = counts[..<world.rank].reduce(0, +)
    for (index, row) in own.enumerated() { rows[before + index] = first + row }
    try world.allReduce(&rows, .sum)
    return rows
  }

  /// Each of some points once, and the place of each among these.
  private func distinct(_ points: [Float]) -> (points: [Float], places: [Int]) {
    var seen: [ArraySlice<Float>: Int] = [:]
    var kept: [Float] = []
    let places = stride(from: 0, to: points.count, by: data.columns).map { start in
      let point = points[start..<start + data.columns]
      if let place = seen[point] { return place }
      let place = seen.count
      seen[point] = place
      kept += point
      return place
    }
    return (kept, places)
  }

  /// The candidates as rows that count as much as the rows that are nearest to them; collective.
  private func few(
    _ candidates: [Float], _ places: [Int], _ costs: SeedingCosts
  ) throws -> ClusterData {
    var sums = [ExactSum](repeating: ExactSum(), count: candidates.count / data.columns)
    for row in 0..<data.rows.count {
      sums[places[costs.center(row)]].add(data.relativeWeight(row))
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
