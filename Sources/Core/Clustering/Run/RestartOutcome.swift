/// How one restart of a clustering run ended.
struct RestartOutcome: Equatable {
  /// Of the centers that are written.
  let objective: Double
  /// `[clusters, columns]`.
  let centers: [Float]
  /// Rows of each cluster, over all ranks.
  let sizes: [Int]
  let iterations: Int
  /// Why it ended.
  let stopped: StopReason
  /// How often an empty cluster took a row.
  let refilled: Int
  /// How often the directions of a cluster's rows added up to zero.
  let balanced: Int
  /// Which of the restarts it was, from 0.
  let restart: Int

  /// What the user should know of clusters that lost their rows.
  func advice(_ configuration: ClusterConfiguration) -> [ClusteringAdvice] {
    let empty = sizes.count { $0 == 0 }
    var advice = refilled > 0 ? [ClusteringAdvice.refilled(times: refilled)] : []
    if balanced > 0 { advice.append(.balanced(times: balanced)) }
    if empty > 0 {
      // With an objective of 0 every row is its own cluster's center, and there are fewer of these than clusters.
      let cause: ClusteringAdvice.EmptyCause =
        objective == 0
        ? .fewDistinctRows : configuration.empty == .keep ? .centersKept : .lastMovement
      advice.append(.emptyClusters(empty, of: sizes.count, cause))
    }
    return advice
  }
}

extension RestartOutcome {
  /// All of it but the centers, as a checkpoint records it.
  var recorded: JSON {
    [
      "objective": .number(objective), "sizes": .array(sizes.map { .integer($0) }),
      "iterations": .integer(iterations), "stopped": .string(stopped.rawValue),
      "refilled": .integer(refilled), "balanced": .integer(balanced), "restart": .integer(restart),
    ]
  }

  init?(recorded json: JSON, centers: [Float]) {
    guard let objective = json["objective"]?.double,
      let items = json["sizes"]?.items, case let sizes = items.compactMap(\.int),
      sizes.count == items.count,
      let iterations = json["iterations"]?.int,
      let stopped = json["stopped"]?.text.flatMap({ StopReason(rawValue: $0) }),
      let refilled = json["refilled"]?.int, let restart = json["restart"]?.int
    else { return nil }
    self.init(
      objective: objective, centers: centers, sizes: sizes, iterations: iterations,
      stopped: stopped, refilled: refilled, balanced: json["balanced"]?.int ?? 0, restart: restart)
  }
}
