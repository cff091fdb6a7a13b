import DTrainDist

/// Greedy k-means++ (D. Arthur, S. Vassilvitskii, 2007; with 2 + log K trials a centre, of which the one
/// that leaves the smallest potential is taken).
///
/// Rows are drawn by their weighted cost at the nearest centre; by L1 distances for k-medians.
struct GreedySeeding {
  let data: ClusterData
  let clusters: Int
  let assigner: any RowAssigner

  /// Centres `[clusters, columns]`; collective. Where there are fewer distinct rows than clusters, the rest
  /// repeat the first centre.
  ///
  /// - Parameter centers: what is chosen already, `[some, columns]`.
  /// - Complexity: O(clusters · log clusters · own rows · columns) at most; what cannot be nearer than
  ///   the centres before is not computed exactly.
  func centers(
    after chosen: [Float] = [], _ sequence: inout PhiloxSequence
  ) throws -> [Float] {
    let columns = data.columns
    let trials = 2 + Int(PortableMath.log(Double(clusters)))
    var centers = chosen.isEmpty ? try data.fetch([firstRow(&sequence)]) : chosen
    var nearest = [Double](repeating: .infinity, count: data.rows.count)
    for start in stride(from: 0, to: centers.count, by: columns) {
      nearest =
        assigner.lowered(nearest, at: Array(centers[start..<start + columns]), columns: columns)[0]
    }
    while centers.count < clusters * columns {
      guard let (best, left) = try bestCandidate(nearest, trials, &sequence) else {
        let missing = clusters - centers.count / columns
        return centers + (0..<missing).flatMap { _ in centers[..<columns] }
      }
      centers += best
      nearest = left
    }
    return centers
  }

  private func firstRow(_ sequence: inout PhiloxSequence) throws -> Int {
    guard data.weights != nil else { return sequence.next(below: data.count) }
    let numbers = (0..<data.rows.count).lazy.map { data.weight($0) }
    let point = FixedPoint(
      exponent: FixedPoint.exponent(above: data.largestWeight), count: data.count)
    return try RowTickets(numbers, point, data).draw(1, &sequence)[0]
  }

  /// The best of some drawn rows, and what rows cost with it; nil when nothing costs anything.
  private func bestCandidate(
    _ nearest: [Double], _ trials: Int, _ sequence: inout PhiloxSequence
  ) throws -> ([Float], [Double])? {
    let costs = nearest.indices.lazy.map { nearest[$0] * data.weight($0) }
    // By the largest that is left: once outliers are centres, what is near keeps its tickets.
    let largest = try data.world.allReduce(costs.max() ?? 0, .maximum)
    let point = FixedPoint(exponent: FixedPoint.exponent(above: largest), count: data.count)
    let tickets = try RowTickets(costs, point, data)
    guard tickets.total > 0 else { return nil }
    let candidates = try data.fetch(tickets.draw(trials, &sequence))
    let lowered = assigner.lowered(nearest, at: candidates, columns: data.columns)
    var potentials = lowered.map { left in
      left.indices.reduce(Int64(0)) { $0 &+ point.parts(left[$1] * data.weight($1)).high }
    }
    try data.world.allReduce(&potentials, .sum)
    let best = potentials.firstIndex(of: potentials.min()!)!
    return (Array(candidates[best * data.columns..<(best + 1) * data.columns]), lowered[best])
  }
}
