import Glibc
import Synchronization

/// A request from outside to end the run soon, with a checkpoint: SIGUSR1, SIGTERM or SIGINT (ctrl-C).
///
/// One rank that receives one is enough: what ranks exchange in a step carries the request to all. A
/// second SIGINT ends the process at once.
public enum StopRequest {
  /// The last signal received; 0 for none.
  fileprivate static let received = Atomic<Int32>(0)

  /// The stream whose last line is erased when a signal comes; 0 for none.
  fileprivate static let erasedStream = Atomic<Int32>(0)

  /// Lets a signal erase the line of a terminal in which the cursor stands, where a bar may be: the process can be ended
  /// before it erases that itself.
  ///
  /// - Parameter stream: 1 or 2.
  public static func eraseLine(of stream: Int32) {
    erasedStream.store(stream, ordering: .relaxed)
  }

  /// Takes the signals from now on, instead of being killed by them.
  public static func listen() {
    // The handler must not be the first to touch it: a lazy start is nothing for a handler.
    received.store(0, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = noteSignal
    action.sa_flags = SA_RESTART
    sigemptyset(&action.sa_mask)
    for number in [SIGUSR1, SIGTERM, SIGINT] { sigaction(number, &action, nil) }
  }

  /// The signal that asked this rank to stop; nil for none.
  package static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Ends what is done before the first step, where this rank was asked to stop.
  ///
  /// - Throws: `TrainerError(.stopped)`.
  package static func check() throws(TrainerError) {
    guard let signal else { return }
    throw TrainerError(
      .stopped,
      "stopped on request (\(name(of: signal))) before the first step, so nothing is saved; start it again"
    )
  }

  /// The signal's name.
  package static func name(of signal: Int32) -> String {
    switch signal {
    case SIGUSR1: "SIGUSR1"
    case SIGTERM: "SIGTERM"
    case SIGINT: "SIGINT"
    default: "signal \(signal)"
    }
  }
}

/// The handler: only what a handler may do.
private func noteSignal(_ number: Int32) {
  let before = StopRequest.received.exchange(number, ordering: .relaxed)
  let stream = StopRequest.erasedStream.load(ordering: .relaxed)
  if stream > 0 {
    let error = errno
    let erasure: StaticString = "\r\u{1B}[J"
    _ = write(stream, erasure.utf8Start, erasure.utf8CodeUnitCount)
    errno = error
  }
  if number == SIGINT, before == SIGINT {
    signal(SIGINT, SIG_DFL)
    raise(SIGINT)
  }
}
