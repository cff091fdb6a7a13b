import DTrainBase
import DTrainData
import DTrainRuns

/// A clustering run as asked for.
public struct ClusterJob: Sendable {
  /// The data files.
  public var data: DataCatalog.Options
  /// What is done.
  public var configuration: ClusterConfiguration
  /// Numbers of clusters to compare, instead of the configuration's.
  public var range: ClusterRange?
  /// The run directory; nil for a name made of the date.
  public var output: String?
  /// Whether an existing run may be replaced.
  public var overwrite = false
  /// The run to continue instead of beginning one.
  public var resume: Resume?
  /// When checkpoints are saved.
  public var checkpoints = CheckpointPlan()
  /// Whether distances are skipped; nil where it pays. The result is the same.
  public var pruning: Bool?
  /// For one of a range of runs: the directory of them all, by which it is continued.
  package var whole: String?

  /// A run to continue: its configuration is the recorded one, but for the command; its data too, unless
  /// ``data`` names where they now are.
  public struct Resume: Sendable {
    /// The run directory.
    public var directory: String
    /// Another limit of iterations; nil for the recorded one.
    public var maximumIterations: Int?
    /// Names of options, such as `--clusters`, whose values in ``ClusterJob/configuration`` must be the recorded
    /// ones.
    public var stated: Set<String> = []

    /// The run in `directory`, as it was asked for.
    public init(_ directory: String) { self.directory = directory }
  }

  /// A run with the given data.
  public init(data: DataCatalog.Options, configuration: ClusterConfiguration) {
    self.data = data
    self.configuration = configuration
  }
}

extension ClusterJob: ResumableJob {
  package var isResumed: Bool { resume != nil }

  private var command: String { configuration.command.rawValue }

  /// Throws `TrainerError(.usage)` for options that make no sense, alone or together.
  func validate() throws(TrainerError) {
    try checkpoints.validate()
    if case .steps = checkpoints.interval {
      throw TrainerError(
        .usage,
        "--checkpoint-every: clustering has no steps; give a number of iterations, or a time")
    }
    if resume == nil {
      try range?.validate()
      try configuration.validate()
      if range != nil, case .file(let path) = configuration.seeding {
        throw TrainerError(
          .usage,
          "--init \(path): a file holds one number of centers; a range of --clusters wants random, "
            + "k-means++ or k-means-parallel")
      }
    }
    if let limit = resume?.maximumIterations, limit < 1 {
      throw TrainerError(.usage, "--max-iterations must be at least 1, not \(limit)")
    }
  }

  /// Creates the run directory, or opens that of the run to continue.
  package func openDirectory() throws(TrainerError) -> RunDirectory {
    if let resume { return try RunDirectory.resume(path: resume.directory, command: command) }
    return try RunDirectory.create(path: output, overwrite: overwrite, command: command)
  }

  /// The value of `--clusters`.
  private var counts: String { range?.description ?? "\(configuration.clusters)" }

  /// Becomes what an earlier run was asked to do, but for what was asked anew.
  ///
  /// - Throws: `TrainerError(.usage)` for another limit of iterations where starts that ended at the old one
  ///   cannot go on.
  package mutating func recall(_ earlier: RunRecord) throws(TrainerError) {
    let asked = configuration
    let askedCounts = counts
    configuration = try ClusterConfiguration(
      recorded: earlier.configuration, command: asked.command)
    range = earlier.configuration["clusters"]?.text.flatMap { ClusterRange($0) }
    try range?.validate()
    try RunRecord.checkStated(
      resume?.stated ?? [],
      [("--clusters", counts, askedCounts)]
        + ClusterConfiguration.options.map { ($0.name, $0.value(configuration), $0.value(asked)) },
      changeable: "--max-iterations")
    if let limit = resume?.maximumIterations, limit != configuration.maximumIterations {
      guard configuration.restarts == 1, range == nil else {
        throw TrainerError(
          .usage,
          "--max-iterations cannot change in a run with "
            + (range.map { "--clusters \($0)" } ?? "--restarts \(configuration.restarts)")
            + ": its earlier starts are over")
      }
      configuration.maximumIterations = limit
    }
    let weights = data.weights ?? earlier.inputs.weights
    if data.data.isEmpty { data = earlier.inputs }
    data.weights = weights
    checkpoints = checkpoints.over(earlier.checkpoints)
  }

  /// Why there is nothing to do in a run that is to be continued; nil where there is.
  ///
  /// - Throws: `TrainerError(.usage)` where the run has gone further than it shall.
  package func reasonToRest(_ earlier: RunRecord) throws(TrainerError) -> String? {
    guard let summary = earlier.summary, let resume else { return nil }
    if let range {
      return "nothing to do: \(resume.directory) is finished (--clusters \(range))"
    }
    let done = summary["iterations"]?.int ?? 0
    guard configuration.restarts > 1 || configuration.maximumIterations >= done else {
      throw TrainerError(
        .usage,
        "--max-iterations \(configuration.maximumIterations): the run has \(done) iterations already"
      )
    }
    let stopped = summary["stopped"]?.text ?? "?"
    let canGoOn =
      stopped == "max-iterations" && configuration.restarts == 1
      && configuration.maximumIterations > done
    return canGoOn
      ? nil
      : "nothing to do: \(resume.directory) is finished (\(done) iterations; stopped: \(stopped))"
  }
}
