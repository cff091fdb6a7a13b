import ArgumentParser
import DTrainCore

/// `dtrain supervise`; runs no ranks itself.
struct SuperviseCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "supervise",
    abstract: "Start a job, and again from its newest checkpoint when it fails.",
    usage: "dtrain supervise [options] -- mpirun -np N dtrain mlp … --out DIRECTORY",
    discussion: """
      A job that is done, was asked to stop, or has bad options or data is not started again; its exit \
      code is that of this command. SIGINT (ctrl-C), SIGTERM and SIGUSR1 let the job save a checkpoint, \
      however long that takes; a second one is passed on as it is.
      """)

  @Option(
    help: ArgumentHelp(
      "Give up after so many restarts in a row that brought no new checkpoint.",
      valueName: "number"))
  var maxRestarts = 5

  @Option(
    help: ArgumentHelp(
      "The pause before a restart; doubled, up to 10m, while no new checkpoint comes.",
      valueName: "time"))
  var backoff = StallTime(seconds: 10)

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("The command that starts the job.", valueName: "command"))
  var command: [String] = []

  var machine: MachineOptions? { nil }

  func check() throws(TrainerError) {
    try require(maxRestarts >= 0, .usage, "--max-restarts \(maxRestarts): give 0 or more")
    try require(backoff.seconds != nil, .usage, "--backoff never: give a time, such as 10s")
    try require(
      !Launcher.isPresent, .usage,
      "supervise starts mpirun itself: omit the mpirun in front of it")
    _ = try SupervisedCommand(command)
  }

  func execute() -> Int32 {
    do throws(TrainerError) {
      return try Supervisor(
        command: SupervisedCommand(command), restarts: maxRestarts, backoff: backoff.seconds ?? 0
      ).run()
    } catch {
      MPIRuntime.writeError("dtrain: \(Spelling.words(error))\n")
      return error.exitCode
    }
  }
}
