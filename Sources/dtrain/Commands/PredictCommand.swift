import ArgumentParser
import DTrainCore

/// `dtrain predict`.
struct PredictCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Apply a model to rows.",
    usage: "dtrain predict --model RUN --data PATH --output FILE.npy [options]")

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: DataOptions

  @Option(
    help: ArgumentHelp("Where to write: \(ArrayWriters.names("FILE")).", valueName: "path"))
  var output: String

  @Option(
    help: """
      What to write for each row: labels, and of networks also probabilities or logits, of centers also \
      distances (default: labels).
      """)
  var predict: PredictedValue = .labels

  @OptionGroup(title: "Machine") var machineOptions: MachineOptions
  @Flag(name: .shortAndLong, help: "Say nothing but errors.") var quiet = false

  var machine: MachineOptions? { machineOptions }

  func check() throws(TrainerError) {
    try data.check()
    try require(
      ArrayWriters.type(for: output) != nil, .usage,
      "--output \(output): name a file that ends in \(ArrayWriters.names())")
  }

  func execute() -> Int32 {
    machineOptions.runRanks { world in
      try world.agree { if world.isRoot { try AtomicFile.check(output) } }
      let (name, rows) =
        if let centers = ClusterInference.centersFile(model.model) {
          try ClusterInference.predict(
            centers: centers, metric: model.metric, data: data.catalog, output: output,
            kind: try world.agree { try predict.kind("centers give labels or distances") },
            world: world)
        } else {
          try MLPInference.predict(
            model: model.model, data: data.catalog, output: output,
            kind: try world.agree {
              try model.checkForNetwork()
              return try predict.kind("a network gives labels, probabilities or logits")
            },
            world: world)
        }
      if world.isRoot, !quiet {
        print("\(predict.rawValue) of \(TrainingText.count(rows, "row")) of \(name)")
        print("written to \(output)")
      }
      return 0
    }
  }
}

/// What can be written for a row; some of it only of networks, some only of centers.
enum PredictedValue: String, CaseIterable, ExpressibleByArgument {
  case labels, probabilities, logits, distances

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
