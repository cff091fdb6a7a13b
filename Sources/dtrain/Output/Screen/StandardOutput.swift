import DTrainCore
import Glibc

/// What was printed, seen to the end.
enum StandardOutput {
  /// Prints a line, in which nothing commands the terminal.
  static func say(_ line: String) { print(TerminalText.harmless(line)) }

  /// Prints JSON, in which what commands a terminal is written `\uNNNN`: other programs read the same.
  static func say(_ json: JSON) { print(json.harmless, terminator: "") }

  /// Ends the process with the ``verdict(_:)``. Nothing that libraries do at the end is waited for: where memory is short,
  /// OpenBLAS waits there for its threads, which wait for memory.
  static func end(_ code: Int32) -> Never { _exit(verdict(code)) }

  /// The exit code of a process that would end with `code`: 7, with a message, where something that it
  /// printed could not be written.
  static func verdict(_ code: Int32) -> Int32 {
    guard MPIRuntime.hasLostOutput(), code == 0 else { return code }
    MPIRuntime.writeError(
      "dtrain: standard output could not be written to its end (is its disk full?); files that the "
        + "command writes itself are complete\n")
    return 7
  }
}
