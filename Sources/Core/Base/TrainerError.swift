/// Why a run cannot start or go on, with the exit code that scripts rely on.
///
/// The message says what was wrong, where (file, offset or line, row and column), and what to do.
public struct TrainerError: ExitCoding, Equatable, CustomStringConvertible {
  /// The classes of failure; the raw value is the exit code.
  public enum Kind: Int32, Sendable, CaseIterable {
    /// Options that make no sense, alone or together.
    case usage = 2
    /// A data or model file that is missing, malformed or does not fit.
    case badData = 3
    /// No usable checkpoint.
    case noCheckpoint = 4
    /// A loss or parameter that is not finite.
    case diverged = 5
    /// Copies of the parameters that differ between nodes.
    case replicasDiffer = 6
    /// A file that cannot be written, or a full disk.
    case inputOutput = 7
    /// Asked to stop before there was anything to save.
    case stopped = 75
  }

  /// The class of the failure.
  public let kind: Kind
  /// The message before its parameters are spelled; see ``Parameter``.
  package let template: String
  /// What was wrong, where, and what to do; parameters are called as the library calls them.
  public var message: String { Parameter.spelled(template) { $0 } }

  /// Whether the system lets this user not see a file: it may be sound.
  package let isOfPermissions: Bool

  /// An error of the given class.
  public init(_ kind: Kind, _ message: String) {
    self.init(kind, message, isOfPermissions: false)
  }

  init(_ kind: Kind, _ message: String, isOfPermissions: Bool) {
    self.kind = kind
    template = message
    self.isOfPermissions = isOfPermissions
  }

  /// The exit code that the job ends with.
  public var exitCode: Int32 { kind.rawValue }
  /// The message.
  public var description: String { message }
}

/// Refuses what does not hold.
package func require(
  _ condition: Bool, _ kind: TrainerError.Kind, _ message: @autoclosure () -> String
) throws(TrainerError) {
  if !condition { throw TrainerError(kind, message()) }
}

extension Communicator {
  /// An error that all ranks have come to by the same path, for each to throw; rank 0 reports it.
  package func failure(_ kind: TrainerError.Kind, _ message: String) -> AgreedFailure {
    unanimous(TrainerError(kind, message))
  }

  /// Refuses what does not hold, where all ranks know it alike.
  ///
  /// - Throws: `AgreedFailure` on all ranks; rank 0 reports the message.
  package func require(
    _ condition: Bool, _ kind: TrainerError.Kind, _ message: @autoclosure () -> String
  ) throws(AgreedFailure) {
    if !condition { throw failure(kind, message()) }
  }
}
