import ArgumentParser
import DTrainCore

/// Where the run is written, and how it survives being stopped.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The run directory (default: runs/COMMAND-DATE-TIME).", valueName: "directory"))
  var out: String?

  @Flag(help: "Replace the run that --out holds.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      """
      Continue the run in this directory from its newest checkpoint, on any number of ranks; it keeps \
      its options, which need not be given again.
      """, valueName: "directory"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      """
      Take options from the config.json of a run, and its data from beside it; options that are given win. With \
      nothing else it repeats the run.
      """, valueName: "file"))
  var config: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      When checkpoints are saved: 2 (epochs or iterations), 100steps, 30s, 1.5h, or never \
      (default: 5m).
      """, valueName: "interval"))
  var checkpointEvery: CheckpointInterval?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Checkpoints that are kept (default: 2).", valueName: "number"))
  var keep: Int?

  @Option(
    help: ArgumentHelp(
      """
      Write the model for other programs too: \(ModelForms.names), several with commas between \
      (default: none).
      """, valueName: "forms"), completion: .list(FormList.all))
  var export: FormList?

  @Option(
    help: ArgumentHelp(
      """
      Write when each rank did what as a trace that Perfetto (ui.perfetto.dev) and chrome://tracing open: docs/RUNS.md.
      """, valueName: "file.json"))
  var trace: String?

  @Option(
    help: ArgumentHelp(
      """
      Write numbers, histograms and images of the run, while it goes on, as event files that TensorBoard shows: \
      docs/RUNS.md.
      """, valueName: "directory"))
  var tensorboard: String?

  /// When checkpoints are saved and how many are kept.
  var checkpoints: CheckpointPlan {
    var plan = CheckpointPlan()
    plan.interval = checkpointEvery
    plan.keep = keep
    return plan
  }

  /// Refuses what makes no sense with `--resume`, or without it.
  func check() throws(TrainerError) {
    try checkpoints.validate()
    try ModelForms.check(export?.names ?? [], by: "export")
    guard let resume else { return }
    try require(
      config == nil, .usage,
      "--resume and --config exclude each other: a run that is continued keeps its options")
    try require(
      out == nil && !overwrite, .usage,
      "--resume continues the run where it is: omit --out and --overwrite")
    // Where ranks have no common disk, only the first need see the run.
    if Launcher.declaredRank == 0 { try RunDirectory.checkHoldsRun(resume) }
  }

  /// The file of `--config`, read on this rank alone; nil where none is given, and on ranks that may not see it.
  func readConfiguration() throws(TrainerError) -> ConfigurationFile? {
    guard let config, Launcher.declaredRank == 0 else { return nil }
    return try ConfigurationFile(path: config)
  }

  /// The file of `--config`, as the first rank reads it; collective.
  func readConfiguration(among world: Communicator) throws -> ConfigurationFile? {
    try config.map { try ConfigurationFile(path: $0, among: world) }
  }

  /// Whether the options can be checked on this rank before the ranks know each other.
  var canCheck: Bool { config == nil || Launcher.declaredRank == 0 }

  /// The kernels of the run that `--config` names, unless others are asked for.
  func kernels(_ machine: MachineOptions) -> KernelClass? {
    machine.kernels(as: config.flatMap { try? ConfigurationFile(path: $0) }?.kernels)
  }

  /// The same for a job.
  ///
  /// - Parameter stated: the names of the options that are given.
  func apply<Configuration>(
    to job: inout RunJob<Configuration>, stated: Set<String>
  ) {
    job.output = out
    job.overwrite = overwrite
    job.checkpoints = checkpoints
    job.exports = export?.names
    job.trace = trace
    job.tensorboard = tensorboard
    job.resume = resume.map { RunJob.Resume($0, stated: stated) }
  }
}

extension CheckpointInterval: ExpressibleByArgument {
  /// See `init(_:)`.
  public init?(argument: String) { self.init(argument) }
}
