import Glibc
import Synchronization

/// Notes in `stopped.json` that this process was asked to stop, from a thread of its own: the launcher may kill the
/// ranks before the step, iteration or evaluation that they are at is over.
///
/// mpirun sends SIGTERM also where a rank died. Where one of this host did, nothing was asked.
package final class StopAnnouncer: Sendable {
  private enum State { case listening, over, announced }

  private let paths: [String]
  private let state = Mutex(State.listening)

  /// Listens from now on.
  ///
  /// - Parameter paths: the directories that get a `stopped.json`.
  /// - Throws: where the system allows no more threads.
  package init(in paths: [String]) throws {
    self.paths = paths
    try BackgroundThread.start { self.listen() }
  }

  private func listen() {
    while true {
      usleep(50_000)
      let isOver = state.withLock { state in
        if state == .listening, let signal = StopRequest.signal {
          guard signal != SIGTERM || Launcher.hasLostAProcessHere != true else { return true }
          StopNotice(signal: signal, rank: 0).announce(in: paths)
          state = .announced
        }
        return state != .listening
      }
      if isOver { return }
    }
  }

  /// Announces nothing from now on; what was announced stays.
  package func end() {
    state.withLock { if $0 == .listening { $0 = .over } }
  }

  /// The same, but takes back what was announced: the run came to its end.
  package func withdraw() {
    state.withLock { state in
      if state == .announced { for path in paths { unlink("\(path)/stopped.json".system) } }
      state = .over
    }
  }
}
