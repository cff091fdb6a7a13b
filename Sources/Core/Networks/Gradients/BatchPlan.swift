/// Which rows of each shard's order a step takes, and which of them pass forward and back together.
struct BatchPlan {
  /// Training rows of each shard.
  let shardRows: [Int]
  /// All training rows.
  let rows: Int
  /// Rows in a step, nearly: a shard's share is rounded down over all steps so far.
  let batch: Int
  /// The most rows of a part.
  let partRows: Int

  /// Rows of a shard's micro-batch that pass forward and back together: all of them, or of a large micro-batch
  /// a part.
  struct Part: Equatable {
    let shard: Int
    /// Positions in the shard's order.
    let positions: Range<Int>
    /// The pass of the step in which it is done.
    let pass: Int
    /// Where the rows stand among those of the pass.
    let rows: Range<Int>
  }

  init(shardRows: [Int], batch: Int, partRows: Int = Self.mostPartRows) {
    precondition(partRows >= 1)
    self.shardRows = shardRows
    rows = shardRows.reduce(0, +)
    self.batch = batch
    self.partRows = partRows
  }

  /// More rows than this gain nothing when they are multiplied together.
  static let mostPartRows = 256

  /// The rows of a part of a network's micro-batches: less than 256 where these would take more than 2 MiB, but less
  /// than 64, which costs speed, only where these would take more than 4 MiB.
  static func partRows(of network: Network) -> Int {
    var rows = mostPartRows
    while rows > 1, Activations.byteCount(network, rows: rows) > (rows > 64 ? 2 << 20 : 4 << 20) {
      rows /= 2
    }
    return rows
  }

  /// Steps in an epoch; the last may be short.
  var steps: Int { (rows + batch - 1) / batch }

  /// The positions in shard s's order that step t of an epoch takes: after step t the shard has given
  /// floor(n_s·min((t+1)·B, n)/n) rows.
  func microBatch(shard: Int, step: Int) -> Range<Int> {
    let before = min(step * batch, rows)
    let after = min((step + 1) * batch, rows)
    return shardRows[shard] * before / rows..<shardRows[shard] * after / rows
  }

  /// The rows of all shards in step t.
  func batchRows(step: Int) -> Int {
    shardRows.indices.reduce(0) { $0 + microBatch(shard: $1, step: step).count }
  }

  /// The shards that have rows in step t: usually all, in every step.
  func activeShards(step: Int) -> ActiveLeaves {
    let fewest = min(batch, rows - (steps - 1) * batch)
    if shardRows.allSatisfy({ $0 * fewest >= rows }) { return .all }
    return ActiveLeaves(shardRows.indices.map { !microBatch(shard: $0, step: step).isEmpty })
  }

  /// Passes on the parts of consecutive shards in step t, from left to right, divided among passes; those of a pass
  /// follow each other. A micro-batch is cut every ``partRows`` rows, whoever has it.
  func forEachPart(
    of shards: Range<Int>, step: Int, passes: Int, _ body: (Part) -> Void
  ) {
    let count = shards.reduce(0) { $0 + partCount(of: microBatch(shard: $1, step: step).count) }
    var (index, next, pass) = (0, 0, 0)
    for shard in shards {
      let positions = microBatch(shard: shard, step: step)
      var first = positions.lowerBound
      while first < positions.upperBound {
        while index == TreeExchange.leaves(of: pass, ranks: passes, leaves: count).upperBound {
          (pass, next) = (pass + 1, 0)
        }
        let end = min(first + partRows, positions.upperBound)
        let rows = next..<next + (end - first)
        body(Part(shard: shard, positions: first..<end, pass: pass, rows: rows))
        (index, next, first) = (index + 1, rows.upperBound, end)
      }
    }
  }

  /// The parts of so many rows.
  private func partCount(of rows: Int) -> Int { (rows + partRows - 1) / partRows }

  /// The most parts that these shards have in a step, or more.
  func partCount(of shards: Range<Int>) -> Int {
    shards.reduce(0) { $0 + partCount(of: largestMicroBatch(shard: $1)) }
  }

  /// Rows that the parts of these shards in a pass never exceed together.
  func capacity(_ shards: Range<Int>, passes: Int = 1) -> Int {
    let all = shards.reduce(0) { $0 + largestMicroBatch(shard: $1) }
    let parts = (partCount(of: shards) + passes - 1) / passes
    return min(all, parts * largestPart(of: shards))
  }

  /// Rows that no part of these shards exceeds.
  func largestPart(of shards: Range<Int>) -> Int {
    min(partRows, shards.map { largestMicroBatch(shard: $0) }.max() ?? 0)
  }

  /// The largest micro-batch of a shard, or more: floor(a + x) - floor(a) is at most x rounded up.
  func largestMicroBatch(shard: Int) -> Int {
    min(shardRows[shard], (shardRows[shard] * min(batch, rows) + rows - 1) / rows)
  }
}
