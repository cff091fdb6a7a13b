/// The rows that training takes, on one rank.
struct TrainingRows {
  let data: RowBlock
  let targets: RowTargets
  /// How much each row counts; nil where all count the same.
  var weights: [Float]?
  let scaling: ColumnScaling
}

/// The rows of a step in the memory of one rank of the node.
struct NodeActivations {
  /// The shards whose rows these are.
  let shards: Range<Int>
  let activations: Activations
}

/// Computes gradients of a step: each rank passes forward and backward over the rows of its own shards, then
/// any rank of the node can compute any tile of their weight gradients.
///
/// Where memory cannot hold the rows of a step, it takes several passes: each goes over some rows of every rank,
/// after which the sums of whole subtrees of the ``GradientTree`` are kept for the last.
final class ShardGradients {
  /// The loss that each own shard has summed over the steps since `startEpoch`.
  private(set) var losses: [Double]

  private let propagation: Backpropagation
  private let kernels: KernelTable
  private let loss: Loss
  private let rows: TrainingRows
  private let assignment: RowAssignment
  private let plan: BatchPlan
  private let generator: Philox
  /// The order of each own shard's rows in this epoch, as rows of the block.
  private var orders: [[Int32]]
  private var targets: BatchTargets

  /// What the ranks of this node keep of a pass.
  private let node: [NodeActivations]
  private let tiles: [GradientTile]
  private let offsets: VectorTiles
  private let updated: UnsafePointer<Float>?

  /// The passes of a step, the same on all ranks of the node.
  let passes: Int
  private var pass = 0
  /// This rank's parts of the step.
  private var own: [BatchPlan.Part] = []
  /// The parts of all ranks of the node, by shard, and the order in which their gradients are added.
  private var parts: [(activations: Activations, part: BatchPlan.Part)] = []
  private var tree: GradientTree
  /// The shards whose gradients this node sums.
  private let pieces: [Range<Int>]
  /// The sums that wait for later passes.
  private let waiting: PartialSumStore
  /// A tile for a right subtree, one for each level of the tree at which one is needed.
  private var spare: [AlignedFloats] = []

  /// Micro-batches up to this size are accumulated by the matrix product itself: it then adds its finished
  /// sum to C, which gives the bits of a separate addition.
  static let accumulableRows = 128

  /// - Parameters:
  ///   - node: what each rank of this node keeps of a pass.
  ///   - own: this rank's place in `node`.
  ///   - passes: the passes of a step; as many, at least, as the memory in `node` asks for.
  ///   - waiting: where sums wait for later passes.
  ///   - updated: the parameters, where a tile of them is updated as soon as its gradient is there; nil where other
  ///     nodes come first.
  init(
    network: Network, loss: Loss, rows: TrainingRows, assignment: RowAssignment,
    plan: BatchPlan, seed: UInt64, node: [NodeActivations], own: Int, passes: Int = 1,
    waiting: PartialSumStore, updated: UnsafePointer<Float>?, kernels: KernelTable
  ) {
    precondition(node[own].shards == assignment.ownShards, "rows of other shards")
    propagation = Backpropagation(
      network: network, activations: node[own].activations, kernels: kernels)
    targets = BatchTargets(
      capacity: plan.largestPart(of: assignment.ownShards), like: rows.targets,
      areWeighted: rows.weights != nil)
    let shards = node[0].shards.lowerBound..<node[node.count - 1].shards.upperBound
    pieces = ReductionTree(leaves: plan.shardRows.count).maximalSubtrees(of: shards)
    self.passes = passes
    tree = GradientTree(leaves: [], pieces: pieces, passes: passes)
    self.waiting = waiting
    self.kernels = kernels
    self.loss = loss
    self.rows = rows
    self.assignment = assignment
    self.plan = plan
    self.node = node
    self.updated = updated
    tiles = network.gradientTiles
    offsets = network.parameterTiles
    generator = Philox(seed: seed, purpose: .shuffle)
    losses = [Double](repeating: 0, count: assignment.ownShards.count)
    orders = assignment.ownShards.map {
      [Int32](repeating: 0, count: assignment.trainingCounts[$0])
    }
  }

  /// Draws the order of an epoch's rows, in each shard its own.
  ///
  /// - Parameter losses: what all shards have lost in the epoch so far; nil at its start.
  func startEpoch(_ epoch: Int, losses before: [Double]? = nil) {
    for (index, shard) in assignment.ownShards.enumerated() {
      losses[index] = before?[shard] ?? 0
      let split = assignment.splits[shard]!
      let first = Int32(split.rows.lowerBound - rows.data.rows.lowerBound)
      orders[index].withUnsafeMutableBufferPointer { order in
        for position in order.indices {
          order[position] = first + (split.training?[position] ?? Int32(position))
        }
        var sequence = PhiloxSequence(
          generator, stream: UInt64(epoch) << 24 | UInt64(shard))
        sequence.shuffle(order)
      }
    }
  }

  /// Begins a step: finds where its rows will stand, and how their gradients will be added.
  func begin(step: Int) {
    parts.removeAll(keepingCapacity: true)
    own.removeAll(keepingCapacity: true)
    for member in node {
      let isOwn = member.shards == assignment.ownShards
      plan.forEachPart(of: member.shards, step: step, passes: passes) { part in
        parts.append((member.activations, part))
        if isOwn { own.append(part) }
      }
    }
    let leaves = parts.lazy.map { GradientTree.Leaf(shard: $0.part.shard, pass: $0.part.pass) }
    // Nearly always that of the step before.
    if !tree.leaves.elementsEqual(leaves) {
      tree = GradientTree(leaves: Array(leaves), pieces: pieces, passes: passes)
    }
  }

  /// Passes forward and backward over this rank's rows in a pass of the step; passes follow each other.
  ///
  /// - Returns: whether every loss is finite.
  func differentiate(pass: Int, at W: UnsafePointer<Float>) -> Bool {
    self.pass = pass
    let before = losses.reduce(0, +)
    let present = own.filter { $0.pass == pass }
    let batches = present.map(\.rows)
    let gathering = Span.detail(.gather)
    for part in present {
      chosen(part) {
        propagation.load(
          rows.data.base, rows.data.element, rows: $0, count: part.rows.count,
          scaling: rows.scaling, at: part.rows.lowerBound)
      }
    }
    gathering.end()
    let forward = Span.detail(.forward)
    propagation.forward(W, batches)
    forward.end()
    let backward = Span.detail(.backward)
    defer { backward.end() }
    for part in present {
      chosen(part) {
        targets.gather(
          rows.targets, weights: rows.weights, rows: $0, first: 0, count: part.rows.count)
      }
      losses[part.shard - assignment.ownShards.lowerBound] +=
        loss.differentiate(propagation.logits(of: part.rows), targets, kernels).loss
    }
    propagation.backward(W, batches)
    return (losses.reduce(0, +) - before).isFinite
  }

  /// Passes on the rows of the block that a part takes.
  private func chosen(_ part: BatchPlan.Part, _ body: (UnsafePointer<Int32>) -> Void) {
    orders[part.shard - assignment.ownShards.lowerBound].withUnsafeBufferPointer {
      body($0.baseAddress! + part.positions.lowerBound)
    }
  }

  /// Keeps a tile of the sums that this pass completes, for the last one.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  func keep(tile: Int) throws(TrainerError) {
    for node in tree.kept[pass] {
      let gradient = spare(at: 0)
      try sum(node, tile, into: gradient, level: 1)
      try waiting.keep(gradient, slot: tree.nodes[node].slot!, tile: tile)
    }
  }

  /// A tile of the gradient of some shards of the node, added along the tree; at least one has rows, and this is
  /// the last pass.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  func sum(
    _ shards: Range<Int>, tile: Int, into gradient: UnsafeMutablePointer<Float>
  ) throws(TrainerError) {
    guard let root = tree.roots.first(where: { $0.shards == shards }), let node = root.node else {
      preconditionFailure("shards \(shards) have no sum here")
    }
    try sum(node, tile, into: gradient, level: 0)
  }

  private func sum(
    _ node: Int, _ tile: Int, into gradient: UnsafeMutablePointer<Float>, level: Int
  ) throws(TrainerError) {
    let node = tree.nodes[node]
    if let slot = node.waiting(in: pass) {
      return try waiting.copy(slot: slot, tile: tile, to: gradient)
    }
    guard let (left, right) = node.children else {
      return multiply(node.part!, tile, into: gradient, accumulate: false)
    }
    try sum(left, tile, into: gradient, level: level + 1)
    if let part = accumulable(right) {
      multiply(part, tile, into: gradient, accumulate: true)
    } else {
      let other = spare(at: level)
      try sum(right, tile, into: other, level: level + 1)
      kernels.add(gradient, other, into: gradient, count: offsets.elements(of: tile).count)
    }
  }

  /// The part that a node is, if its product may be added by the product itself.
  private func accumulable(_ node: Int) -> Int? {
    let node = tree.nodes[node]
    guard node.waiting(in: pass) == nil, let part = node.part,
      parts[part].part.rows.count <= Self.accumulableRows
    else { return nil }
    return part
  }

  private func multiply(
    _ part: Int, _ tile: Int, into gradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    Progress.beat()
    let (activations, part) = parts[part]
    let network = propagation.network
    let tile = tiles[tile]
    let outputs = network.sizes[tile.layer + 1]
    tile.multiply(
      activations, rows: part.rows, outputs: outputs, into: gradient, accumulate: accumulate,
      next: accumulate
        ? nil
        : updated.map { $0 + (network.offsets[tile.layer] + tile.inputs.lowerBound * outputs) },
      kernels)
  }

  private func spare(at level: Int) -> UnsafeMutablePointer<Float> {
    while spare.count <= level { spare.append(AlignedFloats(count: offsets.longest)) }
    return spare[level].base
  }

  /// The matrix products of `sum` and `keep` in the present pass alone, without what adds them up; the gradient is
  /// then of no use.
  func multiplyOnly(
    _ shards: Range<Int>, tile: Int, into gradient: UnsafeMutablePointer<Float>
  ) {
    for (index, part) in parts.enumerated()
    where part.part.pass == pass && shards.contains(part.part.shard) {
      multiply(index, tile, into: gradient, accumulate: false)
    }
  }

  /// The matrix products of `differentiate` alone, for measuring what a step costs beyond them.
  func multiplyOnly(pass: Int, at W: UnsafePointer<Float>) {
    self.pass = pass
    propagation.multiplyOnly(W, own.filter { $0.pass == pass }.map(\.rows))
  }
}
