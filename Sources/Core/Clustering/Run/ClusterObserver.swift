/// What is known when a clustering begins.
public struct ClusterStart {
  /// The run directory.
  public let directory: String
  /// Where the rows come from, how many there are, and of how many columns.
  public let dataName: String, rows: Int, columns: Int
  /// Their element type, and whether their numbers were rounded to float32.
  public let storedType: String, isRounded: Bool
  /// How distances are measured, and columns scaled.
  public let metric: ClusterMetric, scale: ColumnScaling.Kind
  /// The numbers of clusters: one, or a range.
  public let clusters: Int, range: ClusterRange?
  /// The ranks.
  public let ranks: Int
  /// The checkpoint that the run continues from; nil for a new run.
  public let resumedFrom: String?
  /// The runs from different first centers.
  public let restarts: Int
  /// Seconds of all processes that worked on the run until now.
  public let secondsTotal: Double
}

/// A part of a run that has centers of its own.
public struct ClusterPart: Equatable, Sendable {
  /// The number of clusters.
  public let clusters: Int
  /// Whether other numbers of clusters are tried, too, and compared.
  public internal(set) var isOfRange = false
  /// Which of the runs from different first centers, from 0.
  public let restart: Int
}

/// What a user should know of a clustering.
public enum ClusteringAdvice: Advice, Equatable {
  /// So often an empty cluster took the row farthest from its center.
  case refilled(times: Int)
  /// So often the directions of a cluster's rows added up to zero, so that its center stayed.
  case balanced(times: Int)
  /// Centers of a file were divided by their lengths.
  case directedCenters(file: String)
  /// So many of all clusters hold no row.
  case emptyClusters(Int, of: Int, EmptyCause)
  /// Nothing stands beside centers that says what they were made for, so that they are used in this metric, unscaled.
  ///
  /// - Parameter isForeign: whether another program's `config.json` stands beside them.
  case unknownMaking(centers: String, isForeign: Bool, metric: ClusterMetric)
  /// What holds of one clustering of a range.
  indirect case ofMember(clusters: Int, any Advice)

  /// Why clusters are empty.
  public enum EmptyCause: Sendable {
    /// There are fewer distinct rows than clusters; the centers of empty clusters stay; the last movement took them.
    case fewDistinctRows, centersKept, lastMovement
  }

  /// Whether both say the same.
  public static func == (a: Self, b: Self) -> Bool { "\(a)" == "\(b)" }
}

/// Watches a clustering run; called on rank 0 alone.
public protocol ClusterObserver: RunObserver {
  /// Before the first iteration.
  func started(_ start: ClusterStart)
  /// Before the first centers of a part are chosen.
  func began(_ part: ClusterPart)
  /// After an iteration.
  func iterated(_ iteration: ClusterIteration, of part: ClusterPart)
  /// After one of a range of runs is written, or found finished.
  func compared(_ summary: JSON, of range: ClusterRange)
}

extension ClusterObserver {
  /// Nothing.
  public func began(_ part: ClusterPart) {}
}
