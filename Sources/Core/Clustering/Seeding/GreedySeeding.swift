/// Greedy k-means++ (D. Arthur, S. Vassilvitskii, 2007; with 2 + log K trials a center, of which the one
/// that leaves the smallest potential is taken).
///
/// Rows are drawn by their weighted cost at the nearest center; by L1 distances for k-medians. 8 bytes a row are
/// kept: that cost.
struct GreedySeeding {
  let data: ClusterData
  let clusters: Int
  let assigner: any RowAssigner

  /// Centers `[clusters, columns]`; collective. Where there are fewer distinct rows than clusters, the rest
  /// repeat the first center.
  ///
  /// - Parameter centers: what is chosen already, `[some, columns]`.
  /// - Complexity: O(clusters · log clusters · own rows · columns) at most; what cannot be nearer than
  ///   the centers before is not computed exactly.
  func centers(
    after chosen: [Float] = [], _ sequence: inout PhiloxSequence
  ) throws -> [Float] {
    let columns = data.columns
    let trials = 2 + Int(PortableMath.log(Double(clusters)))
    var centers = chosen.isEmpty ? try data.fetch([firstRow(&sequence)]) : chosen
    var nearest = [Double](repeating: .infinity, count: data.rows.count)
    for start in stride(from: 0, to: centers.count, by: columns) {
      assigner.lower(&nearest, at: Array(centers[start..<start + columns]))
    }
    while centers.count < clusters * columns {
      Activity.advance(centers.count / columns, of: clusters, "center")
      guard let best = try bestCandidate(nearest, trials, &sequence) else {
        let missing = clusters - centers.count / columns
        return centers + (0..<missing).flatMap { _ in centers[..<columns] }
      }
      centers += best.point
      if let gains = best.gains {
        for gain in gains { nearest[gain.row] = gain.cost }
      } else {
        assigner.lower(&nearest, at: best.point)
      }
    }
    return centers
  }

  /// A row that is nearer to a candidate than to all centers before.
  private struct Gain {
    let candidate: Int
    let row: Int
    let cost: Double
  }

  private func firstRow(_ sequence: inout PhiloxSequence) throws -> Int {
    guard !data.isEvenlyWeighted else { return sequence.next(below: data.count) }
    let point = FixedPoint(exponent: FixedPoint.exponent(above: 1), count: data.count)
    return try WeightedRowSampler(data) { point.parts(data.relativeWeight($0)).high }.draw(
      1, &sequence)[0]
  }

  /// The best of some drawn rows, and the rows that it is nearer to, if they are few; nil when nothing costs anything.
  private func bestCandidate(
    _ nearest: [Double], _ trials: Int, _ sequence: inout PhiloxSequence
  ) throws -> (point: [Float], gains: [Gain]?)? {
    // By the largest that is left: once outliers are centers, what is near keeps its tickets.
    var own = 0.0
    for (row, cost) in nearest.enumerated() { own = max(own, cost * data.relativeWeight(row)) }
    let largest = try data.world.allReduce(own, .maximum)
    let point = FixedPoint(exponent: FixedPoint.exponent(above: largest), count: data.count)
    let tickets = try WeightedRowSampler(data) {
      point.parts(nearest[$0] * data.relativeWeight($0)).high
    }
    guard tickets.total > 0 else { return nil }
    let candidates = try data.fetch(tickets.draw(trials, &sequence))
    // By how much each lowers the potential.
    var gains = [Int64](repeating: 0, count: trials)
    let most = 1024 + data.rows.count / 16
    var found: [Gain] = []
    nearest.withUnsafeBufferPointer { nearest in
      assigner.forEachNearer(nearest, at: candidates) { row, candidate, cost in
        let weight = data.relativeWeight(row)
        gains[candidate] &+=
          point.parts(nearest[row] * weight).high &- point.parts(cost * weight).high
        if found.count <= most { found.append(Gain(candidate: candidate, row: row, cost: cost)) }
      }
    }
    try data.world.allReduce(&gains, .sum)
    let best = gains.firstIndex(of: gains.max()!)!
    return (
      Array(candidates[best * data.columns..<(best + 1) * data.columns]),
      found.count > most ? nil : found.filter { $0.candidate == best }
    )
  }
}
