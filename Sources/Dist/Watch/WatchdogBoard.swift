import Synchronization

/// What the watchdogs of a node share: who speaks, who asks, and what was heard of other nodes.
struct WatchdogBoard: @unchecked Sendable {
  private typealias Word = Atomic<UInt64>
  private let words: UnsafeMutablePointer<Atomic<UInt64>>

  private static let count = 3

  /// One in zeroed memory of three words, aligned to 8.
  init(at base: UnsafeMutableRawPointer) {
    words = base.assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// Until the ranks of a node share memory, the first of them speaks for all.
  static var alone: WatchdogBoard {
    let words = UnsafeMutablePointer<Word>.allocate(capacity: count)
    for index in 0..<count { (words + index).initialize(to: Word(0)) }
    if Launcher.declaredLocalRank != 0 { words.pointee.store(.max, ordering: .relaxed) }
    return WatchdogBoard(at: words)
  }

  /// Raises the claim to `mark`, and so gives the right to speak; false if it is there already, or if another thread
  /// was faster.
  func claim(_ mark: UInt64) -> Bool { raise(words, above: mark &- 1, to: mark) }

  /// Gives the right to ask, to one thread in as many seconds.
  ///
  /// - Parameter now: by a clock that all ranks of the node read.
  func claimQuestion(at now: Double, every seconds: Double) -> Bool {
    let mark = UInt64(now * 1000)
    return raise(words + 2, above: mark &- UInt64(seconds * 1000), to: mark)
  }

  /// How often other nodes were heard to get on.
  var answers: UInt64 { (words + 1).pointee.load(ordering: .relaxed) }

  /// Notes that another node gets on.
  func noteAnswer() { (words + 1).pointee.wrappingAdd(1, ordering: .relaxed) }

  /// Raises a word that is at most `least`.
  private func raise(_ word: UnsafeMutablePointer<Word>, above least: UInt64, to mark: UInt64)
    -> Bool
  {
    let seen = word.pointee.load(ordering: .acquiring)
    return seen <= least
      && word.pointee.compareExchange(
        expected: seen, desired: mark, ordering: .acquiringAndReleasing
      ).exchanged
  }
}
