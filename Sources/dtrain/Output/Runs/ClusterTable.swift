import DTrainCore

/// Clusterings of the same rows side by side: a line for each number of clusters.
enum ClusterTable {
  /// A column; of those that are left out where there is no room, the one of the highest rank goes first.
  private struct Column {
    let title: String
    let width: Int
    let rank: Int
    let text: @Sendable (JSON) -> String
  }

  private static let columns = [
    Column(title: "clusters", width: 8, rank: 0) { text($0["clusters"]) },
    Column(title: "objective", width: 11, rank: 0) { text($0["objective"]) },
    Column(title: "Calinski-Harabasz", width: 19, rank: 1) { text($0["calinski_harabasz"]) },
    Column(title: "Davies-Bouldin", width: 16, rank: 2) { text($0["davies_bouldin"]) },
    Column(title: "silhouette", width: 12, rank: 0) { text($0["simplified_silhouette"]) },
    Column(title: "iterations", width: 12, rank: 3) { text($0["iterations"]) },
    Column(title: "seconds", width: 9, rank: 0) { summary in
      let seconds = ["seconds_init", "seconds_train"].reduce(0.0) {
        $0 + (summary[$1]?.double ?? 0)
      }
      return NumberFormat.fixed(seconds, 2)
    },
  ]

  /// The titles of the columns that fit; of all where `width` is nil.
  static func header(width: Int?) -> String {
    fitting(width).map { NumberFormat.padded($0.title, $0.width) }.joined()
  }

  /// A run by its summary; `-` for an index that it has not.
  static func line(_ summary: JSON, width: Int?) -> String {
    fitting(width).map { NumberFormat.padded($0.text(summary), $0.width) }.joined()
  }

  private static func fitting(_ width: Int?) -> [Column] {
    var fitting = columns
    while let width, fitting.reduce(0, { $0 + $1.width }) >= width,
      let last = fitting.indices.max(by: { fitting[$0].rank < fitting[$1].rank }),
      fitting[last].rank > 0
    {
      fitting.remove(at: last)
    }
    return fitting
  }

  private static func text(_ value: JSON?) -> String {
    if let number = value?.int { return "\(number)" }
    return value?.double.map { NumberFormat.significant($0) } ?? "-"
  }
}
