/// A command that clusters, by its name: how it can measure distances, and which centers are best.
public enum ClusterCommand: String, CaseIterable, Sendable {
  case kmeans, kmedians

  /// How distances can be measured, the default first.
  public var metrics: [ClusterMetric] {
    switch self {
    case .kmeans: [.l2, .cosine]
    case .kmedians: [.l1]
    }
  }

  /// How distances are measured unless something else is asked for.
  public var metric: ClusterMetric { metrics[0] }

  /// The best centers.
  ///
  /// - Parameters:
  ///   - metric: one of ``metrics``.
  ///   - median: of an even count, for what is a median.
  func update(_ metric: ClusterMetric, _ median: ClusterConfiguration.Median) -> CenterUpdateKind {
    switch self {
    case .kmeans: metric.isOfDirections ? .directions : .means
    case .kmedians: .medians(median)
    }
  }
}
