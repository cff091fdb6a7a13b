import ArgumentParser
import DTrainCore

/// `dtrain diff`; needs no ranks.
struct DiffCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what differs between two runs: options, data, results, execution.",
    usage: "dtrain diff RUN RUN [--json]",
    discussion: "The exit code is 0 whether or not they differ; 3 where one of them cannot be read."
  )

  @Argument(help: ArgumentHelp("A run directory.", valueName: "run"))
  var first: String

  @Argument(help: ArgumentHelp("Another one.", valueName: "run"))
  var second: String

  @Flag(help: "Print JSON: both values of each member that differs.") var json = false

  var machine: MachineOptions? { nil }

  func check() throws(TrainerError) {}

  func execute() -> Int32 {
    // Started by a launcher all the same, one process answers.
    guard Launcher.declaredRank == 0 else { return 0 }
    do throws(TrainerError) {
      let comparison = try RunComparison(first, second)
      if json {
        StandardOutput.say(ComparisonText.json(comparison))
        return 0
      }
      let lines = ComparisonText.lines(
        comparison, names: (first, second), width: Terminal(stream: 1)?.width)
      for line in lines { StandardOutput.say(line) }
      return 0
    } catch {
      MPIRuntime.writeError("dtrain: \(Spelling.words(error))\n")
      return error.exitCode
    }
  }
}
