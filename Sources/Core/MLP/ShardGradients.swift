import DTrainDist
import KernelTable

/// The rows that training takes, on one rank.
struct TrainingRows {
  let data: RowBlock
  let targets: RowTargets
  let scaling: ColumnScaling
}

/// Computes the gradients of this rank's virtual shards in a step, added up to the subtrees that the
/// exchange wants.
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
  /// A vector for a right subtree, one for each level of the tree at which one is needed.
  private var spare: [AlignedFloats] = []

  /// Micro-batches up to this size may be accumulated by the matrix product itself: for so few terms
  /// OpenBLAS adds their sum to C in one step, which gives the bits of a separate addition (see
  /// Tests/CoreTests).
  static let accumulableRows = 128

  init(
    network: Network, loss: LossFunction, rows: TrainingRows, assignment: RowAssignment,
    plan: BatchPlan, seed: UInt64, kernels: KernelTable
  ) {
    let capacity = assignment.ownShards.map { plan.largestMicroBatch(shard: $0) }.max() ?? 1
    pass = Backpropagation(network: network, capacity: capacity, kernels: kernels)
    targets = BatchTargets(capacity: capacity, like: rows.targets)
    self.kernels = kernels
    self.loss = loss
    self.rows = rows
    self.assignment = assignment
    self.plan = plan
    generator = Philox(seed: seed, purpose: .shuffle)
    losses = [Double](repeating: 0, count: assignment.ownShards.count)
    orders = assignment.ownShards.map {
      [Int32](repeating: 0, count: assignment.trainingCounts[$0])
    }
  }

  /// Draws the order of an epoch's rows, in each shard its own, and clears the losses.
  func startEpoch(_ epoch: Int) {
    for (index, shard) in assignment.ownShards.enumerated() {
      losses[index] = 0
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

  /// Writes this rank's partial gradients of a step to the exchange's slots.
  ///
  /// - Returns: whether every loss is finite.
  func compute(step: Int, at W: UnsafePointer<Float>, into exchange: TreeExchange) -> Bool {
    let before = losses.reduce(0, +)
    for (index, piece) in exchange.pieces.enumerated() {
      _ = sum(piece, step, W, into: exchange.slot(index), level: 0)
    }
    return (losses.reduce(0, +) - before).isFinite
  }

  /// The gradient of the shards of a subtree, added along the tree; false if they have no rows.
  private func sum(
    _ subtree: Range<Int>, _ step: Int, _ W: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, level: Int
  ) -> Bool {
    if subtree.count == 1 {
      return differentiate(
        shard: subtree.lowerBound, step, W, into: gradient, accumulate: false)
    }
    let middle = ReductionTree.split(subtree)
    let right = middle..<subtree.upperBound
    guard sum(subtree.lowerBound..<middle, step, W, into: gradient, level: level + 1) else {
      return sum(right, step, W, into: gradient, level: level + 1)
    }
    if right.count == 1,
      plan.microBatch(shard: middle, step: step).count <= Self.accumulableRows
    {
      _ = differentiate(shard: middle, step, W, into: gradient, accumulate: true)
    } else {
      while spare.count <= level {
        spare.append(AlignedFloats(count: pass.network.parameterCount))
      }
      let other = spare[level].base
      if sum(right, step, W, into: other, level: level + 1) {
        kernels.add(gradient, gradient, other, pass.network.parameterCount)
      }
    }
    return true
  }

  /// Forward and backward over the rows that one shard gives to a step; false if there are none.
  private func differentiate(
    shard: Int, _ step: Int, _ W: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) -> Bool {
    let positions = plan.microBatch(shard: shard, step: step)
    if positions.isEmpty { return false }
    let own = shard - assignment.ownShards.lowerBound
    let count = positions.count
    var wrong = 0
    orders[own].withUnsafeBufferPointer { order in
      let chosen = order.baseAddress! + positions.lowerBound
      pass.load(
        rows.data.base, rows.data.element, rows: chosen, count: count, scaling: rows.scaling)
      targets.gather(rows.targets, rows: chosen, first: 0, count: count)
    }
    pass.forward(W, count: count)
    targets.apply(
      loss, kernels, logits: pass.logits, stride: pass.logitsStride, count: count,
      outputs: pass.network.outputs, lossSum: &losses[own], wrong: &wrong)
    pass.backward(W, count: count, into: gradient, accumulate: accumulate)
    return true
  }

  /// The matrix products of a step alone, for measuring what a step costs beyond them.
  func multiplyOnly(step: Int, at W: UnsafePointer<Float>, into exchange: TreeExchange) {
    for (index, piece) in exchange.pieces.enumerated() {
      for (position, shard) in piece.enumerated() {
        let count = plan.microBatch(shard: shard, step: step).count
        pass.multiplyOnly(
          W, count: count, into: exchange.slot(index),
          accumulate: position % 2 == 1 && count <= Self.accumulableRows)
      }
    }
  }
}
