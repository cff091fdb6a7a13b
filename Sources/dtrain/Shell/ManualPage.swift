import DTrainCore

/// dtrain(1), in the man macros of roff.
enum ManualPage {
  static func text(_ commands: [CommandDescription]) -> String {
    var lines = [
      ".\\\" Written by 'dtrain manual'.",
      ".TH DTRAIN 1 \"\" \"dtrain \(Version.current)\" \"User Commands\"",
      ".SH NAME",
      "dtrain \\- \(escaped(summary(DTrain.configuration.abstract)))",
      ".SH SYNOPSIS",
      ".B mpirun \\-np", ".I N", ".B dtrain", ".I COMMAND", "[\\fIoptions\\fR]",
      ".br",
      ".B dtrain", ".I COMMAND", "[\\fIoptions\\fR]",
      ".SH DESCRIPTION",
      "A run gives the same bytes for any number of ranks. Without mpirun there is one rank.",
      "\\fBdtrain\\fR \\fICOMMAND\\fR \\fB\\-\\-help\\fR prints the options of a command.",
      ".SH COMMANDS",
    ]
    for command in commands where command.parent == nil {
      lines += [".TP", ".B \(escaped(command.name))", escaped(command.abstract)]
    }
    for command in commands { lines += section(command, among: commands) }
    lines += [".SH EXIT STATUS"]
    for (code, meaning) in ExitCodes.all { lines += [".TP", ".B \(code)", escaped(meaning)] }
    lines += [
      ".SH FILES",
      "A run directory holds config.json, inputs.json, metrics.jsonl, summary.json, the model or the centers, and",
      "checkpoints/. docs/RUN-FILES.md describes each of them.",
      ".SH SEE ALSO",
      ".BR mpirun (1)",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(
    _ command: CommandDescription, among commands: [CommandDescription]
  ) -> [String] {
    var lines = [".SH DTRAIN \(escaped(command.words.uppercased()))", escaped(command.abstract)]
    // What a command takes over from the one of its name is told there.
    let base =
      command.parent == nil
      ? nil : commands.first { $0.parent == nil && $0.name == command.name }
    let known = base?.arguments.map(\.names) ?? []
    if let base {
      lines += [".PP", "Takes the options of \\fBdtrain \(escaped(base.name))\\fR, and:"]
    }
    if base == nil, !command.discussion.isEmpty { lines += [".PP", escaped(command.discussion)] }
    var title: String?
    for argument in command.arguments where !known.contains(argument.names) {
      if let section = argument.section, section != title {
        title = section
        lines.append(".SS \(escaped(section))")
      }
      let value = "\\fI\(escaped(argument.valueName))\\fR"
      let names = argument.names.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
      let head =
        switch argument.kind {
        case .flag: names
        case .option: "\(names) \(value)\(argument.takesMany ? " ..." : "")"
        case .positional: "\(value)\(argument.takesMany ? " ..." : "")"
        }
      var help = argument.abstract
      if let standard = argument.standard { help += " (default: \(standard))" }
      if case .words(let words, _) = argument.values, !help.contains("(values: ") {
        help += " (values: \(words.joined(separator: ", ")))"
      }
      lines += [".TP", head, escaped(help)]
    }
    return lines
  }

  /// The first sentence, without its end.
  private static func summary(_ text: String) -> String {
    String(text.prefix { $0 != "." })
  }

  /// A text in which nothing is a command of roff.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for letter in text {
      switch letter {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "\n": result += "\n"
      default:
        // Letters beyond ASCII by their numbers, since not every roff reads UTF-8.
        for scalar in letter.unicodeScalars {
          if scalar.isASCII {
            result.unicodeScalars.append(scalar)
          } else {
            let digits = String(scalar.value, radix: 16, uppercase: true)
            result += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
          }
        }
      }
    }
    // A point at the beginning of a line would be a command.
    return result.split(separator: "\n", omittingEmptySubsequences: true)
      .map { $0.hasPrefix(".") ? "\\&\($0)" : String($0) }.joined(separator: "\n.PP\n")
  }
}
