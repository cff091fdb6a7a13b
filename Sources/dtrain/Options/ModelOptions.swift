import ArgumentParser
import DTrainCore

/// Which model is applied.
struct ModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A run directory, or its model.safetensors.", valueName: "path"))
  var model: String

  @Option(
    help: """
      Of centers, how distances are measured: l2, or l1 as k-medians does (default: as the run beside \
      them did, else l2).
      """)
  var metric: ClusterMetric?

  /// Refuses what is no network, and what a network has no use for.
  func checkForNetwork() throws(TrainerError) {
    try require(
      !ClusterInference.isRange(model), .usage,
      "--model \(model) holds clusterings into several numbers of clusters: name one, such as "
        + "\(model)/clusterings/10")
    try require(metric == nil, .usage, "--metric is for centers; \(model) holds a network")
  }
}

extension ClusterMetric: ExpressibleByArgument {}
