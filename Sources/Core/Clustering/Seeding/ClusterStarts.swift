import DTrainBase
import DTrainDist

/// The starts of a clustering run: where each begins.
struct ClusterStarts {
  let geometry: ClusterGeometry
  let configuration: ClusterConfiguration
  /// Of the rows to the point of the columns' means, in the run's metric.
  let meanDistance: Double

  /// The centers of a start file; nil when they are drawn. Collective.
  func givenCenters() throws -> [Float]? {
    guard case .file = configuration.seeding else { return nil }
    return try firstCenters(restart: 0)
  }

  /// The centers that a start begins with; collective.
  func firstCenters(restart: Int) throws -> [Float] {
    let seeding = CenterSeeding(
      data: geometry.data, metric: configuration.metric, clusters: configuration.clusters,
      assigner: geometry.assigner,
      generator: Philox(seed: configuration.seed, purpose: .centers), restart: restart)
    return try Activity.perform("choosing the first centers") {
      try seeding.centers(configuration.seeding)
    }
  }
}
