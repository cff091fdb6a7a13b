import ArgumentParser
import DTrainCore

/// `dtrain sweep`: a command for each method, and `--resume`, which stands for the one that began a sweep.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Make runs over a grid of options, or random ones, and rank them.",
    usage: """
      mpirun -np N dtrain sweep mlp|kmeans|kmedians --data PATH … --OPTION VALUE,VALUE … [options]
      mpirun -np N dtrain sweep --resume DIRECTORY
      """,
    discussion: """
      Options of a run take several values with commas between (of --hidden, semicolons), or a range: \
      1e-4:1e-1:log:4. Rows are read once. Each point is a run directory with the bytes that it has when it is run \
      alone: docs/SWEEP.md.
      """,
    subcommands: [
      MethodSweepCommand<MLPCommand>.self, MethodSweepCommand<KMeansCommand>.self,
      MethodSweepCommand<KMediansCommand>.self, SweepResumption.self,
    ], defaultSubcommand: SweepResumption.self)
}

/// `dtrain sweep --resume DIRECTORY`. It has a name only for the parser.
struct SweepResumption: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Continue a sweep.", shouldDisplay: false)

  @Option(
    help: ArgumentHelp(
      "Continue the sweep in this directory: points that are finished stay as they are.",
      valueName: "directory"))
  var resume: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Ranks that make a run together (default: as the sweep was begun).", valueName: "ranks"))
  var groupSize: Int?

  @Flag(name: .shortAndLong, help: "Say nothing but errors and warnings.") var quiet = false

  /// The command that began the sweep, told to continue it.
  ///
  /// - Throws: `TrainerError(.usage)` where there is none, or relative paths would mean something else here.
  func recorded() throws(TrainerError) -> any ProgramCommand {
    guard let resume else {
      throw TrainerError(
        .usage, "say what to sweep: mlp, kmeans or kmedians; or give --resume DIRECTORY")
    }
    let record = try SweepDirectory.record(in: resume)
    let arguments = record["arguments"]?.items?.compactMap(\.text) ?? []
    guard let parsed = try? DTrain.parseAsRoot(arguments),
      var command = parsed as? any ResumableSweep
    else {
      throw TrainerError(
        .badData,
        "\(resume)/sweep.json does not say how the sweep was begun: restore it, or start the sweep again"
      )
    }
    if let directory = record["directory"]?.text, directory != FileSystem.workingDirectory {
      throw TrainerError(
        .usage,
        "--resume \(resume): the sweep was begun in \(directory), from where its paths start; continue it there"
      )
    }
    command.resumed = resume
    command.isQuiet = quiet
    if let groupSize { command.options.groupSize = groupSize }
    return command
  }
}

/// A sweep that can be told to continue an earlier one.
protocol ResumableSweep: ProgramCommand {
  /// The directory of the earlier sweep; nil to begin one.
  var resumed: String? { get set }
  var isQuiet: Bool { get set }
  var options: SweepOptions { get set }
}

/// `dtrain sweep mlp`, and its like.
struct MethodSweepCommand<Swept: SweptCommand>: ResumableSweep {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Swept._commandName,
      abstract: "Sweep over options of dtrain \(Swept._commandName).",
      usage:
        "mpirun -np N dtrain sweep \(Swept._commandName) --data PATH … --OPTION VALUE,VALUE … [options]",
      discussion: Swept.configuration.discussion)
  }

  @OptionGroup(title: "The sweep") var options: SweepOptions
  @OptionGroup var command: Swept

  var resumed: String?
  var isQuiet = false

  // The others are no options.
  private enum CodingKeys: CodingKey { case options, command }

  static var fullName: String { "sweep \(Swept._commandName)" }
  var machine: MachineOptions? { options.dryRun ? nil : command.machine }
  var kernels: KernelClass? { command.kernels }
  var lessMemory: String? { command.lessMemory }

  func check() throws(TrainerError) {
    try options.check()
    if !options.dryRun { try options.check(ranks: Launcher.declaredSize) }
    try require(
      command.run.resume == nil, .usage,
      "a sweep is continued without its options: give dtrain sweep --resume DIRECTORY alone")
    try require(
      command.run.trace == nil, .usage,
      "--trace is for one run: omit it, or trace a point alone with dtrain \(Swept._commandName)")
    guard command.run.canCheck else { return }
    let points = try SweepPoint.all(of: command, options)
    for point in points {
      do { try point.command.check() } catch {
        throw TrainerError(error.kind, "\(point.name) (\(point.words)): \(error.template)")
      }
    }
    _ = try halving(of: points, try command.run.readConfiguration())
  }

  /// Which points are stopped early.
  private func halving(
    of points: [SweepPoint<Swept>], _ file: ConfigurationFile?
  ) throws(TrainerError) -> Halving {
    guard let factor = options.halving else { return Halving(points: points.count) }
    let length = Swept.lengthOption
    let flag = Spelling.flag(length)
    try require(
      !points[0].options.contains { $0.name == length }, .usage,
      "--halving and several \(flag) exclude each other: halving decides how long each point goes on"
    )
    try require(
      command.texts[length] != nil || file?.names(length) == true || !Swept.readsTargets, .usage,
      "--halving needs \(flag): how many the best points have")
    try require(
      command.run.checkpoints.interval != .never, .usage,
      "--halving continues points from checkpoints: omit --checkpoint-every never")
    return try Halving(
      points: points.count, factor: factor, length: try points[0].command.length(file))
  }

  func execute() -> Int32 {
    if options.dryRun { return printPoints() }
    StopRequest.listen()
    return command.machineOptions.runRanks { try sweep(among: $0) }
  }

  private func printPoints() -> Int32 {
    // Started by a launcher all the same, one process answers.
    guard Launcher.declaredRank == 0 else { return 0 }
    do throws(TrainerError) {
      for line in SweepText.list(try SweepPoint.all(of: command, options)) {
        StandardOutput.say(line)
      }
      for remark in try SweepPoint.remarks(on: command) {
        MPIRuntime.writeError("dtrain: \(remark)\n")
      }
      return 0
    } catch {
      MPIRuntime.writeError("dtrain: \(Spelling.words(error))\n")
      return error.exitCode
    }
  }

  /// Makes the sweep, on all ranks; collective.
  private func sweep(among launched: Communicator) throws -> Int32 {
    // Not every launcher says before how many it starts.
    try launched.agree { try options.check(ranks: launched.size) }
    let world = try NodeTopology(of: launched).world
    let file = try command.run.readConfiguration(among: world)
    let points = try world.agree { try SweepPoint.all(of: command, options) }
    let halving = try world.agree { try self.halving(of: points, file) }
    let own: SweepDirectory? = try world.onRoot {
      if let resumed { return try SweepDirectory.open(resumed) }
      return try SweepDirectory.create(command.run.out, overwrite: command.run.overwrite)
    }
    let path = try world.broadcast(own?.path ?? "")
    var output = command.output
    if isQuiet { output.quiet = true }
    let groupIndex = world.rank / options.groupSize
    let text = SweepText(output, isRoot: world.isRoot)
    defer { text.end() }
    let sweep = Sweep(
      points: points, halving: halving, directory: own ?? SweepDirectory(sharing: path),
      file: file, world: world, group: try world.split(color: groupIndex, key: world.rank)!,
      groupIndex: groupIndex, groups: world.size / options.groupSize, text: text)
    let arguments = resumed == nil ? Array(String.arguments.dropFirst()) : nil
    func write(isFinished: Bool) throws {
      try world.onRoot {
        let arguments =
          try arguments
          ?? SweepDirectory.record(in: path)["arguments"]?.items?.compactMap(\.text) ?? []
        try sweep.directory.write(sweep.record(isFinished: isFinished, arguments: arguments))
      }
    }
    // What is wrong with the data leaves no sweep behind.
    var rows = resumed == nil ? try sweep.read() : nil
    try world.onRoot { try sweep.directory.prepare() }
    try write(isFinished: false)
    if world.isRoot {
      sweep.text.begins(
        points: points.count, of: try SweepPoint.counts(of: command), groups: sweep.groups,
        groupSize: options.groupSize, directory: path)
      for remark in try SweepPoint.remarks(on: command) { sweep.text.remark(remark) }
    }
    let isFinished = try Activity.perform("sweeping") { try sweep.make(over: &rows) }
    try write(isFinished: isFinished)
    guard isFinished else {
      if world.isRoot { sweep.text.stopped(directory: path) }
      return 75
    }
    try world.onRoot { try conclude(sweep) }
    return 0
  }

  /// Draws the report of the best points, with the model and the evaluation of the first, and says how all rank; rank 0's.
  private func conclude(_ sweep: Sweep<Swept>) throws {
    let runs = sweep.rankedRuns
    let path = sweep.directory.path
    let page = ReportPage(
      try ReportedRun.all(ReportPlace.all(in: path)), of: try ReportedSweep(path))
    try AtomicFile.write(Array(page.html.utf8), to: sweep.directory.file("report.html"))
    let swept = sweep.points[0].options.map(\.name)
    sweep.text.ranked(
      runs, swept: swept, apart: Swept.incomparable.filter(swept.contains),
      directory: sweep.directory.path)
  }
}
