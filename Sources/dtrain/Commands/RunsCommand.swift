import ArgumentParser
import DTrainCore

/// `dtrain runs`; needs no ranks.
struct RunsCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List the runs below a directory: what differs, and what came of it.",
    usage: "dtrain runs [DIRECTORY] [--sort COLUMN] [--csv | --json]")

  @Argument(help: ArgumentHelp("Where to look.", valueName: "directory"))
  var directory = "."

  @Option(
    help: ArgumentHelp(
      """
      Sort by a column: run, state, command, data, result (the best first), time, group, or the name of an option such as \
      learning-rate.
      """, valueName: "column"))
  var sort: String?

  @Flag(help: "Turn the order round.") var reverse = false

  @Flag(help: "Print CSV, numbers in full.") var csv = false

  @Flag(help: "Print JSON: an array with one object a run, with all its options.") var json = false

  var machine: MachineOptions? { nil }

  func check() throws(TrainerError) {
    try require(!csv || !json, .usage, "--csv and --json exclude each other: give one of them")
    try require(
      sort != nil || !reverse, .usage, "--reverse needs a column to sort by: add --sort time")
  }

  func execute() -> Int32 {
    // Started by a launcher all the same, one process answers.
    guard Launcher.declaredRank == 0 else { return 0 }
    do throws(TrainerError) {
      let (runs, unread) = try ListedRun.below(directory)
      var table = RunTable(runs)
      if let sort { try table.sort(by: sort, isReversed: reverse) }
      for path in unread {
        MPIRuntime.writeError(
          "dtrain: \(path.printable) cannot be read; runs in it are not listed\n")
      }
      if json {
        StandardOutput.say(table.json)
      } else if csv {
        for line in table.csv { StandardOutput.say(line) }
      } else {
        say(table)
      }
      return 0
    } catch {
      MPIRuntime.writeError("dtrain: \(Spelling.words(error))\n")
      return error.exitCode
    }
  }

  private func say(_ table: RunTable) {
    guard !table.runs.isEmpty else {
      StandardOutput.say("no runs in \(directory) or below")
      return
    }
    let width = Terminal(stream: 1)?.width
    let (lines, omitted, shared) = table.lines(width: width)
    for line in lines { StandardOutput.say(line) }
    if !shared.isEmpty {
      StandardOutput.say("the same in all runs: \(shared.joined(separator: ", "))")
    }
    if table.hasSeveralGroups { StandardOutput.say(ComparableRuns.hint) }
    if !omitted.isEmpty {
      StandardOutput.say(
        "no room for \(omitted.joined(separator: ", ")): widen the terminal, or give --csv or --json"
      )
    }
  }
}
