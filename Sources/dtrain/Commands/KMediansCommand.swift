import ArgumentParser
import DTrainCore

/// `dtrain kmedians`.
struct KMediansCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "kmedians",
    abstract: "Cluster rows by k-medians.",
    usage: "mpirun -np N dtrain kmedians --data PATH … --clusters K [options]",
    discussion: """
      Lloyd's iterations in the L1 metric, exact: every label is the nearest center in double \
      precision, every coordinate of a center the exact median of its rows. The centers are the same \
      to the byte for any number of ranks.
      """)

  @OptionGroup var options: ClusterCommandOptions<Options>

  var machine: MachineOptions? { options.machineOptions }

  func check() throws(TrainerError) { try options.check() }

  func execute() -> Int32 { options.execute() }

  enum Options: ClusterOptionList {
    static var configuration: ClusterConfiguration { ClusterConfiguration(.kmedians, clusters: 0) }
  }
}
