import ArgumentParser
import DTrainCore

/// `dtrain info`; needs no ranks.
struct InfoCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Describe data files, models, run directories and checkpoints.",
    usage: "dtrain info PATH …")

  @Argument(
    help: ArgumentHelp(
      """
      A data file, - for standard input, FILE:MEMBER for one of its arrays, or a directory of MNIST's files; a model.safetensors; a run \
      directory or a checkpoint in one.
      """,
      valueName: "path"))
  var paths: [String]

  @OptionGroup var text: TextOptions

  @Flag(help: "Print JSON: an array with one object a path.") var json = false

  var machine: MachineOptions? { nil }

  func check() throws(TrainerError) {}

  private var options: DataCatalog.Options {
    var options = DataCatalog.Options(data: [])
    text.apply(to: &options)
    return options
  }

  func execute() -> Int32 {
    // Started by a launcher all the same, one process answers.
    guard Launcher.declaredRank == 0 else { return 0 }
    var code: Int32 = 0
    var described: [JSON] = []
    for path in paths {
      do {
        let facts = try Inspection.describe(path, options)
        described.append(facts)
        if !json { for line in [path] + InfoText.lines(facts) { StandardOutput.say(line) } }
      } catch {
        MPIRuntime.writeError("dtrain: \(Spelling.words(error))\n")
        if code == 0 { code = MPIRuntime.exitCode(of: error) }
      }
    }
    if json { StandardOutput.say(JSON.array(described)) }
    return code
  }
}
