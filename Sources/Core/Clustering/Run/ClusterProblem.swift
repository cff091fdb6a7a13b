/// What the restarts of a run share: the rows and how they find their centers, what the centers are first, and where
/// they move.
struct ClusterProblem {
  let data: ClusterData
  let configuration: ClusterConfiguration
  let kernels: KernelTable
  let assigner: any RowAssigner
  /// By which distances are skipped; nil where that does not pay.
  let leading: LeadingRows?
  /// The mean distance of the rows to the point of the columns' means, which the tolerance is relative to; 0 without
  /// one.
  let meanDistance: Double

  /// Prepares the rows; collective.
  init(
    _ data: ClusterData, _ configuration: ClusterConfiguration, kernels: KernelTable
  ) throws {
    self.data = data
    self.configuration = configuration
    self.kernels = kernels
    leading =
      configuration.pruning == false
      ? nil
      : try configuration.metric.leadingRows(
        of: data, clusters: configuration.clusters, kernels: kernels)
    assigner = configuration.metric.makeAssigner(
      data, clusters: configuration.clusters, leading: leading, kernels: kernels,
      pruning: configuration.pruning)
    meanDistance =
      configuration.tolerance > 0 ? try data.measured.meanDistance(configuration.metric) : 0
  }

  /// Where the centers of one restart belong; collective.
  func makeUpdate() throws -> any CenterUpdate {
    try configuration.update.makeUpdate(
      data, clusters: configuration.clusters, kernels: kernels, assigner: assigner)
  }

  /// The initial centers of a restart; collective.
  func initialCenters(restart: Int) throws -> [Float] {
    let seeding = CenterSeeding(
      data: data, metric: configuration.metric, clusters: configuration.clusters,
      assigner: assigner, generator: Philox(seed: configuration.seed, purpose: .centers),
      restart: restart)
    return try Activity.perform("choosing the first centers") {
      try seeding.centers(configuration.seeding)
    }
  }
}
