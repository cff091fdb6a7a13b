/// The time that this rank has spent in calls of MPI: messages, and waiting for those of others.
///
/// Only the thread that runs ``MPIRuntime/run(program:limits:advice:_:)`` communicates, and asks.
public enum CommunicationTime {
  /// Seconds since the process began.
  public internal(set) nonisolated(unsafe) static var seconds = 0.0
}
