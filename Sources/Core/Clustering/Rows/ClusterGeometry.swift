/// What tells k-means from k-medians, for the rows of one run: how rows find their centers, and centers
/// their place.
struct ClusterGeometry {
  let data: ClusterData
  let metric: ClusterMetric
  let clusters: Int
  let assigner: any RowAssigner
  private let median: ClusterConfiguration.Median
  private let kernels: KernelTable

  /// Prepares the rows.
  ///
  /// - Parameters:
  ///   - median: of even counts, in the L1 metric.
  ///   - pruning: whether distances are skipped; nil where it pays.
  init(
    _ data: ClusterData, metric: ClusterMetric, clusters: Int, kernels: KernelTable,
    median: ClusterConfiguration.Median = .midpoint, pruning: Bool? = nil
  ) {
    self.data = data
    self.metric = metric
    self.clusters = clusters
    self.median = median
    self.kernels = kernels
    assigner = metric.makeAssigner(data, clusters: clusters, kernels: kernels, pruning: pruning)
  }

  /// How the centers of one start are found; collective.
  func makeRule() throws -> any CenterUpdate {
    if metric == .l2 { return try ClusterMeans(data, clusters: clusters, assigner: assigner) }
    // Weights are no counts, and counts of very many medians do not fit.
    let (pairs, overflow) = clusters.multipliedReportingOverflow(by: data.columns)
    guard data.weights == nil, !overflow, BinCounts.canCount(pairs: pairs, rows: data.count) else {
      return try BracketMedians(
        data, clusters: clusters, median: median, kernels: kernels, assigner: assigner)
    }
    if data.rows.element == .uint8 {
      return try ByteMedians(data, clusters: clusters, median: median)
    }
    return try CodedMedians(
      data, clusters: clusters, median: median, kernels: kernels, assigner: assigner)
  }
}
