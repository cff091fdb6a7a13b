import ArgumentParser
import DTrainCore

/// What is sought, and where the search starts.
struct ClusterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Clusters, K.", valueName: "K"))
  var clusters: Int

  @Option(
    help: ArgumentHelp(
      "First centres: random rows, k-means++ (greedy), or a file of centres [K, columns].",
      valueName: "random|k-means++|FILE"))
  var `init` = "k-means++"

  @Option(help: "The most iterations (default: 300).")
  var maxIterations: Int?

  @Option(
    help: ArgumentHelp(
      """
      Stop when the summed movement of the centres falls below T times the rows' mean distance to the \
      global centre; 0: when no row changes (default: 1e-4).
      """, valueName: "T"))
  var tolerance: Double?

  @Option(
    help: ArgumentHelp("Runs from different seeds; the best is kept (default: 1).", valueName: "R"))
  var restarts: Int?

  @Option(
    help:
      "A cluster without rows takes the row farthest from its centre, keeps its centre, or is an error."
  )
  var empty: ClusterConfiguration.EmptyPolicy = .farthest

  @Option(help: ArgumentHelp("Seed of all random draws (default: 0).", valueName: "S"))
  var seed: UInt64?

  @Flag(help: "Write labels.npy, the cluster of each row (int32).")
  var saveLabels = false

  /// The same for the library.
  var configuration: ClusterConfiguration {
    var configuration = ClusterConfiguration(clusters: clusters)
    configuration.seeding =
      switch self.`init` {
      case "random": .random
      case "k-means++": .plusPlus
      default: .file(self.`init`)
      }
    if let maxIterations { configuration.maximumIterations = maxIterations }
    if let tolerance { configuration.tolerance = tolerance }
    if let restarts { configuration.restarts = restarts }
    if let seed { configuration.seed = seed }
    configuration.empty = empty
    configuration.savesLabels = saveLabels
    return configuration
  }
}
