import ArgumentParser
import DTrainCore

/// `dtrain kmeans`.
typealias KMeansCommand = ClusteringCommand<KMeansOptions>

/// The head of its help, and what tells which options it has.
enum KMeansOptions: ClusterOptionList {
  static let command = CommandConfiguration(
    commandName: "kmeans",
    abstract: "Cluster rows by k-means.",
    usage: "mpirun -np N dtrain kmeans --data PATH … --clusters K [options]",
    discussion: """
      Lloyd's iterations, exact: every label is the nearest center in double precision, every center \
      the exact mean of its rows. The centers are the same to the byte for any number of ranks.
      """)

  static var configuration: ClusterConfiguration { ClusterConfiguration(.kmeans, clusters: 0) }
}
