import ArgumentParser
import DTrainCore

/// `dtrain evaluate`.
struct EvaluateCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a model on rows whose labels are known, or centers on rows.",
    usage: "dtrain evaluate --model RUN --data PATH [--labels PATH] [options]")

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: DataOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "How much each row counts: one number a row, in one file or several, 0 or more.",
      valueName: "path"))
  var weights: [String] = []

  @Option(help: ArgumentHelp("Where to write all figures, as JSON.", valueName: "file.json"))
  var output: String?

  @OptionGroup(title: "Machine") var machineOptions: MachineOptions
  @Flag(name: .shortAndLong, help: "Say nothing but errors.") var quiet = false

  var machine: MachineOptions? { machineOptions }

  func check() throws(TrainerError) {
    try data.check()
    if let output, !output.hasSuffix(".json") {
      throw TrainerError(.usage, "--output \(output): name a file that ends in .json")
    }
  }

  func execute() -> Int32 {
    machineOptions.runRanks { world in
      let console = Console(isQuiet: quiet, of: world)
      defer { console.end() }
      try world.agree {
        guard world.isRoot, let output else { return }
        var files = data.catalog
        files.weights = weights
        try OutputPath.check(output, reading: files, model: model.model)
      }
      let centers = ClusterInference.centersFile(model.model)
      try world.agree {
        if centers != nil {
          try require(
            data.arrays.labels.isEmpty, .usage,
            "--labels is for networks; centers are not compared with labels: omit it")
        } else {
          try model.checkForNetwork()
        }
      }
      var catalog = data.catalog
      catalog.weights = weights
      let report =
        if let centers {
          try ClusterInference.evaluate(
            centers: centers, metric: model.metric, data: catalog, output: output, world: world,
            advise: console.warn)
        } else {
          try MLPInference.evaluate(
            model: model.model, data: catalog, output: output, world: world,
            advise: console.warn)
        }
      if world.isRoot, !quiet {
        for line in EvaluationText.lines(report) { console.say(line) }
        if let output { console.say("all figures: \(output)") }
      }
      return 0
    }
  }
}
