import DTrainBase
import DTrainData
import DTrainRuns

/// A training run as asked for: what to train on, how, and where to write.
public struct MLPJob: Sendable {
  /// The data files.
  public var data: DataCatalog.Options
  /// What is trained and how.
  public var configuration: MLPConfiguration
  /// The run directory; nil for a name made of the date.
  public var output: String?
  /// Whether an existing run may be replaced.
  public var overwrite = false
  /// The run to continue instead of beginning one.
  public var resume: Resume?
  /// When checkpoints are saved.
  public var checkpoints = CheckpointPlan()
  /// Whether the matrix products of the steps are timed alone, after the training.
  public var measuresProducts = false

  /// A run to continue: its configuration is the recorded one; its data too, unless ``data`` names where
  /// they now are.
  public struct Resume: Sendable {
    /// The run directory.
    public var directory: String
    /// Another number of epochs; nil for the recorded one.
    public var epochs: Int?
    /// Names of options, such as `--batch`, whose values in ``MLPJob/configuration`` must be the recorded ones.
    public var stated: Set<String> = []

    /// The run in `directory`, as it was asked for.
    public init(_ directory: String) { self.directory = directory }
  }

  /// A run with the given data and otherwise the defaults.
  public init(data: DataCatalog.Options, configuration: MLPConfiguration = MLPConfiguration()) {
    self.data = data
    self.configuration = configuration
  }
}

extension MLPJob: ResumableJob {
  package var isResumed: Bool { resume != nil }

  /// Throws `TrainerError(.usage)` for options that make no sense, alone or together.
  func validate() throws(TrainerError) {
    try checkpoints.validate()
    if resume == nil { try configuration.validate() }
    if let epochs = resume?.epochs, !(1...1_000_000).contains(epochs) {
      throw TrainerError(.usage, "--epochs must be from 1 to 1000000, not \(epochs)")
    }
  }

  /// Creates the run directory, or opens that of the run to continue.
  package func openDirectory() throws(TrainerError) -> RunDirectory {
    if let resume { return try RunDirectory.resume(path: resume.directory, command: "mlp") }
    return try RunDirectory.create(path: output, overwrite: overwrite, command: "mlp")
  }

  /// Becomes what an earlier run was asked to do, but for what was asked anew.
  package mutating func recall(_ earlier: RunRecord) throws(TrainerError) {
    let asked = configuration
    configuration = try MLPConfiguration(recorded: earlier.configuration)
    try RunRecord.checkStated(
      resume?.stated ?? [],
      MLPConfiguration.options.map { ($0.name, $0.value(configuration), $0.value(asked)) },
      changeable: "--epochs")
    if let epochs = resume?.epochs, epochs != configuration.epochs {
      guard !configuration.schedule.uses.contains("epochs") else {
        throw TrainerError(
          .usage,
          "--epochs: the run has \(configuration.epochs), over which --schedule \(configuration.schedule) lowers the learning rate; "
            + "with another number every step would have been another one")
      }
      configuration.epochs = epochs
    }
    if data.data.isEmpty { data = earlier.inputs }
    checkpoints = checkpoints.over(earlier.checkpoints)
  }

  /// Why there is nothing to do in a run that is to be continued; nil where there is.
  ///
  /// - Throws: `TrainerError(.usage)` where the run has gone further than it shall.
  package func reasonToRest(_ earlier: RunRecord) throws(TrainerError) -> String? {
    guard let summary = earlier.summary, let resume else { return nil }
    let done = summary["epochs"]?.int ?? 0
    guard configuration.epochs >= done else {
      throw TrainerError(
        .usage, "--epochs \(configuration.epochs): the run has \(done) epochs already")
    }
    if let reason = summary["stopped"]?.text, reason != "epochs" {
      return
        "nothing to do: \(resume.directory) is finished (stopped after epoch \(done): \(reason))"
    }
    return configuration.epochs == done
      ? "nothing to do: \(resume.directory) is finished (\(done) epochs); give --epochs for more"
      : nil
  }
}
