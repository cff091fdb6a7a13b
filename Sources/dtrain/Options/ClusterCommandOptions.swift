import ArgumentParser
import DTrainCore
import DTrainDist

/// What the commands that cluster have in common.
struct ClusterCommandOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Rows: an IDX, NPY or NPZ file, also gzipped, several files or quoted patterns, or a directory "
        + "with MNIST-named files.", valueName: "path"))
  var data: [String] = []

  @Option(help: "The format of all data files (default: by content, then by name).")
  var format: DataFormat?

  @OptionGroup(title: "Clusters") var clusters: ClusterOptions
  @OptionGroup(title: "The run directory") var run: RunOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Machine") var machineOptions: MachineOptions

  @Option(help: .hidden) var pruning: Pruning = .auto

  /// Refuses what can be judged before MPI starts.
  func check() throws(TrainerError) {
    try output.check()
    try run.check()
    try clusters.check(isRecorded: run.resume != nil)
    guard run.resume != nil || !data.isEmpty else {
      throw TrainerError(
        .usage, "--data is missing: name the file or directory that holds the rows")
    }
    for path in data where path.isEmpty {
      throw TrainerError(.usage, "--data takes paths; one of them is empty")
    }
  }

  /// Clusters on all ranks.
  func execute(_ configuration: ClusterConfiguration) -> Int32 {
    StopRequest.listen()
    return machineOptions.runRanks { world in
      var job = ClusterJob(
        data: DataCatalog.Options(data: data, format: format), configuration: configuration)
      job.range = clusters.clusters?.range
      job.data.weights = clusters.weights
      job.output = run.out
      job.overwrite = run.overwrite
      job.pruning = pruning.isOn
      job.checkpoints = run.checkpoints
      if let directory = run.resume {
        var resume = ClusterJob.Resume(directory)
        resume.maximumIterations = clusters.maxIterations
        resume.stated = run.stated
        job.resume = resume
      }
      let report = world.isRoot ? ClusterReport(output) : nil
      let end = try ClusterRun.cluster(job, world: world, observer: report)
      report?.ended(end)
      return end.exitCode
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
