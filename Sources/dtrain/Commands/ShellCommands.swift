import ArgumentParser
import DTrainCore

/// `dtrain completions`; needs no ranks.
struct CompletionsCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Print completions for a shell: commands, options, values, files.",
    usage: "dtrain completions bash|zsh|fish",
    discussion: """
      scripts/install puts them where shells look. By hand: source <(dtrain completions bash)
      """)

  @Argument(help: ArgumentHelp("The shell.", valueName: "bash|zsh|fish"))
  var shell: CompletionScript

  var machine: MachineOptions? { nil }

  func check() throws(TrainerError) {}

  func execute() -> Int32 { ShellText.print { shell.text($0) } }
}

extension CompletionScript: ExpressibleByArgument {}

/// `dtrain manual`; needs no ranks.
struct ManualCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the man page: dtrain manual | man -l -",
    usage: "dtrain manual")

  var machine: MachineOptions? { nil }

  func check() throws(TrainerError) {}

  func execute() -> Int32 { ShellText.print(ManualPage.text) }
}

/// Texts that are made of the descriptions of all commands.
private enum ShellText {
  static func print(_ text: ([CommandDescription]) -> String) -> Int32 {
    // Started by a launcher all the same, one process answers.
    guard Launcher.declaredRank == 0 else { return 0 }
    do throws(TrainerError) {
      Swift.print(text(try CommandDescription.all()), terminator: "")
      return 0
    } catch {
      MPIRuntime.writeError("dtrain: \(Spelling.words(error))\n")
      return error.exitCode
    }
  }
}
