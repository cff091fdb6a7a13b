import ArgumentParser
import DTrainCore

/// How distances to centers of a file are measured, where no run beside them says it.
struct CenterMetric: ParsableArguments {
  @Option(
    help: """
      Of centers without the config.json of their run, how distances are measured: l2, l1 as k-medians does, or \
      cosine (default: l2).
      """)
  var metric: ClusterMetric?
}

extension ClusterMetric: ExpressibleByArgument {}
