import ArgumentParser
import DTrainCore
import DTrainDist

/// `dtrain predict`.
struct PredictCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Apply a model to rows.",
    usage: "dtrain predict --model RUN --data PATH --output FILE.npy [options]")

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: DataOptions

  @Option(help: ArgumentHelp("Where to write: FILE.npy or FILE.csv.", valueName: "path"))
  var output: String

  @Option(help: "What to write for each row (default: labels).")
  var predict: MLPInference.Output = .labels

  @OptionGroup(title: "Machine") var machineOptions: MachineOptions
  @Flag(name: .shortAndLong, help: "Say nothing but errors.") var quiet = false

  var machine: MachineOptions? { machineOptions }

  func check() throws(TrainerError) {
    try data.check()
    guard output.hasSuffix(".npy") || output.hasSuffix(".csv") else {
      throw TrainerError(.usage, "--output \(output): name a file that ends in .npy or .csv")
    }
  }

  func execute() -> Int32 {
    MPIRuntime.run(program: "dtrain") { world in
      let (name, rows) = try MLPInference.predict(
        model: model.model, data: data.catalog, output: output, kind: predict, world: world)
      if world.isRoot, !quiet {
        print("\(predict.rawValue) of \(TrainingText.count(rows, "row")) of \(name)")
        print("written to \(output)")
      }
      return 0
    }
  }
}
