/// What the message of a job that stands still tells its reader to do, in the words of the program.
public struct StallAdvice: Sendable, Equatable {
  /// Completes "if that is work that takes so long, …".
  public var longWork: String
  /// A command that examines the network between the nodes; nil for none.
  public var networkCheck: String?

  /// Advice that fits any program, unless it knows better: which option sets the timeout, which command looks at the
  /// network.
  public init(longWork: String = "set a larger timeout", networkCheck: String? = nil) {
    self.longWork = longWork
    self.networkCheck = networkCheck
  }
}
