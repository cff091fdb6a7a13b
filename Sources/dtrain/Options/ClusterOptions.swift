import ArgumentParser
import DTrainCore

/// What is sought, and where the search starts.
struct ClusterOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Clusters, K; or a range of K to compare, each a run in OUT/clusterings/K.",
      valueName: "K|A:B[:STEP]"))
  var clusters: WantedClusters?

  @Option(
    help: ArgumentHelp(
      """
      First centers: random rows, k-means++ (greedy), k-means-parallel (for many clusters), or a file of \
      centers [K, columns].
      """, valueName: "random|k-means++|k-means-parallel|FILE"))
  var `init` = "k-means++"

  @Option(
    help: ArgumentHelp(
      "How much each row counts: a file of one number a row, 0 or more, read as float32.",
      valueName: "path"))
  var weights: String?

  @Option(
    help: """
      Scaling of the columns, in which distances are measured: unit divides bytes by 255 and floats by \
      their largest magnitude, standard makes mean 0 and deviation 1. Centers are written unscaled.
      """)
  var scale: ColumnScaling.Kind = .none

  @Option(help: "The most iterations (default: 300).")
  var maxIterations: Int?

  @Option(
    help: ArgumentHelp(
      """
      Stop when the summed movement of the centers falls below T times the rows' mean distance to the \
      global center; 0: when no row changes (default: 1e-4).
      """, valueName: "T"))
  var tolerance: Double?

  @Option(
    help: ArgumentHelp("Runs from different seeds; the best is kept (default: 1).", valueName: "R"))
  var restarts: Int?

  @Option(
    help:
      "A cluster without rows takes the row farthest from its center, keeps its center, or is an error."
  )
  var empty: ClusterConfiguration.EmptyPolicy = .farthest

  @Option(help: ArgumentHelp("Seed of all random draws (default: 0).", valueName: "S"))
  var seed: UInt64?

  @Flag(help: "Write labels.npy, the cluster of each row (int32).")
  var saveLabels = false

  /// Throws where options are missing or make no sense; a run that is continued has its own.
  func check(isRecorded: Bool) throws(TrainerError) {
    guard !isRecorded else { return }
    guard clusters != nil else {
      throw TrainerError(.usage, "--clusters is missing: say how many clusters are sought")
    }
    try clusters?.range?.validate()
    if case .file(let path) = ClusterConfiguration.Seeding(name: self.`init`),
      !path.contains("."), !path.contains("/")
    {
      throw TrainerError(
        .usage,
        "--init \(path): give random, k-means++, k-means-parallel, or a file such as start.npy")
    }
    try configuration(.kmeans).validate()
  }

  /// The same for the library.
  func configuration(_ command: ClusterCommand) -> ClusterConfiguration {
    var configuration = ClusterConfiguration(command, clusters: clusters?.first ?? 0)
    configuration.seeding = ClusterConfiguration.Seeding(name: self.`init`)
    if let maxIterations { configuration.maximumIterations = maxIterations }
    if let tolerance { configuration.tolerance = tolerance }
    if let restarts { configuration.restarts = restarts }
    if let seed { configuration.seed = seed }
    configuration.empty = empty
    configuration.scale = scale
    configuration.savesLabels = saveLabels
    return configuration
  }
}

/// A number of clusters, or a range of numbers.
struct WantedClusters: ExpressibleByArgument {
  let first: Int
  let range: ClusterRange?

  init?(argument: String) {
    range = ClusterRange(argument)
    guard let first = range?.first ?? Int(argument) else { return nil }
    self.first = first
  }
}
