import Synchronization

/// A number in shared memory that only grows: whose thread raises it, speaks.
struct WatchdogClaim: @unchecked Sendable {
  private let word: UnsafeMutablePointer<Atomic<UInt64>>

  /// One in zeroed memory, aligned to 8.
  init(at base: UnsafeMutableRawPointer) {
    word = base.assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// Until the ranks of a node share memory, the first of them speaks for all.
  static var alone: WatchdogClaim {
    let word = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: 1)
    word.initialize(to: Atomic(Launcher.declaredLocalRank == 0 ? 0 : .max))
    return WatchdogClaim(at: word)
  }

  /// Raises the number to `mark`; false if it is there already, or if another thread was faster.
  func advance(to mark: UInt64) -> Bool {
    let seen = word.pointee.load(ordering: .acquiring)
    return seen < mark
      && word.pointee.compareExchange(
        expected: seen, desired: mark, ordering: .acquiringAndReleasing
      ).exchanged
  }
}
