import Glibc

/// Threads beside the main one, which makes all calls of MPI and receives all signals.
package enum BackgroundThread {
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs `body` on a thread of its own, which nobody waits for.
  ///
  /// - Throws: where the system allows no more threads.
  package static func start(_ body: @escaping @Sendable () -> Void) throws {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // A thread has the mask of the one that makes it.
    pthread_sigmask(SIG_BLOCK, &all, &before)
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body))
    let code = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    if code == 0 { pthread_detach(thread) } else { work.release() }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    if code != 0 { throw ResourceShortage.threads }
  }
}
