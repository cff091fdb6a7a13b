import Synchronization

/// What all ranks of a node see of each other: a slot for each rank, and what their watchdogs settle among
/// themselves: who speaks, who asks, and what was heard of other nodes.
struct ProgressBoard: @unchecked Sendable {
  private typealias Word = Atomic<UInt64>

  /// One for each rank of the node, in rank order.
  let slots: [ProgressSlot]
  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  private static let wordCount = 3

  /// Of this rank alone, until the ranks of a node share memory; the first of them speaks for all.
  init(of slot: ProgressSlot) {
    slots = [slot]
    words = .allocate(capacity: Self.wordCount)
    for index in 0..<Self.wordCount { (words + index).initialize(to: Word(0)) }
    if Launcher.declaredLocalRank != 0 { words.pointee.store(.max, ordering: .relaxed) }
  }

  /// In zeroed memory with room for the watchdogs' words and then `ranks` slots, each of ``ProgressSlot/size`` bytes.
  private init(at base: UnsafeMutableRawPointer, ranks: Int) {
    words = base.assumingMemoryBound(to: Atomic<UInt64>.self)
    slots = (1...ranks).map { ProgressSlot(at: base + $0 * ProgressSlot.size) }
  }

  /// Lets the watchdogs of a node see all its ranks; collective over the world. Where ranks cannot share
  /// memory, each is watched by its own alone.
  static func share(among world: Communicator, with watchdog: Watchdog) throws {
    let topology = try NodeTopology(of: world)
    let node = topology.node
    let bytes = SharedBuffer.pages((node.size + 1) * ProgressSlot.size)
    let allocation = try SharedBuffer.allocate(
      byteCount: bytes, owned: node.isRoot ? 0..<bytes : 0..<0, on: topology)
    if case .buffer(let buffer) = allocation {
      let board = ProgressBoard(at: buffer.base, ranks: node.size)
      Progress.move(to: board.slots[node.rank])
      // The threads may read until the process ends.
      _ = Unmanaged.passRetained(buffer)
      try node.barrier()
      watchdog.watch(board, datagrams: try WatchdogDatagrams.exchange(on: topology))
    }
    try node.free()
    try topology.world.free()
  }

  /// Raises the claim to `mark`, and so gives the right to speak; false if it is there already, or if another thread
  /// was faster.
  func claim(_ mark: UInt64) -> Bool { raise(words, ifAtMost: mark &- 1, to: mark) }

  /// Gives the right to ask, to one thread in this many seconds.
  ///
  /// - Parameter now: by a clock that all ranks of the node read.
  func claimQuestion(at now: Double, every seconds: Double) -> Bool {
    let mark = UInt64(now * 1000)
    return raise(words + 2, ifAtMost: mark &- UInt64(seconds * 1000), to: mark)
  }

  /// How often other nodes were heard to get on.
  var answers: UInt64 { (words + 1).pointee.load(ordering: .relaxed) }

  /// Notes that another node gets on.
  func noteAnswer() { (words + 1).pointee.wrappingAdd(1, ordering: .relaxed) }

  private func raise(_ word: UnsafeMutablePointer<Word>, ifAtMost bound: UInt64, to mark: UInt64)
    -> Bool
  {
    let seen = word.pointee.load(ordering: .acquiring)
    return seen <= bound
      && word.pointee.compareExchange(
        expected: seen, desired: mark, ordering: .acquiringAndReleasing
      ).exchanged
  }
}
