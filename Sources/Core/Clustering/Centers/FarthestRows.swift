/// The rows that empty clusters take: one after another the row farthest from its center, the lowest of equals, that
/// is not the last of its cluster.
///
/// Each rank names as many of its own as any choice of all ranks could come to need; then every rank knows the
/// candidates and chooses alike.
struct FarthestRows {
  /// A row that may go.
  private struct Candidate {
    let cost: Double
    /// Of the whole matrix.
    let row: Int
    let cluster: Int
  }

  private let candidates: [Candidate]

  /// Finds candidates for `count` clusters; collective, one all-gather.
  ///
  /// - Parameters:
  ///   - sizes: the rows of positive weight in each cluster.
  /// - Complexity: O(own rows · columns), and their sorting.
  init(
    _ count: Int, in data: ClusterData, _ assigner: any RowAssigner, sizes: [Int]
  ) throws(MPIError) {
    let first = data.rows.rows.lowerBound
    var own: [Candidate] = []
    for (local, label) in assigner.labels.enumerated()
    where data.weight(local) > 0 && sizes[Int(label)] > 1 {
      Progress.beat()
      let cost = assigner.cost(row: local, center: Int(label))
      if cost > 0 { own.append(Candidate(cost: cost, row: first + local, cluster: Int(label))) }
    }
    own.sort(by: Self.isBefore)
    // A row goes unless `count` go before it, or all but one of its cluster do; rows that stay for the latter reason
    // are no more than those that go.
    var left = sizes
    var kept: [Candidate] = []
    for candidate in own where left[candidate.cluster] > 1 && kept.count < 2 * count {
      left[candidate.cluster] -= 1
      kept.append(candidate)
    }
    // Fewer are made up for by candidates of no cost.
    let none = Candidate(cost: 0, row: 0, cluster: 0)
    kept += [Candidate](repeating: none, count: 2 * count - kept.count)
    let all = try data.world.allGather(
      kept.flatMap { [$0.cost.bitPattern, UInt64($0.row), UInt64($0.cluster)] })
    candidates = stride(from: 0, to: all.count, by: 3).map {
      Candidate(
        cost: Double(bitPattern: all[$0]), row: Int(all[$0 + 1]), cluster: Int(all[$0 + 2]))
    }.filter { $0.cost > 0 }.sorted(by: Self.isBefore)
  }

  private static func isBefore(_ a: Candidate, _ b: Candidate) -> Bool {
    (b.cost, a.row) < (a.cost, b.row)
  }

  /// Calls `body` with a row of the whole matrix, its cluster, and the empty cluster that takes it, for each empty
  /// cluster in order, as long as there are rows.
  func fill(_ sizes: [Int], _ body: (_ row: Int, _ old: Int, _ new: Int) -> Void) {
    var sizes = sizes
    var rest = candidates[...]
    for empty in sizes.indices where sizes[empty] == 0 {
      rest = rest.drop { sizes[$0.cluster] == 1 }
      guard let chosen = rest.popFirst() else { return }
      body(chosen.row, chosen.cluster, empty)
      sizes[chosen.cluster] -= 1
      sizes[empty] = 1
    }
  }
}
