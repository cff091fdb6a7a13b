import DTrainCore

/// Clusterings of the same rows side by side: a line for each number of clusters.
enum ClusterTable {
  private static let columns: [(title: String, key: String, width: Int)] = [
    ("clusters", "clusters", 8), ("objective", "objective", 11),
    ("Calinski-Harabasz", "calinski_harabasz", 19), ("Davies-Bouldin", "davies_bouldin", 16),
    ("silhouette", "simplified_silhouette", 12), ("iterations", "iterations", 12),
  ]

  /// The titles of the columns.
  static var header: String {
    columns.map { NumberFormat.padded($0.title, $0.width) }.joined()
      + NumberFormat.padded("seconds", 9)
  }

  /// A run by its summary; `-` for an index that it has not.
  static func line(_ summary: JSON) -> String {
    let seconds = ["seconds_init", "seconds_train"].reduce(0.0) { $0 + (summary[$1]?.double ?? 0) }
    return columns.map { NumberFormat.padded(text(summary[$0.key]), $0.width) }.joined()
      + NumberFormat.padded(NumberFormat.fixed(seconds, 2), 9)
  }

  private static func text(_ value: JSON?) -> String {
    if let number = value?.int { return "\(number)" }
    return value?.double.map { NumberFormat.significant($0) } ?? "-"
  }

}
