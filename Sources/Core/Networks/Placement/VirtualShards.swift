/// How rows are cut into virtual shards, before the number of ranks is known, and which rank holds what.
public struct VirtualShards: Equatable, Sendable {
  /// All rows, at least 1.
  public let rows: Int
  /// The number of shards V, at least 1.
  public let count: Int

  /// V shards over `rows` rows.
  public init(rows: Int, count: Int) {
    precondition(rows >= 1 && count >= 1, "\(count) shards of \(rows) rows")
    self.rows = rows
    self.count = count
  }

  /// The default V for a batch of B rows: max(4, B/64), but no micro-batch under 16 rows where B allows, and
  /// at most 1024.
  public static func defaultCount(batch: Int) -> Int {
    min(max(4, batch / 64), max(1, batch / 16), 1024)
  }

  /// The rows of shard s: floor(s·n/V) to floor((s+1)·n/V).
  public func range(of shard: Int) -> Range<Int> {
    shard * rows / count..<(shard + 1) * rows / count
  }

  /// The shards that a rank trains on; empty for some when there are more ranks than shards.
  public func shards(of rank: Int, ranks: Int) -> Range<Int> {
    TreeExchange.leaves(of: rank, ranks: ranks, leaves: count)
  }

  /// The shards of which a rank evaluates rows: its own, or the one whose evaluation a surplus rank shares.
  func shardsEvaluated(by rank: Int, ranks: Int) -> Range<Int> {
    let own = shards(of: rank, ranks: ranks)
    let shared = rank * count / ranks
    return own.isEmpty ? shared..<shared + 1 : own
  }

  /// Which of `blocks` consecutive parts of a shard's evaluation a rank does; all of its own shard's unless surplus
  /// ranks share it.
  func share(of rank: Int, ranks: Int, shard: Int, blocks: Int) -> Range<Int> {
    let group = (0..<ranks).filter { shardsEvaluated(by: $0, ranks: ranks).contains(shard) }
    guard let position = group.firstIndex(of: rank) else { return 0..<0 }
    return TreeExchange.leaves(of: position, ranks: group.count, leaves: blocks)
  }
}
