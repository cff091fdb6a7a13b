import ArgumentParser
import DTrainCore
import Glibc

/// A command: its options are checked before anything starts, then it runs.
protocol ProgramCommand: ParsableCommand {
  /// The name with those of the commands that it belongs to.
  static var fullName: String { get }
  /// How the process must have been started; nil for commands that compute nothing.
  var machine: MachineOptions? { get }
  /// The matrix kernels that it computes with; nil where OpenBLAS chooses.
  var kernels: KernelClass? { get }
  /// What takes less memory, behind `use`; nil where no option of the command does.
  var lessMemory: String? { get }
  /// Refuses options that make no sense together, before MPI starts.
  func check() throws(TrainerError)
  /// Does the work and returns the exit code.
  func execute() -> Int32
}

extension ProgramCommand {
  static var fullName: String { _commandName }
  /// Those that the options ask for.
  var kernels: KernelClass? { machine?.kernels }
  var lessMemory: String? { nil }
}

@main
enum Program {
  static func main() {
    ProcessStart.openStandardStreams()
    LauncherGuard.guardIfAsked()
    ProcessStart.ignoreLimitSignals()
    // Parsing comes before the new start, so that help and mistakes cost nothing; it changes nothing.
    let command = CommandLineParsing.command(Array(String.arguments.dropFirst()))
    do throws(TrainerError) {
      try command.check()
      if command.machine != nil {
        try ProcessorSupport.check()
        let kernels = command.kernels
        try kernels?.checkProcessor()
        LauncherGuard.start()
        ProcessStart.restart(with: kernels)
      }
    } catch {
      CommandLineParsing.refuse(Spelling.words(error), command: type(of: command).fullName)
    }
    RefusedMemory.endsTheProcess(less: command.lessMemory)
    let code = command.execute()
    if code == 0 { LauncherGuard.sayFarewell() }
    StandardOutput.end(code)
  }
}
