import ArgumentParser
import DTrainCore

/// `dtrain kmeans`.
struct KMeansCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "kmeans",
    abstract: "Cluster rows by k-means.",
    usage: "mpirun -np N dtrain kmeans --data PATH … --clusters K [options]",
    discussion: """
      Lloyd's iterations, exact: every label is the nearest center in double precision, every center \
      the exact mean of its rows. The centers are the same to the byte for any number of ranks.
      """)

  @OptionGroup var options: ClusterCommandOptions<Options>

  var machine: MachineOptions? { options.machineOptions }

  func check() throws(TrainerError) { try options.check() }

  func execute() -> Int32 { options.execute() }

  enum Options: ClusterOptionList {
    static var configuration: ClusterConfiguration { ClusterConfiguration(.kmeans, clusters: 0) }
  }
}
