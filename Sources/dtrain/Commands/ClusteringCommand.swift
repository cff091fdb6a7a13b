import ArgumentParser
import DTrainCore

/// A command that clusters rows: `dtrain kmeans`, `dtrain kmedians`.
struct ClusteringCommand<List: ClusterOptionList>: ProgramCommand {
  static var configuration: CommandConfiguration { List.command }

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Rows: an IDX or NPY file, also gzipped, an NPZ or HDF5 file, FILE:MEMBER for one of its arrays, several files or "
        + "quoted patterns, or a directory with MNIST-named files.", valueName: "path"))
  var data: [String] = []

  @Option(
    help: ArgumentHelp(
      "The member of NPZ and HDF5 files that holds the rows (default: x).", valueName: "rows"))
  var member: String?

  @Option(help: "The format of all data files (default: by content, then by name).")
  var format: DataFormat?

  @OptionGroup var left: DroppedColumns
  @OptionGroup(title: "Columns of tables") var table: TableOptions
  @OptionGroup(title: "Clusters") var clusters: DeclaredOptions<List>

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "How much each row counts: one number a row, in one file or several, 0 or more, read as float32.",
      valueName: "path"))
  var weights: [String] = []

  @OptionGroup(title: "The run directory") var run: RunOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Machine") var machineOptions: MachineOptions

  @Option(help: .hidden) var pruning: Pruning = .auto

  var machine: MachineOptions? { machineOptions }
  var kernels: KernelClass? { run.kernels(machineOptions) }
  var lessMemory: String? { "fewer --clusters" }

  func check() throws(TrainerError) {
    try output.check()
    try run.check()
    try table.check(data: data, isKept: run.resume != nil)
    try require(
      run.resume == nil || !data.isEmpty || left.drop.isEmpty, .usage,
      "--drop belongs to --data: give it too, or neither")
    guard run.canCheck else { return }
    let file = try run.readConfiguration()
    try file?.check(isOf: Self._commandName)
    try require(
      run.resume != nil || file?.namesData == true || !data.isEmpty, .usage,
      "--data is missing: name the file or directory that holds the rows")
    try require(
      member.map { MemberNames($0) != nil } ?? true, .usage,
      "--member \(member ?? ""): name a member, such as data")
    try require(!data.contains(""), .usage, "--data takes paths; one of them is empty")
    try require(
      run.resume != nil || clusters.stated.contains("clusters") || file?.names("clusters") == true,
      .usage,
      "--clusters is missing: say how many clusters are sought")
    try job(file).check(stated: clusters.stated)
  }

  func execute() -> Int32 {
    StopRequest.listen()
    return machineOptions.runRanks { world in
      try ClusterReport.of(output, among: world) { report in
        try ClusterRun.cluster(
          try job(try run.readConfiguration(among: world)), world: world, observer: report)
      }
    }
  }

  /// The run that the options describe.
  func job(_ file: ConfigurationFile?) throws(TrainerError) -> ClusterJob {
    var job = ClusterJob(
      data: DataCatalog.Options(data: data, format: format), configuration: List.configuration)
    job.data.weights = weights
    job.data.member = member
    job.data.columns.dropped = left.drop
    table.apply(to: &job.data.columns)
    run.apply(to: &job, stated: clusters.stated)
    if let file { try job.take(file, stated: clusters.stated) }
    try clusters.apply(to: &job.configuration)
    job.configuration.pruning = pruning.isOn
    return job
  }
}

/// Whether distances are skipped: for measuring and testing, since the result is the same.
enum Pruning: String, CaseIterable, ExpressibleByArgument {
  case auto, on, off

  var isOn: Bool? { self == .auto ? nil : self == .on }
}
