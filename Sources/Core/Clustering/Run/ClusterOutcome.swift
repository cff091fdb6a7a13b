/// How one start of a clustering run ended.
struct ClusterOutcome: Equatable {
  /// Of the centers that are written.
  let objective: Double
  /// `[clusters, columns]`.
  let centers: [Float]
  /// Rows of each cluster, over all ranks.
  let sizes: [Int]
  let iterations: Int
  /// Why it ended.
  let stopped: String
  /// How often an empty cluster took a row.
  let refilled: Int
  /// Which of the starts it was, from 0.
  let restart: Int

  /// What the user should know of clusters that lost their rows.
  func warnings(_ configuration: ClusterConfiguration) -> [String] {
    var warnings: [String] = []
    if refilled > 0 {
      warnings.append(
        refilled == 1
          ? "an empty cluster took the row farthest from its center"
          : "\(refilled) times an empty cluster took the row farthest from its center")
    }
    let empty = sizes.count { $0 == 0 }
    guard empty > 0 else { return warnings }
    let reason =
      if objective == 0 {
        // Every row is its own cluster's center, and there are fewer of these than clusters.
        "there are fewer distinct rows than clusters; use --clusters \(sizes.count - empty) or fewer"
      } else if configuration.empty == .keep {
        "--empty keep leaves their centers where they are; --empty farthest gives them rows"
      } else {
        "the last movement of the centers took their rows; let it run on (--max-iterations, "
          + "--tolerance 0) or use fewer clusters"
      }
    warnings.append(
      "\(empty) of \(sizes.count) clusters \(empty == 1 ? "holds" : "hold") no row: \(reason)")
    return warnings
  }
}
