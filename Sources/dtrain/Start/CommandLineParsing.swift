import ArgumentParser
import DTrainCore
import Glibc

/// From arguments to a command; what cannot be understood ends the process with exit code 2.
enum CommandLineParsing {
  /// The command that the arguments ask for. Does not return for help, the version, and mistakes.
  static func command(_ arguments: [String]) -> any ProgramCommand {
    let names = DTrain.configuration.subcommands.map { $0._commandName }
    let name = fullName(in: arguments)
    do {
      // The parser's own script offers no files.
      if arguments.first == "--generate-completion-script" {
        return try CompletionsCommand.parse(Array(arguments.dropFirst()))
      }
      // The parser's `help` shows the program's own for a command that there is not.
      if arguments.first == "help",
        let sentence = Suggestion.sentence(for: arguments, commands: names)
      {
        refuse(sentence, command: nil)
      }
      let parsed = try DTrain.parseAsRoot(arguments)
      if let command = parsed as? any ProgramCommand { return command }
      if let sweep = parsed as? SweepResumption {
        do throws(TrainerError) { return try sweep.recorded() } catch {
          refuse(Spelling.words(error), command: name, code: error.exitCode)
        }
      }
      if parsed is DTrain {
        refuse("no command given: name one of \(names.joined(separator: ", "))", command: nil)
      }
      // What is left is the parser's own: `help`.
      var help = parsed
      try help.run()
      StandardOutput.end(0)
    } catch {
      if DTrain.exitCode(for: error) == .success {
        // Once, however many processes a launcher started.
        if Launcher.declaredRank == 0 { say(DTrain.fullMessage(for: error)) }
        StandardOutput.end(0)
      }
      if let sentence = Suggestion.sentence(for: arguments, commands: names) {
        refuse(sentence, command: name)
      }
      let within = command(in: arguments).configuration.subcommands
        .filter { $0.configuration.shouldDisplay }.map { $0._commandName }
      if let name, !within.isEmpty, !arguments.contains("--resume") {
        refuse(
          "\(name) needs the command whose runs it makes: name \(within.dropLast().joined(separator: ", ")) or \(within.last!) "
            + "behind it", command: name)
      }
      // The parser's sentence becomes part of one, behind `dtrain:`.
      let sentence = Suggestion.completed(
        DTrain.message(for: error), arguments: arguments, options: options(in: arguments))
      refuse(sentence.prefix(1).lowercased() + sentence.dropFirst(), command: name)
    }
  }

  /// The names of the command that some arguments name: `sweep mlp`; nil where they name none.
  private static func fullName(in arguments: [String]) -> String? {
    var type: any ParsableCommand.Type = DTrain.self
    var names: [String] = []
    for word in arguments {
      guard
        let inner = type.configuration.subcommands.first(where: {
          $0._commandName == word && $0.configuration.shouldDisplay
        })
      else { continue }
      type = inner
      names.append(word)
    }
    return names.isEmpty ? nil : names.joined(separator: " ")
  }

  /// The command that some arguments name, within the one that they name before it; the program where they name none.
  private static func command(in arguments: [String]) -> any ParsableCommand.Type {
    arguments.reduce(DTrain.self as any ParsableCommand.Type) { type, word in
      type.configuration.subcommands.first { $0._commandName == word } ?? type
    }
  }

  /// The options of the command that some arguments name.
  private static func options(in arguments: [String]) -> Set<String> {
    let help = DTrain.helpMessage(for: command(in: arguments), includeHidden: true)
    let words = help.split { !($0.isLetter || $0.isNumber || $0 == "-") }
    return Set(words.filter { $0.hasPrefix("-") }.map(String.init))
  }

  /// Prints what was asked for instead of a command: help as the parser words it, and all that the version consists of.
  private static func say(_ message: String) {
    guard message == VersionText.headline else { return print(message) }
    for line in VersionText.lines { print(line) }
  }

  /// Where more is said of a command; of one within another also where it is said alone.
  private static func help(on command: String?) -> String {
    guard let command else { return "See 'dtrain --help'." }
    let words = command.split(separator: " ")
    return "See 'dtrain \(command) --help'"
      + (words.count > 1 ? ", and 'dtrain \(words[words.count - 1]) --help' for a run alone." : ".")
  }

  /// Prints a mistake and what to do, once however many processes a launcher started, and exits.
  ///
  /// - Parameter code: 2 for a mistake on the command line, for which there is help; or what is wrong with a file.
  static func refuse(_ message: String, command: String?, code: Int32 = 2) -> Never {
    let rank = Launcher.declaredRank
    var place = ""
    if rank > 0 {
      // Who makes the same mistake as the first rank leaves the word to it. It must be the first to go, for a launcher
      // ends the job at the first process that fails: mpirun a second later on its own host, three on others.
      usleep(300_000)
      switch Launcher.hasLostAProcessHere {
      case true?: StandardOutput.end(code)
      case false?: break
      case nil: usleep(UInt32(3_700_000 + 1000 * min(rank, 300)))
      }
      place = "[rank \(rank) of \(Launcher.declaredSize) on \(MPIRuntime.hostName())] "
    }
    let help = code == 2 ? "\(help(on: command))\n" : ""
    MPIRuntime.writeError("dtrain: \(place)\(message)\n\(help)")
    StandardOutput.end(code)
  }
}
