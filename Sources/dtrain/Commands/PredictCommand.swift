import ArgumentParser
import DTrainCore

/// `dtrain predict`.
struct PredictCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Apply a model to rows.",
    usage: "dtrain predict --model RUN --data PATH --output FILE.npy|FILE.csv [options]")

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: DataOptions

  @Option(
    help: ArgumentHelp(
      "Where to write: \(ArrayWriters.names("FILE")), or - for a table on standard output.",
      valueName: "path"))
  var output: String

  @Option(
    help: """
      What to write for each row: labels (the predicted class, labels or numbers); of networks also \
      probabilities (those of classes add up to 1), outputs (after sigmoid or softmax) or logits (before); of \
      centers also distances or the simplified silhouette (default: labels).
      """)
  var predict: PredictedValue = .labels

  @Flag(help: "Begin each line of a table with the row's number, from 0.") var rowNumbers = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A column of --data that names the rows: each line of a table begins with it.",
      valueName: "column"))
  var id: String?

  @OptionGroup(title: "Machine") var machineOptions: MachineOptions
  @Flag(name: .shortAndLong, help: "Say nothing but errors.") var quiet = false

  var machine: MachineOptions? { machineOptions }

  /// Whether the output is a table, that has names.
  private var isTable: Bool { output == "-" || output.hasSuffix(".csv") }

  func check() throws(TrainerError) {
    try data.check()
    try require(
      ArrayWriters.type(for: output) != nil, .usage,
      "--output \(output): name a file that ends in \(ArrayWriters.names())")
    try require(
      !rowNumbers || isTable, .usage, "--row-numbers is for a .csv file, not \(output)")
    try require(id == nil || isTable, .usage, "--id is for a .csv file, not \(output)")
  }

  func execute() -> Int32 {
    ByteSink.isShownByTerminal = Terminal(stream: 1) != nil
    return machineOptions.runRanks { world in
      let console = Console(isQuiet: quiet || output == "-", of: world)
      defer { console.end() }
      try world.agree {
        guard world.isRoot else { return }
        try OutputPath.check(output, reading: data.catalog, model: model.model)
      }
      var catalog = data.catalog
      catalog.columns.id = id
      var words = predict.rawValue
      let (name, rows): (String, Int)
      var classNames: [String] = []
      if let centers = ClusterInference.centersFile(model.model) {
        let (clusters, metric, scale): (Int, ClusterMetric, ColumnScaling.Kind)
        (name, rows, clusters, metric, scale) = try ClusterInference.predict(
          centers: centers, metric: model.metric, data: catalog, output: output,
          kind: try world.agree {
            try predict.kind("centers give labels, distances or silhouette")
          },
          numbersRows: rowNumbers, world: world, advise: console.warn)
        words +=
          " by \(TrainingText.count(clusters, "center")) (\(EvaluationText.measure(metric.rawValue, scale.rawValue)))"
      } else {
        let targets: TargetKind
        (name, rows, targets, classNames) = try MLPInference.predict(
          model: model.model, data: catalog, output: output,
          kind: try world.agree {
            try model.checkForNetwork()
            return try predict.kind("a network gives labels, probabilities, outputs or logits")
          },
          numbersRows: rowNumbers, world: world, advise: console.warn)
        if targets == .numbers, predict == .labels { words = "predictions" }
      }
      if world.isRoot, !quiet, output != "-" {
        console.say("\(words) of \(TrainingText.count(rows, "row")) of \(name)")
        // A table has the names themselves.
        if !isTable, !classNames.isEmpty {
          console.say("classes: \(EvaluationText.numbered(classNames))")
        }
        console.say("written to \(output)")
      }
      return 0
    }
  }
}

/// What can be written for a row; some of it only of networks, some only of centers.
enum PredictedValue: String, CaseIterable, ExpressibleByArgument {
  case labels, probabilities, outputs, logits, distances, silhouette

  /// The same as a kind of model can give it; `choices` says what that is.
  func kind<Output: RawRepresentable<String>>(
    _ choices: String
  ) throws(TrainerError) -> Output {
    guard let kind = Output(rawValue: rawValue) else {
      throw TrainerError(.usage, "--predict \(rawValue): \(choices)")
    }
    return kind
  }
}
