import ArgumentParser
import DTrainCore

/// `dtrain export`; needs no ranks.
struct ExportCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the model of a finished run for other programs.",
    usage: "dtrain export RUN --to onnx,npz,pytorch [--output PATH]",
    discussion: """
      Rows go in as they are in the data files: scaling is part of what is written. docs/FORMATS.md says how each form is \
      used.
      """)

  @Argument(
    help: ArgumentHelp(
      "A run directory, a model.safetensors, or an NPY file of centers.", valueName: "run"))
  var run: String

  @Option(
    help: ArgumentHelp(
      "The forms: \(ModelForms.names), several with commas between.", valueName: "forms"),
    completion: .list(FormList.all))
  var to: FormList

  @Option(
    help: ArgumentHelp(
      """
      A directory to write to, or the file where there is one form (default: model.onnx, … or centers.onnx, … in \
      the run directory).
      """, valueName: "path"))
  var output: String?

  @OptionGroup var centers: CenterMetric

  @Flag(name: .shortAndLong, help: "Say nothing but errors.") var quiet = false

  var machine: MachineOptions? { nil }

  func check() throws(TrainerError) { try ModelForms.check(to.names, by: "to") }

  func execute() -> Int32 {
    // Started by a launcher all the same, one process writes.
    guard Launcher.declaredRank == 0 else { return 0 }
    do {
      for path in try ModelForms.write(
        run, as: to.names, to: output, metric: centers.metric, advise: Console.warnings.warn)
      where !quiet {
        StandardOutput.say("written to \(path)")
      }
      return 0
    } catch {
      MPIRuntime.writeError("dtrain: \(Spelling.words(error))\n")
      return MPIRuntime.exitCode(of: error)
    }
  }
}

/// Names of forms of a model, with commas between.
struct FormList: ExpressibleByArgument {
  let names: [String]

  /// All forms, for completions.
  static let all = ModelForms.names.split(separator: ",").map { String($0.drop { $0 == " " }) }

  init(argument: String) {
    names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
