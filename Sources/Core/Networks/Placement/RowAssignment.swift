/// Which rows train, which are held out for validation, and which rank holds them: a function of
/// (rows, V, seed, fraction, classes, rank, ranks) that every rank computes alike.
struct RowAssignment {
  let shards: VirtualShards
  private let validation: Double, seed: UInt64
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
  /// The first class of which all rows are held out; nil where none is, or classes are not known.
  private(set) var heldOutClass: Int?

  /// Rows whose classes are not known, or that have none.
  init(shards: VirtualShards, validation: Double, seed: UInt64, rank: Int, ranks: Int) {
    self.init(
      shards: shards, validation: validation, seed: seed, rank: rank, ranks: ranks,
      heldOut: (0..<shards.count).map {
        Self.heldOut(validation, of: shards.range(of: $0))
      }, strata: nil)
  }

  /// - Parameters:
  ///   - counts: how many rows of each shard validate.
  ///   - strata: how many of each class of the shards that this rank evaluates do; nil without classes.
  private init(
    shards: VirtualShards, validation: Double, seed: UInt64, rank: Int, ranks: Int,
    heldOut counts: [Int], strata: [Int: ShardStrata]?
  ) {
    (self.shards, self.validation, self.seed) = (shards, validation, seed)
    validationCounts = counts
    trainingCounts = (0..<shards.count).map { shards.range(of: $0).count - counts[$0] }
    ownShards = shards.shards(of: rank, ranks: ranks)
    let generator = Philox(seed: seed, purpose: .validation)
    var splits: [Int: ShardSplit] = [:]
    for shard in shards.shardsEvaluated(by: rank, ranks: ranks) {
      splits[shard] = ShardSplit(
        rows: shards.range(of: shard), heldOut: counts[shard], strata: strata?[shard],
        generator: generator, stream: UInt64(shard))
    }
    self.splits = splits
    trainingBlocks = EvaluationBlock.share(
      counts: trainingCounts, shards: shards, rank: rank, ranks: ranks)
    validationBlocks = EvaluationBlock.share(
      counts: validationCounts, shards: shards, rank: rank, ranks: ranks)
    if let first = ownShards.first, let last = ownShards.last {
      self.held = shards.range(of: first).lowerBound..<shards.range(of: last).upperBound
    } else if validation > 0, let shared = splits.values.first {
      // Which of them are held out may depend on the classes of all.
      held = shared.rows
    } else {
      // A surplus rank keeps only what it evaluates.
      let rows =
        trainingBlocks.map { splits[$0.shard]!.span(of: $0.positions, in: \.training) }
        + validationBlocks.map { splits[$0.shard]!.span(of: $0.positions, in: \.validation) }
      let lower = rows.map(\.lowerBound).min() ?? 0
      self.held = lower..<(rows.map(\.upperBound).max() ?? lower)
    }
  }

  /// How many of some consecutive places are held out. It is rounded over all places before, so that the total is right
  /// for many small ranges too.
  private static func heldOut(_ fraction: Double, of places: Range<Int>) -> Int {
    func before(_ place: Int) -> Int { Int((fraction * Double(place)).rounded(.down)) }
    return min(before(places.upperBound) - before(places.lowerBound), places.count)
  }
}

extension RowAssignment {
  /// The same, but that of each class the same fraction of rows is held out, to one row; collective.
  ///
  /// Rows are counted class by class, and within a class shard by shard.
  ///
  /// - Parameters:
  ///   - labels: of the rows in ``held``, in `0..<classes`.
  /// - Complexity: O(held rows + ranks · classes); two all-reduces, of a number for each rank and class, and of one a
  ///   shard.
  func stratified(
    by labels: [Int32], classes: Int, among world: Communicator
  ) throws(MPIError) -> RowAssignment {
    guard validation > 0 else { return self }
    let evaluated = shards.shardsEvaluated(by: world.rank, ranks: world.size)
    var strata: [Int: ShardStrata] = [:]
    for shard in evaluated {
      let rows = shards.range(of: shard)
      let first = rows.lowerBound - held.lowerBound
      strata[shard] = ShardStrata(labels[first..<first + rows.count], classes: classes)
    }
    var counts = [Int](repeating: 0, count: world.size * classes)
    for shard in ownShards {
      for label in 0..<classes {
        counts[world.rank * classes + label] += strata[shard]!.rows[label]
      }
    }
    try world.allReduce(&counts, .sum)
    var totals = [Int](repeating: 0, count: classes)
    var before = totals
    for rank in 0..<world.size {
      let isBefore = shards.shards(of: rank, ranks: world.size).upperBound <= evaluated.lowerBound
      for label in 0..<classes {
        totals[label] += counts[rank * classes + label]
        if isBefore { before[label] += counts[rank * classes + label] }
      }
    }
    // Where the rows of each class in the first of these shards begin.
    var (next, start) = (before, 0)
    var heldOutClass: Int?
    for label in 0..<classes {
      next[label] += start
      let all = start..<start + totals[label]
      if !all.isEmpty, Self.heldOut(validation, of: all) == all.count {
        heldOutClass = heldOutClass ?? label
      }
      start += totals[label]
    }
    var heldOut = [Int](repeating: 0, count: shards.count)
    for shard in evaluated {
      for label in 0..<classes {
        let end = next[label] + strata[shard]!.rows[label]
        strata[shard]!.heldOut[label] = Self.heldOut(validation, of: next[label]..<end)
        next[label] = end
      }
      if ownShards.contains(shard) { heldOut[shard] = strata[shard]!.heldOut.reduce(0, +) }
    }
    try world.allReduce(&heldOut, .sum)
    var assignment = RowAssignment(
      shards: shards, validation: validation, seed: seed, rank: world.rank, ranks: world.size,
      heldOut: heldOut, strata: strata)
    assignment.heldOutClass = heldOutClass
    return assignment
  }
}

/// The classes of a shard's rows, and how many of each are held out for validation.
struct ShardStrata {
  /// The class of each row.
  let labels: ArraySlice<Int32>
  /// How many rows each class has.
  private(set) var rows: [Int]
  /// How many of these are held out.
  var heldOut: [Int]

  fileprivate init(_ labels: ArraySlice<Int32>, classes: Int) {
    self.labels = labels
    rows = [Int](repeating: 0, count: classes)
    heldOut = rows
    for label in labels { rows[Int(label)] += 1 }
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

  /// - Parameter strata: how many of each class are held out, `heldOut` together; nil where it does not matter which.
  init(
    rows: Range<Int>, heldOut: Int, strata: ShardStrata?, generator: Philox, stream: UInt64
  ) {
    self.rows = rows
    guard heldOut > 0 else {
      training = nil
      validation = []
      return
    }
    var order = (0..<Int32(rows.count)).map { $0 }
    var sequence = PhiloxSequence(generator, stream: stream)
    order.withUnsafeMutableBufferPointer { sequence.shuffle($0) }
    if let strata {
      // The first of each class come to the front.
      var left = strata.heldOut
      let isHeldOut = order.map { offset in
        let label = Int(strata.labels[strata.labels.startIndex + Int(offset)])
        left[label] -= 1
        return left[label] >= 0
      }
      let chosen = order.indices.filter { isHeldOut[$0] } + order.indices.filter { !isHeldOut[$0] }
      order = chosen.map { order[$0] }
    }
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
