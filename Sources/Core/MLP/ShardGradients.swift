import DTrainDist
import KernelTable

/// The rows that training takes, on one rank.
struct TrainingRows {
  let data: RowBlock
  let targets: RowTargets
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
final class ShardGradients {
  /// The loss that each own shard has summed over the steps since `startEpoch`.
  private(set) var losses: [Double]

  private let pass: Backpropagation
  private let kernels: KernelTable
  private let loss: LossFunction
  private let rows: TrainingRows
  private let assignment: RowAssignment
  private let plan: BatchPlan
  private let generator: Philox
  /// The order of each own shard's rows in this epoch, as rows of the block.
  private var orders: [[Int32]]
  private var targets: BatchTargets

  /// What the ranks of this node keep of a step, and where each shard of the node stands in it.
  private let node: [NodeActivations]
  private var placed: [(activations: Activations, rows: Range<Int>)] = []
  private let tiles: [GradientTile]
  private let updated: UnsafePointer<Float>?
  /// A tile for a right subtree, one for each level of the tree at which one is needed.
  private var spare: [AlignedFloats] = []

  /// Micro-batches up to this size are accumulated by the matrix product itself: it then adds its finished
  /// sum to C, which gives the bits of a separate addition.
  static let accumulableRows = 128

  /// - Parameters:
  ///   - node: what each rank of this node keeps of a step.
  ///   - own: this rank's place in `node`.
  ///   - updated: the parameters, where a tile of them is updated as soon as its gradient is there; nil where other
  ///     nodes come first.
  init(
    network: Network, loss: LossFunction, rows: TrainingRows, assignment: RowAssignment,
    plan: BatchPlan, seed: UInt64, node: [NodeActivations], own: Int,
    updated: UnsafePointer<Float>?, kernels: KernelTable
  ) {
    precondition(node[own].shards == assignment.ownShards, "rows of other shards")
    pass = Backpropagation(network: network, activations: node[own].activations, kernels: kernels)
    let capacity = assignment.ownShards.map { plan.largestMicroBatch(shard: $0) }.max() ?? 1
    targets = BatchTargets(capacity: capacity, like: rows.targets)
    self.kernels = kernels
    self.loss = loss
    self.rows = rows
    self.assignment = assignment
    self.plan = plan
    self.node = node
    self.updated = updated
    tiles = network.gradientTiles
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

  /// Passes forward and backward over this rank's rows of a step.
  ///
  /// - Returns: whether every loss is finite.
  func differentiate(step: Int, at W: UnsafePointer<Float>) -> Bool {
    let before = losses.reduce(0, +)
    let batches = plan.placed(assignment.ownShards, step: step)
    let present = batches.filter { !$0.isEmpty }
    for (own, batch) in batches.enumerated() where !batch.isEmpty {
      chosen(own, step) { rows in
        pass.load(
          self.rows.data.base, self.rows.data.element, rows: rows, count: batch.count,
          scaling: self.rows.scaling, at: batch.lowerBound)
      }
    }
    pass.forward(W, present)
    var wrong = 0
    for (own, batch) in batches.enumerated() where !batch.isEmpty {
      chosen(own, step) {
        targets.gather(rows.targets, rows: $0, first: 0, count: batch.count)
      }
      targets.apply(
        loss, kernels, logits: pass.logits(from: batch.lowerBound), stride: pass.logitsStride,
        count: batch.count, outputs: pass.network.outputs, lossSum: &losses[own], wrong: &wrong)
    }
    pass.backward(W, present)
    return (losses.reduce(0, +) - before).isFinite
  }

  /// Passes on the rows of the block that an own shard gives to a step.
  private func chosen(_ own: Int, _ step: Int, _ body: (UnsafePointer<Int32>) -> Void) {
    let positions = plan.microBatch(shard: assignment.ownShards.lowerBound + own, step: step)
    orders[own].withUnsafeBufferPointer { body($0.baseAddress! + positions.lowerBound) }
  }

  /// Finds where the rows of a step stand, before the tiles of the step are asked for.
  func locate(step: Int) {
    placed.removeAll(keepingCapacity: true)
    for part in node {
      for rows in plan.placed(part.shards, step: step) { placed.append((part.activations, rows)) }
    }
  }

  /// A tile of the gradient of some shards of the node, added along the tree; at least one has rows.
  func sum(
    _ shards: Range<Int>, tile: Int, into gradient: UnsafeMutablePointer<Float>
  ) {
    _ = sum(shards, tiles[tile], into: gradient, level: 0)
  }

  /// Returns false, and writes nothing, if none of the shards has rows.
  private func sum(
    _ subtree: Range<Int>, _ tile: GradientTile, into gradient: UnsafeMutablePointer<Float>,
    level: Int
  ) -> Bool {
    if subtree.count == 1 {
      return multiply(subtree.lowerBound, tile, into: gradient, accumulate: false)
    }
    let middle = ReductionTree.split(subtree)
    let right = middle..<subtree.upperBound
    guard sum(subtree.lowerBound..<middle, tile, into: gradient, level: level + 1) else {
      return sum(right, tile, into: gradient, level: level + 1)
    }
    if right.count == 1, rows(of: middle).rows.count <= Self.accumulableRows {
      _ = multiply(middle, tile, into: gradient, accumulate: true)
    } else {
      let other = spare(at: level)
      if sum(right, tile, into: other, level: level + 1) {
        kernels.add(
          gradient, gradient, other, tile.inputs.count * pass.network.sizes[tile.layer + 1])
      }
    }
    return true
  }

  private func multiply(
    _ shard: Int, _ tile: GradientTile, into gradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) -> Bool {
    let (activations, rows) = rows(of: shard)
    if rows.isEmpty { return false }
    Progress.beat()
    let outputs = pass.network.sizes[tile.layer + 1]
    tile.multiply(
      activations, rows: rows, outputs: outputs, into: gradient, accumulate: accumulate,
      next: accumulate
        ? nil
        : updated.map {
          $0 + (pass.network.offsets[tile.layer] + tile.inputs.lowerBound * outputs)
        }, kernels)
    return true
  }

  private func rows(of shard: Int) -> (activations: Activations, rows: Range<Int>) {
    placed[shard - node[0].shards.lowerBound]
  }

  private func spare(at level: Int) -> UnsafeMutablePointer<Float> {
    while spare.count <= level {
      spare.append(AlignedFloats(count: pass.network.parameterTiles.longest))
    }
    return spare[level].base
  }

  /// The matrix products of `sum` alone, without what adds them up; the gradient is then of no use.
  func multiplyOnly(
    _ shards: Range<Int>, tile: Int, into gradient: UnsafeMutablePointer<Float>
  ) {
    for shard in shards {
      _ = multiply(shard, tiles[tile], into: gradient, accumulate: false)
    }
  }

  /// The matrix products of `differentiate` alone, for measuring what a step costs beyond them.
  func multiplyOnly(step: Int, at W: UnsafePointer<Float>) {
    pass.multiplyOnly(
      W, plan.placed(assignment.ownShards, step: step).filter { !$0.isEmpty })
  }
}
