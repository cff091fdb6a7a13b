import ArgumentParser
import DTrainCore
import DTrainDist

/// `dtrain kmeans`.
struct KMeansCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "kmeans",
    abstract: "Cluster rows by k-means.",
    usage: "mpirun -np N dtrain kmeans --data PATH … --clusters K [options]",
    discussion: """
      Lloyd's iterations, exact: every label is the nearest centre in double precision, every centre \
      the exact mean of its rows. The centres are the same to the byte for any number of ranks.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Rows: an IDX, NPY or NPZ file, also gzipped, several files or quoted patterns, or a directory "
        + "with MNIST-named files.", valueName: "path"))
  var data: [String]

  @Option(help: "The format of all data files (default: by content, then by name).")
  var format: DataFormat?

  @OptionGroup(title: "Clusters") var clusters: ClusterOptions
  @OptionGroup(title: "The run directory") var run: RunOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Machine") var machineOptions: MachineOptions

  @Option(help: .hidden) var pruning: Pruning = .auto

  var machine: MachineOptions? { machineOptions }

  func check() throws(TrainerError) {
    try output.check()
    try clusters.configuration.validate()
    for path in data where path.isEmpty {
      throw TrainerError(.usage, "--data takes paths; one of them is empty")
    }
  }

  func execute() -> Int32 {
    MPIRuntime.run(program: "dtrain") { world in
      var job = ClusterJob(
        data: DataCatalog.Options(data: data, format: format),
        configuration: clusters.configuration)
      job.output = run.out
      job.overwrite = run.overwrite
      job.pruning = pruning.isOn
      try ClusterRun.cluster(
        job, world: world, observer: world.isRoot ? ClusterReport(output) : nil)
      return 0
    }
  }
}

/// Whether distances are skipped: for measuring and testing, since the result is the same.
enum Pruning: String, CaseIterable, ExpressibleByArgument {
  case auto, on, off

  var isOn: Bool? {
    switch self {
    case .auto: nil
    case .on: true
    case .off: false
    }
  }
}

extension ClusterConfiguration.EmptyPolicy: ExpressibleByArgument {}
