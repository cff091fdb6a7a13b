import ArgumentParser
import DTrainCore
import Glibc

/// `dtrain report`; needs no ranks.
struct ReportCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Draw runs as one HTML file: curves, weights, centers, time, configuration.",
    usage: "dtrain report RUN [RUN...] [--output FILE.html] [--svg DIRECTORY]",
    discussion: """
      Several runs share their curves, and a table compares them. A sweep stands for its best points, and another \
      directory for all runs below it. The file needs no network. Runs that are not finished are drawn as far as they came.
      """)

  @Argument(
    help: ArgumentHelp("Run directories, sweeps, or directories of runs.", valueName: "run"))
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "The file to write (default: report.html in the directory that is named, or here for several).",
      valueName: "file.html"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Also write each picture as an SVG file into this directory.", valueName: "directory"))
  var svg: String?

  @Flag(name: .shortAndLong, help: "Say nothing but errors.") var quiet = false

  var machine: MachineOptions? { nil }

  func check() throws(TrainerError) {
    if let output {
      try require(
        output.hasSuffix(".html") || output.hasSuffix(".htm"), .usage,
        "--output \(output): name a file that ends in .html")
    }
  }

  func execute() -> Int32 {
    // Started by a launcher all the same, one process writes.
    guard Launcher.declaredRank == 0 else { return 0 }
    do throws(TrainerError) {
      var places: [ReportPlace] = []
      for run in runs { places += try ReportPlace.all(in: run) }
      let page = ReportPage(try ReportedRun.all(places))
      let path =
        output
        ?? (runs.count == 1 ? "\(runs[0])/\(RunDirectory.reportName)" : RunDirectory.reportName)
      try OutputPath.check(path, reading: .init(data: []), model: nil)
      try AtomicFile.write(Array(page.html.utf8), to: path)
      if !quiet { StandardOutput.say("written to \(path)") }
      if let svg { try writePictures(of: page, to: svg) }
      return 0
    } catch {
      MPIRuntime.writeError("dtrain: \(Spelling.words(error))\n")
      return error.exitCode
    }
  }

  private func writePictures(of page: ReportPage, to directory: String) throws(TrainerError) {
    guard FileSystem.isDirectory(directory) || mkdir(directory.system, 0o777) == 0 else {
      throw SystemCallFailure("make", directory).error(.inputOutput)
    }
    for figure in page.figures {
      try AtomicFile.write(Array(figure.picture.utf8), to: "\(directory)/\(figure.name).svg")
    }
    if !quiet {
      StandardOutput.say(
        "\(TrainingText.count(page.figures.count, "picture")) written to \(directory)")
    }
  }
}
