/// Which rows train, which are held out for validation, and which rank holds them: a function of
/// (rows, V, seed, fraction, rank, ranks) that every rank computes alike.
struct RowAssignment {
  let shards: VirtualShards
  /// Rows of each shard that train, and that validate.
  let trainingCounts: [Int]
  let validationCounts: [Int]
  /// The shards that this rank trains on.
  let ownShards: Range<Int>
  /// The rows that this rank reads and keeps.
  let held: Range<Int>
  /// This rank's shards: those it trains on, or the one whose evaluation it shares.
  let splits: [Int: ShardSplit]
  /// The blocks that this rank evaluates.
  let trainingBlocks: [EvaluationBlock]
  let validationBlocks: [EvaluationBlock]

  init(shards: VirtualShards, validation: Double, seed: UInt64, rank: Int, ranks: Int) {
    self.shards = shards
    // Rounded over all rows up to a shard's end, so that the total is right for many small shards too.
    func heldOut(before row: Int) -> Int { Int((validation * Double(row)).rounded(.down)) }
    let held = (0..<shards.count).map { shard in
      let rows = shards.range(of: shard)
      return min(
        heldOut(before: rows.upperBound) - heldOut(before: rows.lowerBound), rows.count)
    }
    validationCounts = held
    trainingCounts = (0..<shards.count).map { shards.range(of: $0).count - held[$0] }
    ownShards = shards.shards(of: rank, ranks: ranks)
    let generator = Philox(seed: seed, purpose: .validation)
    var splits: [Int: ShardSplit] = [:]
    for shard in shards.shardsEvaluated(by: rank, ranks: ranks) {
      splits[shard] = ShardSplit(
        rows: shards.range(of: shard), heldOut: held[shard], generator: generator,
        stream: UInt64(shard))
    }
    self.splits = splits
    trainingBlocks = EvaluationBlock.share(
      counts: trainingCounts, shards: shards, rank: rank, ranks: ranks)
    validationBlocks = EvaluationBlock.share(
      counts: validationCounts, shards: shards, rank: rank, ranks: ranks)
    if let first = ownShards.first, let last = ownShards.last {
      self.held = shards.range(of: first).lowerBound..<shards.range(of: last).upperBound
    } else {
      // A surplus rank keeps only what it evaluates.
      let rows =
        trainingBlocks.map { splits[$0.shard]!.span(of: $0.positions, in: \.training) }
        + validationBlocks.map { splits[$0.shard]!.span(of: $0.positions, in: \.validation) }
      let lower = rows.map(\.lowerBound).min() ?? 0
      self.held = lower..<(rows.map(\.upperBound).max() ?? lower)
    }
  }
}

/// How one shard's rows divide into training and validation rows.
struct ShardSplit {
  /// The shard's rows.
  let rows: Range<Int>
  /// Offsets in the shard of the rows that train, ascending; nil when all do.
  let training: [Int32]?
  /// Offsets in the shard of the rows held out, ascending.
  let validation: [Int32]

  init(rows: Range<Int>, heldOut: Int, generator: Philox, stream: UInt64) {
    self.rows = rows
    guard heldOut > 0 else {
      training = nil
      validation = []
      return
    }
    var order = (0..<Int32(rows.count)).map { $0 }
    var sequence = PhiloxSequence(generator, stream: stream)
    order.withUnsafeMutableBufferPointer { sequence.shuffle($0) }
    validation = order[..<heldOut].sorted()
    training = order[heldOut...].sorted()
  }

  /// The smallest range of rows that holds those at some positions, at least one, in a list of offsets; nil lists all
  /// rows.
  func span(of positions: Range<Int>, in list: (ShardSplit) -> [Int32]?) -> Range<Int> {
    let offsets = list(self)
    func row(_ position: Int) -> Int {
      rows.lowerBound + (offsets.map { Int($0[position]) } ?? position)
    }
    return row(positions.lowerBound)..<row(positions.upperBound - 1) + 1
  }
}

/// Rows that are evaluated in one matrix product.
struct EvaluationBlock: Equatable {
  /// The block's number among those of all shards.
  let index: Int
  /// The shard whose rows these are.
  let shard: Int
  /// Positions in the shard's list of rows.
  let positions: Range<Int>

  /// Rows in a block; a shard's blocks start at its first row, so the shapes of the products do not
  /// depend on the number of ranks.
  static let rows = 256

  /// The number of blocks of `count` rows.
  static func blocks(in count: Int) -> Int { (count + rows - 1) / rows }

  /// The blocks that a rank evaluates of shards with the given numbers of rows.
  static func share(
    counts: [Int], shards: VirtualShards, rank: Int, ranks: Int
  ) -> [EvaluationBlock] {
    let evaluated = shards.shardsEvaluated(by: rank, ranks: ranks)
    var next = counts[..<evaluated.lowerBound].reduce(0) { $0 + blocks(in: $1) }
    return evaluated.flatMap { shard in
      let (first, count) = (next, counts[shard])
      next += blocks(in: count)
      return shards.share(of: rank, ranks: ranks, shard: shard, blocks: next - first).map {
        EvaluationBlock(
          index: first + $0, shard: shard, positions: $0 * rows..<min(($0 + 1) * rows, count))
      }
    }
  }
}
