/// How a run ended that did not fail.
public enum RunEnd: Equatable, Sendable {
  /// It did what was asked; everything is written.
  case finished
  /// Nothing was left to do; in words.
  case complete(String)
  /// Stopped on request; where and how to go on, in words. A checkpoint is saved.
  case stopped(String)

  /// The exit code that says so to scripts; 75 asks to be started again.
  public var exitCode: Int32 {
    switch self {
    case .finished, .complete: 0
    case .stopped: 75
    }
  }
}
