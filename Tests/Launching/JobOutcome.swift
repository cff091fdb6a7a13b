/// What a job left: its words, its exit code, and when things happened.
public struct JobOutcome {
  /// The exit code of mpirun, or 128 and the signal's number.
  public let exitCode: Int32
  /// Everything written to standard output.
  public let output: String
  /// Everything written to standard error.
  public let errors: String
  /// Seconds from the start until no process of the job was left.
  public let seconds: Double
  /// Seconds from the start to the first line on standard error that begins with a program's name and
  /// a colon; nil if there was none.
  public let secondsToMessage: Double?
  /// Whether the job was killed at its time limit.
  public let timedOut: Bool
  /// Processes that outlived mpirun by more than five seconds, and were then killed.
  public let leftBehind: Int

  /// The lines on standard error that are messages of `program`.
  public func messages(of program: String) -> [String] {
    errors.split(whereSeparator: \.isNewline).map(String.init).filter {
      $0.hasPrefix("\(program): ")
    }
  }

  /// What the MPI library says of handles that were never freed.
  public var leaks: [String] {
    (output + errors).split(whereSeparator: \.isNewline).map(String.init).filter {
      $0.contains("still allocated")
    }
  }
}

/// Why a job could not be started.
public struct LaunchFailure: Error, CustomStringConvertible {
  /// What is missing, and how to get it.
  public let description: String
}
