/// What a clustering run does; the names are those of the command line.
public struct ClusterConfiguration: Equatable, Sendable {
  /// Where the first centers come from.
  public enum Seeding: Equatable, Sendable {
    /// Rows drawn without replacement.
    case random
    /// Greedy k-means++.
    case plusPlus
    /// k-means||: many rows at once, then greedy k-means++ among these.
    case parallel
    /// A file of centers, `[clusters, features]`.
    case file(String)
  }

  /// What happens to a cluster that loses its last row.
  public enum EmptyPolicy: String, CaseIterable, Sendable {
    /// It takes the row farthest from its center; its center stays; the run ends with an error.
    case farthest, keep, error
  }

  /// Which number is the median of an even count.
  public enum Median: String, CaseIterable, Sendable {
    /// Half the sum of the two in the middle, as NumPy has it; the lower of the two.
    case midpoint, lower
  }

  /// By which command, and so what centers are.
  public var command: ClusterCommand
  /// How distances are measured; one of those that the command knows.
  public var metric: ClusterMetric
  /// The largest K.
  static let mostClusters = 10_000_000

  /// K, at least 1.
  public var clusters: Int
  /// Numbers of clusters to compare, instead of ``clusters``; nil for one number.
  public var range: ClusterRange?
  /// Where the first centers come from.
  public var seeding = Seeding.plusPlus
  /// The most iterations, at least 1.
  public var maximumIterations = 300
  /// T: stop when the summed movement of the centers falls below T times the rows' mean distance to the
  /// global center; 0: when no row changes.
  public var tolerance = 1e-4
  /// Runs from different first centers, of which the best is kept.
  public var restarts = 1
  /// What happens to empty clusters.
  public var empty = EmptyPolicy.farthest
  /// For k-medians: the median of an even count.
  public var median = Median.midpoint
  /// How columns are scaled before distances are measured.
  public var scale = ColumnScaling.Kind.none
  /// The seed of all random draws.
  public var seed: UInt64 = 0
  /// Whether labels.npy is written.
  public var savesLabels = false
  /// Whether distances are skipped; nil where it pays. The result is the same, and it is not recorded.
  public var pruning: Bool?

  /// The defaults for K clusters.
  public init(_ command: ClusterCommand = .kmeans, clusters: Int) {
    self.command = command
    metric = command.metric
    self.clusters = clusters
  }

  /// Which centers are best.
  var update: CenterUpdateKind { command.update(metric, median) }
}
