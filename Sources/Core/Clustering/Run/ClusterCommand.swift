/// A command that clusters, by its name: how it measures distances, and which centers are best.
public enum ClusterCommand: String, CaseIterable, Sendable {
  case kmeans, kmedians

  /// How distances are measured.
  public var metric: ClusterMetric {
    switch self {
    case .kmeans: .l2
    case .kmedians: .l1
    }
  }

  /// The best centers in that metric.
  ///
  /// - Parameter median: of an even count, for what is a median.
  func update(_ median: ClusterConfiguration.Median) -> CenterUpdateKind {
    switch self {
    case .kmeans: .means
    case .kmedians: .medians(median)
    }
  }
}
