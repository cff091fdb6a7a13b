import ArgumentParser
import DTrainCore

/// Which model is applied.
struct ModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A run directory, or its model.safetensors.", valueName: "path"))
  var model: String

  @OptionGroup var centers: CenterMetric

  /// How distances to centers are measured; nil where it is not said.
  var metric: ClusterMetric? { centers.metric }

  /// Refuses what is no network, and what a network has no use for.
  func checkForNetwork() throws(TrainerError) {
    try require(
      !ClusterInference.isRange(model), .usage,
      "--model \(model) holds clusterings into several numbers of clusters: name one, such as "
        + "\(model)/clusterings/10")
    try require(metric == nil, .usage, "--metric is for centers; \(model) holds a network")
  }
}
