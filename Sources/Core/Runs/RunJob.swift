/// A run as it is asked for: on which data, what, and where to write.
public struct RunJob<Configuration: RunConfiguration>: Sendable {
  /// The data files.
  public var data: DataCatalog.Options
  /// What is done and how.
  public var configuration: Configuration
  /// The run directory; nil for a name made of the date.
  public var output: String?
  /// Whether an existing run may be replaced.
  public var overwrite = false
  /// The run to continue instead of beginning one.
  public var resume: Resume?
  /// When checkpoints are saved.
  public var checkpoints = CheckpointPlan()
  /// The forms in which the result is written for other programs, such as `onnx`, besides its own; nil for what a run
  /// that is continued was asked for, and none.
  public var exports: [String]?
  /// The file that a trace of the run is written to; nil for none.
  public var trace: String?
  /// The directory that event files for TensorBoard are written to; nil for none. Of a range of runs each has a
  /// directory there.
  public var tensorboard: String?
  /// The file that ``data`` and options were taken from; nil where they were given.
  package var origin: ConfigurationFile?
  /// The epoch or iteration after which the run is saved, to be continued later; nil for none.
  package var pause: Int?
  /// For one of a range of runs: the directory of the range, by which it is continued.
  package var rangeDirectory: String?

  /// A run to continue: its configuration is the recorded one; its data too, unless ``RunJob/data`` names where they
  /// now are.
  public struct Resume: Sendable {
    /// The run directory.
    public var directory: String
    /// Names of options, such as `batch`, whose values in ``RunJob/configuration`` are meant: they must be the recorded
    /// ones, but for those that may change, which are taken.
    public var stated: Set<String>

    /// The run in `directory`, as it was asked for but for what is stated.
    public init(_ directory: String, stated: Set<String> = []) {
      self.directory = directory
      self.stated = stated
    }
  }

  /// A run with the given data, else with the defaults.
  public init(data: DataCatalog.Options, configuration: Configuration) {
    self.data = data
    self.configuration = configuration
  }

  /// Throws `TrainerError(.usage)` for options that make no sense, alone or together.
  package func validate(unit: RunUnit) throws(TrainerError) {
    try checkpoints.validate(unit: unit)
    _ = try forms
    guard let resume else { return try configuration.validate() }
    try configuration.validate { $0.isChangeable && resume.stated.contains($0.name) }
  }

  /// Throws `TrainerError(.usage)` for what is wrong with the options that are given, alone or together.
  package func check(stated: Set<String>) throws(TrainerError) {
    guard resume == nil else {
      return try configuration.validate { stated.contains($0.name) }
    }
    try configuration.validate()
    try configuration.checkEffects(of: stated)
  }

  /// `inputs.json`: what the result does not depend on, and need not be said again to continue the run.
  package var inputs: JSON {
    .object(
      data.members(directory: FileSystem.workingDirectory) + checkpoints.members + [
        .init("exports", .array((exports ?? []).map { .string($0) }))
      ])
  }

  /// The same as ``exports``, as far as they are known.
  var forms: [any ModelExport] {
    get throws(TrainerError) { try ModelExports.named(exports ?? [], by: "export") }
  }

  /// Creates the run directory, or opens that of the run to continue.
  func openDirectory() throws(TrainerError) -> RunDirectory {
    let command = configuration.commandName
    if let resume { return try RunDirectory.resume(path: resume.directory, command: command) }
    return try RunDirectory.create(
      path: output, overwrite: overwrite, command: command, results: Configuration.results,
      reading: data.files + [configuration.startPath].compactMap { $0 })
  }

  /// The directory that TensorBoard looks at, found fit for a run in `directory`; nil where none is asked for. Rank 0's.
  func eventDirectory(of directory: RunDirectory) throws(TrainerError) -> EventDirectory? {
    guard let tensorboard else { return nil }
    let events = EventDirectory(tensorboard)
    try events.check(
      run: directory.path,
      reading: data.data + data.testData + [configuration.startPath].compactMap { $0 },
      isNew: resume == nil, overwrite: overwrite)
    return events
  }

  /// The job that goes on with what an earlier run was asked to do, but for what is asked anew.
  func continuing(_ earlier: RunRecord) throws(TrainerError) -> Self {
    var job = self
    job.configuration = try configuration.continued(
      from: configuration.recalled(
        from: earlier.configuration,
        in: resume.map { "\($0.directory)/config.json" } ?? "config.json"),
      stated: resume?.stated ?? [])
    if data.data.isEmpty { job.data = earlier.inputs }
    job.data.weights = data.weights.isEmpty ? earlier.inputs.weights : data.weights
    job.data.classWeights = data.classWeights ?? earlier.inputs.classWeights
    job.checkpoints = checkpoints.over(earlier.checkpoints)
    job.exports = exports ?? earlier.exports
    return job
  }
}
