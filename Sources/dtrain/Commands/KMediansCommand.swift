import ArgumentParser
import DTrainCore

/// `dtrain kmedians`.
typealias KMediansCommand = ClusteringCommand<KMediansOptions>

/// The head of its help, and what tells which options it has.
enum KMediansOptions: ClusterOptionList {
  static let command = CommandConfiguration(
    commandName: "kmedians",
    abstract: "Cluster rows by k-medians.",
    usage: "mpirun -np N dtrain kmedians --data PATH … --clusters K [options]",
    discussion: """
      Lloyd's iterations in the L1 metric, exact: every label is the nearest center in double \
      precision, every coordinate of a center the exact median of its rows. The centers are the same \
      to the byte for any number of ranks.
      """)

  static var configuration: ClusterConfiguration { ClusterConfiguration(.kmedians, clusters: 0) }
}
