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

  @Flag(help: "Replace files that dtrain report did not write, too.") var overwrite = false

  @Flag(name: .shortAndLong, help: "Say nothing but errors.") var quiet = false

  var machine: MachineOptions? { nil }

  func check() throws(TrainerError) {
    if let output {
      try require(
        output.hasSuffix(".html") || output.hasSuffix(".htm"), .usage,
        "--output \(output): name a file that ends in .html")
    }
    if let svg {
      try require(
        !svg.hasSuffix(".svg") || FileSystem.isDirectory(svg), .usage,
        "--svg \(svg): name a directory, in which each picture becomes a file; such as --svg pictures, and the loss is "
          + "pictures/loss.svg")
      try require(
        !FileSystem.exists(svg) || FileSystem.isDirectory(svg), .usage,
        "--svg \(svg): that is a file; name a directory, in which each picture becomes a file")
    }
  }

  func execute() -> Int32 {
    // Started by a launcher all the same, one process writes.
    guard Launcher.declaredRank == 0 else { return 0 }
    do throws(TrainerError) {
      var places: [ReportPlace] = []
      for run in runs { places += try ReportPlace.all(in: run) }
      var sweeps: [ReportedSweep] = []
      var damage: [String] = []
      for run in runs {
        do throws(TrainerError) { sweeps += try [ReportedSweep(run)].compactMap { $0 } } catch {
          damage.append("\(error). The runs below it are shown without their ranking.")
        }
      }
      let page = ReportPage(
        try ReportedRun.all(places), of: runs.count == 1 ? sweeps.first : nil, notes: damage)
      let path =
        output
        ?? (runs.count == 1 ? "\(runs[0])/\(RunDirectory.reportName)" : RunDirectory.reportName)
      try OutputPath.check(path, reading: .init(data: []), model: nil)
      let isReplaced = try checkOwned(
        path, option: output == nil ? nil : "--output", mark: RunDirectory.reportMark)
      if let svg { try checkPictures(of: page, in: svg) }
      try AtomicFile.write(Array(page.html.utf8), to: path)
      if !quiet {
        StandardOutput.say(
          "written to \(path)\(isReplaced ? ", in the place of an earlier one" : "")")
      }
      if let svg { try writePictures(of: page, to: svg) }
      return 0
    } catch {
      MPIRuntime.writeError("dtrain: \(Spelling.words(error))\n")
      return error.exitCode
    }
  }

  /// Refuses to replace a file that is none of a report, unless that is asked for.
  ///
  /// - Parameters:
  ///   - option: what names the file; nil where nothing does.
  ///   - mark: what such a file has near its beginning.
  /// - Returns: whether there is a file.
  private func checkOwned(
    _ path: String, option: String?, mark: String
  ) throws(TrainerError) -> Bool {
    guard FileSystem.exists(path) else { return false }
    guard !overwrite else { return true }
    let head = (try? DataFile(path: path).bytes(at: 0, count: Self.headCount)) ?? []
    try require(
      String(decoding: head, as: UTF8.self).contains(mark), .usage,
      "\(option.map { "\($0) " } ?? "")\(path): dtrain report did not write the file that is there; name another one"
        + "\(option == nil ? " with --output" : ""), or give --overwrite to replace it")
    return true
  }

  /// Bytes of a file among which its mark is: titles stand before it.
  private static let headCount = 4096

  private func checkPictures(
    of page: ReportPage, in directory: String
  ) throws(TrainerError) {
    for figure in page.figures {
      _ = try checkOwned(
        "\(directory)/\(figure.name).svg", option: "--svg", mark: ReportStyle.pictureMark)
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
