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

  /// The one shard that a rank stands on when it has at most one: its own, or the one whose evaluation a
  /// surplus rank shares.
  private func station(of rank: Int, ranks: Int) -> Int {
    shards(of: rank, ranks: ranks).first ?? rank * count / ranks
  }

  /// Which of `blocks` consecutive parts of a shard's evaluation a rank does; all of them unless surplus
  /// ranks stand on the same shard.
  func share(of rank: Int, ranks: Int, shard: Int, blocks: Int) -> Range<Int> {
    let own = shards(of: rank, ranks: ranks)
    if own.count > 1 { return own.contains(shard) ? 0..<blocks : 0..<0 }
    guard station(of: rank, ranks: ranks) == shard else { return 0..<0 }
    let group = (0..<ranks).filter {
      shards(of: $0, ranks: ranks).count <= 1 && station(of: $0, ranks: ranks) == shard
    }
    let position = group.firstIndex(of: rank) ?? 0
    return TreeExchange.leaves(of: position, ranks: group.count, leaves: blocks)
  }

  /// The shards of which a rank evaluates rows: its own, or the one it shares.
  func shardsEvaluated(by rank: Int, ranks: Int) -> Range<Int> {
    let own = shards(of: rank, ranks: ranks)
    let station = station(of: rank, ranks: ranks)
    return own.isEmpty ? station..<station + 1 : own
  }
}
