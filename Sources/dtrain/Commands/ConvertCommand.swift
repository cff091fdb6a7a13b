import ArgumentParser
import DTrainCore

/// `dtrain convert`.
struct ConvertCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write data in another format.",
    usage: "dtrain convert PATH … --to FILE [options]",
    discussion: """
      Reads what --data of the other commands reads, several files as one. The ending of FILE says what is written: \
      \(Conversion.endings). Numbers keep their type where the format has it; text has the shortest digits that \
      read back. Labels are carried along: as the array y of .npz, as last columns of .csv and .tsv, in a file of their own \
      of .npy and .idx. docs/FORMATS.md says more.
      """)

  @Argument(
    help: ArgumentHelp("A file or directory of data, or several to join.", valueName: "path"))
  var paths: [String]

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var to: String

  @Option(
    help: ArgumentHelp(
      "Where labels go beside an .npy or .idx (default: FILE-labels.npy, …).", valueName: "file"))
  var labelsTo: String?

  @OptionGroup var arrays: ArrayOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Columns of tables in text that are written as they stand, although most of their fields are numbers.",
      valueName: "column"))
  var categories: [String] = []

  @Option(help: "The rows to write where there are some to train and some to test on.")
  var part: Conversion.Part?

  @Flag(help: "Replace files that are there.") var overwrite = false

  @OptionGroup(title: "Machine") var machineOptions: MachineOptions
  @Flag(name: .shortAndLong, help: "Say nothing but errors.") var quiet = false

  var machine: MachineOptions? { machineOptions }

  private var conversion: Conversion {
    var data = arrays.catalog(of: paths)
    data.columns.categories = categories
    var conversion = Conversion(data, to: to)
    conversion.labelsPath = labelsTo
    conversion.part = part
    return conversion
  }

  func check() throws(TrainerError) {
    try conversion.check()
    try arrays.check()
    try require(
      !(paths + arrays.labels).contains(""), .usage,
      "the paths of data and --labels: one of them is empty"
    )
  }

  func execute() -> Int32 {
    StopRequest.listen()
    return machineOptions.runRanks { world in
      let console = Console(isQuiet: quiet, of: world)
      defer { console.end() }
      let conversion = conversion
      try world.agree {
        guard world.isRoot else { return }
        for path in conversion.outputs {
          try OutputPath.check(path, reading: conversion.data, model: nil, option: "to")
          try require(
            overwrite || !FileSystem.exists(path), .usage,
            "--to \(path): that file is there already; name another one, or add --overwrite")
        }
      }
      let summary = try conversion.write(among: world)
      guard world.isRoot, !quiet else { return 0 }
      console.say(
        "\(TrainingText.count(summary.rows, "row")) of \(TrainingText.count(summary.columns, "column")) of \(summary.name)"
      )
      for (code, name) in summary.classNames.enumerated() {
        console.say("label \(code) is '\(name.printable)'")
      }
      if let name = summary.unnumbered {
        console.say("\(name): the first column, which has no name and counts the rows, is left out")
      }
      for (name, count) in summary.comments {
        console.say(
          "\(name): \(TrainingText.count(count, "line")) that \(count == 1 ? "begins" : "begin") with # left out as comments"
        )
      }
      for path in summary.paths { console.say("written to \(path)") }
      return 0
    }
  }
}

extension Conversion.Part: ExpressibleByArgument {}
