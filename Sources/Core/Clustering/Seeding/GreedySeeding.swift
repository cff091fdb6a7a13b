/// Greedy k-means++ (D. Arthur, S. Vassilvitskii, 2007; with 2 + log K trials a center, of which the one
/// that leaves the smallest potential is taken).
///
/// Rows are drawn by their weighted cost at the nearest center; by L1 distances for k-medians.
struct GreedySeeding {
  let data: ClusterData
  let metric: ClusterMetric
  let clusters: Int
  let assigner: any RowAssigner

  /// Centers `[clusters, columns]`; collective. Where there are fewer distinct rows than clusters, the rest
  /// repeat the first center.
  ///
  /// - Parameter chosen: what is chosen already, `[some, columns]`.
  /// - Complexity: O(clusters · log clusters · own rows · columns) at most; what cannot be nearer than
  ///   the centers before is not computed exactly.
  func centers(
    after chosen: [Float] = [], _ sequence: inout PhiloxSequence
  ) throws -> [Float] {
    let columns = data.columns
    let trials = 2 + Int(PortableMath.log(Double(clusters)))
    let costs = SeedingCosts(data, metric, assigner)
    let first = chosen.isEmpty ? try data.fetch([firstRow(&sequence)]) : chosen
    for start in stride(from: 0, to: first.count, by: columns) {
      costs.add(Array(first[start..<start + columns]))
    }
    while costs.centers.count < clusters * columns {
      Activity.advance(costs.centers.count / columns, of: clusters, "center")
      let tickets = try costs.tickets()
      guard tickets.total > 0 else {
        let missing = clusters - costs.centers.count / columns
        return costs.centers + (0..<missing).flatMap { _ in costs.centers[..<columns] }
      }
      try addBest(of: data.fetch(tickets.draw(trials, &sequence)), to: costs)
    }
    return costs.centers
  }

  private func firstRow(_ sequence: inout PhiloxSequence) throws -> Int {
    guard !data.isEvenlyWeighted else { return sequence.next(below: data.count) }
    let point = FixedPoint(exponent: FixedPoint.exponent(above: 1), count: data.count)
    return try WeightedRowSampler(data) { point.parts(data.relativeWeight($0)).high }.draw(
      1, &sequence)[0]
  }

  /// A row that is nearer to a candidate than to all centers before.
  private struct Gain {
    let candidate: Int32
    let row: Int32
    let cost: Double
  }

  /// Takes that candidate which lowers all costs most, `[some, columns]`; collective.
  private func addBest(of candidates: [Float], to costs: SeedingCosts) throws {
    var gains = [Int64](repeating: 0, count: candidates.count / data.columns)
    // What is found is kept where it is little: nobody need look for it again.
    let most = 1024 + data.rows.count / 4
    var found: [Gain] = []
    costs.forEachNearer(at: candidates) { row, candidate, cost in
      gains[candidate] &+= costs.gain(row, cost)
      if found.count <= most {
        found.append(Gain(candidate: Int32(candidate), row: Int32(row), cost: cost))
      }
    }
    try data.world.allReduce(&gains, .sum)
    let best = gains.firstIndex(of: gains.max()!)!
    let point = Array(candidates[best * data.columns..<(best + 1) * data.columns])
    if found.count > most {
      costs.add(point)
    } else {
      costs.add(
        point,
        found.lazy.filter { $0.candidate == best }.map { (row: Int($0.row), cost: $0.cost) })
    }
  }
}
