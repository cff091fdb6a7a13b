/// How long a job may stand still.
public struct StallLimits: Sendable, Equatable {
  /// Seconds without progress on a node until a warning; nil for none.
  public var warning: Double?
  /// Seconds without progress on a node until the job is ended; nil to let it stand.
  public var timeout: Double?
  /// Seconds in which the ranks must have found each other, and after which the job is ended. The
  /// warning, which names what the network looks like, comes after a third of it.
  public var connection: Double

  /// A minute, five minutes, and half a minute to connect.
  public init(warning: Double? = 60, timeout: Double? = 300, connection: Double = 30) {
    self.warning = warning
    self.timeout = timeout
    self.connection = connection
  }

  /// The exit code of a job that was ended so.
  public static let exitCode: Int32 = 86

  /// The limits that hold at a stage, nil for none.
  func times(in stage: Watchdog.Stage) -> (warning: Double?, timeout: Double?) {
    stage == .connecting ? (connection / 3, connection) : (warning, timeout)
  }
}
