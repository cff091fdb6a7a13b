/// A failure that every rank of a group knows of: thrown by ``Communicator/agree(_:)`` on all of them.
public struct AgreedFailure: ExitCoding, CustomStringConvertible {
  /// The error itself on the one rank that reports it, nil on the others.
  public let own: (any Error)?
  /// The reporting rank's exit code.
  public let exitCode: Int32

  /// The error's own words where it happened.
  public var description: String { own.map { "\($0)" } ?? "another rank failed" }
}

/// What may fail on some ranks, without others waiting for them. `Examples/Dist/Sources/agreement` is a program with
/// it.
extension Communicator {
  /// Runs `body`, which may fail on some ranks only, and returns only if it succeeded on all.
  ///
  /// Otherwise every rank throws ``AgreedFailure``; the lowest rank that failed carries the error, so
  /// that a fault seen by many ranks is reported once. `body` must not communicate in a way that a
  /// failing rank would leave unfinished.
  ///
  /// - Complexity: one all-reduce of an integer.
  public func agree<R>(_ body: () throws -> R) throws -> R {
    let outcome = Result { try body() }
    // The lowest failing rank in the high bits, its exit code in the low ones.
    var ballot = Int.max
    var own: (any Error)?
    if case .failure(let error) = outcome {
      if error is AgreedFailure { throw error }
      ballot = rank << 8 | Int(MPIRuntime.exitCode(of: error))
      own = error
    }
    try barrierAsleep()
    let lowest = try allReduce(ballot, .minimum)
    if lowest == Int.max { return try outcome.get() }
    throw AgreedFailure(own: lowest >> 8 == rank ? own : nil, exitCode: Int32(lowest & 0xff))
  }

  /// An error that all ranks have come to by the same path, for each to throw; rank 0 reports it.
  public func unanimous(_ error: any ExitCoding) -> AgreedFailure {
    AgreedFailure(own: isRoot ? error : nil, exitCode: error.exitCode)
  }

  /// Runs `body` on rank 0 alone; a failure there fails all ranks. The result is nil elsewhere.
  ///
  /// - Complexity: one all-reduce of an integer.
  public func onRoot<R>(_ body: () throws -> R) throws -> R? {
    try agree { isRoot ? try body() : nil }
  }

  /// Runs `body` on rank 0 alone and copies its bytes to all; a failure there fails all ranks.
  ///
  /// - Complexity: one all-reduce of an integer and two broadcasts.
  public func fromRoot(_ body: () throws -> [UInt8]) throws -> [UInt8] {
    try broadcast(bytes: onRoot(body) ?? [])
  }
}
