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

  @OptionGroup var options: ClusterCommandOptions

  @Option(
    help: """
      Which number is the median of an even count: half the sum of the two in the middle, or the lower.
      """)
  var median: ClusterConfiguration.Median = .midpoint

  var machine: MachineOptions? { options.machineOptions }

  func check() throws(TrainerError) { try options.check() }

  func execute() -> Int32 {
    var configuration = options.clusters.configuration(.kmedians)
    configuration.median = median
    return options.execute(configuration)
  }
}

extension ClusterConfiguration.Median: ExpressibleByArgument {}
