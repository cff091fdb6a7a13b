/// Which center is the best one for a cluster.
enum CenterUpdateKind: Equatable {
  /// The mean of its rows.
  case means
  /// The direction of the sum of its rows, which are directions.
  case directions
  /// The median of each column of its rows.
  case medians(ClusterConfiguration.Median)

  /// What finds the centers of one restart, without rows yet; collective.
  ///
  /// - Parameter assigner: has the labels of the rows.
  func makeUpdate(
    _ data: ClusterData, clusters: Int, kernels: KernelTable, assigner: any RowAssigner
  ) throws -> any CenterUpdate {
    switch self {
    case .means: return try ClusterMeans(data, clusters: clusters, assigner: assigner)
    case .directions:
      return try ClusterMeans(data, clusters: clusters, assigner: assigner, areDirected: true)
    case .medians(let median):
      // Weights are no counts, and counts of very many medians do not fit.
      let (pairs, overflow) = clusters.multipliedReportingOverflow(by: data.columns)
      guard data.weights == nil, !overflow, BinCounts.canCount(pairs: pairs, rows: data.count)
      else {
        return try BracketMedians(
          data, clusters: clusters, median: median, kernels: kernels, assigner: assigner)
      }
      switch data.rows.element {
      case .uint8: return try ByteMedians(data, clusters: clusters, median: median)
      case .float32:
        return try CodedMedians(
          data, clusters: clusters, median: median, kernels: kernels, assigner: assigner)
      }
    }
  }

  /// Whether it is a median, so that the median of an even count is to be chosen.
  var hasMedian: Bool {
    switch self {
    case .means, .directions: false
    case .medians: true
    }
  }
}
