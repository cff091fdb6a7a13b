/// How well a network does on a set of rows, exact: every row counts once, on one rank.
public struct Evaluation: Equatable, Sendable {
  /// The rows evaluated.
  public let rows: Int
  /// The loss, summed over the rows; of rows with weights, their weighted mean times their number.
  public let lossSum: Double
  /// Rows whose prediction is wrong; 0 when there are no classes to be wrong about.
  public let wrong: Int
  /// How far predicted numbers are off; nil where targets are no numbers.
  public var regression: Regression?
  /// The fraction of rows predicted right, each counting as much as it weighs; nil unless it is asked for.
  var weightedAccuracy: Double?

  /// The loss per row, each counting as much as it weighs.
  public var loss: Double { lossSum / Double(rows) }
  /// The fraction of rows predicted right.
  public var accuracy: Double { Double(rows - wrong) / Double(rows) }
}

/// How far predicted numbers are off, of each output, in the units of the targets.
public struct Regression: Equatable, Sendable {
  /// The root of the mean squared error.
  public let rootMeanSquaredErrors: [Double]
  /// The mean of the absolute errors.
  public let meanAbsoluteErrors: [Double]
  /// The coefficient of determination, R²: 1 less the squared error as a part of that of the targets' mean. For targets
  /// that are all the same it is 1 without an error, else 0, as scikit-learn has it.
  public let determinations: [Double]

  /// The means over the outputs.
  public var rmse: Double { Self.mean(rootMeanSquaredErrors) }
  /// The mean over the outputs.
  public var mae: Double { Self.mean(meanAbsoluteErrors) }
  /// The mean over the outputs.
  public var r2: Double { Self.mean(determinations) }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }
}

/// Sums of which ``Regression`` is made: for each output and block, so that they are added along the tree.
private struct RegressionSums {
  private let columns: Int
  private let blocks: Int
  /// `[4, outputs, blocks]`: squared errors, absolute errors, targets, squared targets.
  private var sums: [Double]

  init(columns: Int, blocks: Int) {
    (self.columns, self.blocks) = (columns, blocks)
    sums = [Double](repeating: 0, count: 4 * columns * blocks)
  }

  /// Adds the rows of a block, once each or as often as they weigh.
  mutating func add(
    _ outputs: Logits, _ targets: BatchTargets, block: Int, areWeighted: Bool
  ) {
    for row in 0..<outputs.rows {
      let weight = areWeighted ? Double(targets.weights[row]) : 1
      for column in 0..<columns {
        let target = Double(targets.values[row * columns + column])
        let error = Double(outputs.base[row * outputs.stride + column]) - target
        let place = column * blocks + block
        sums[place] += weight * error * error
        sums[columns * blocks + place] += weight * error.magnitude
        sums[2 * columns * blocks + place] += weight * target
        sums[3 * columns * blocks + place] += weight * target * target
      }
    }
  }

  /// The errors of all ranks' rows; collective.
  ///
  /// - Parameters:
  ///   - count: the rows, as often as each was added.
  ///   - factors: what the targets of each output were multiplied by.
  func combined(
    count: Double, factors: [Float]?, among world: Communicator
  ) throws(MPIError) -> Regression {
    var all = sums
    try world.allReduce(&all, .sum)
    func total(_ kind: Int, _ column: Int) -> Double {
      let first = (kind * columns + column) * blocks
      return ReductionTree.sum(Array(all[first..<first + blocks]))
    }
    func unit(_ column: Int) -> Double { factors.map { 1 / Double($0[column]) } ?? 1 }
    return Regression(
      rootMeanSquaredErrors: (0..<columns).map {
        (total(0, $0) / count).squareRoot() * unit($0)
      },
      meanAbsoluteErrors: (0..<columns).map { total(1, $0) / count * unit($0) },
      determinations: (0..<columns).map { column in
        let (error, sum) = (total(0, column), total(2, column))
        let spread = total(3, column) - sum * sum / count
        guard spread > 0 else { return error == 0 ? 1 : 0 }
        return 1 - error / spread
      })
  }
}

/// Rows to evaluate, cut into blocks that are divided among the ranks.
struct EvaluationSet {
  /// The rows that this rank holds, and their targets.
  let data: RowBlock
  private(set) var targets: RowTargets
  /// How much each row counts in the loss; nil where all count the same.
  var weights: [Float]?
  /// Whether it counts as much in how many are wrong, and how far numbers are off.
  var weighsErrors = false
  /// What this rank evaluates: the block's number, and where its rows are in `data`.
  let blocks: [(index: Int, rows: BlockRows)]
  /// Blocks and rows of all ranks.
  let blockCount: Int
  let rowCount: Int

  /// Consecutive rows of `data`, or listed ones.
  struct BlockRows {
    /// The first of consecutive rows; 0 of a list.
    let first: Int
    let count: Int
    /// Where the first of them stands among all rows of the set, on all ranks.
    let position: Int
    /// The rows one by one; nil where they are consecutive.
    var list: [Int32]?
  }

  /// Rows without shards, such as a test set: blocks over all of them, divided evenly.
  static func heldBlocks(of rows: Int, rank: Int, ranks: Int) -> Range<Int> {
    TreeExchange.leaves(of: rank, ranks: ranks, leaves: EvaluationBlock.blocks(in: rows))
  }

  /// The rows of those blocks.
  static func heldRows(of rows: Int, rank: Int, ranks: Int) -> Range<Int> {
    let blocks = heldBlocks(of: rows, rank: rank, ranks: ranks)
    return min(
      blocks.lowerBound * EvaluationBlock.rows, rows)..<min(
        blocks.upperBound * EvaluationBlock.rows, rows)
  }

  /// A test set of which this rank holds `heldRows`.
  init(test data: RowBlock, targets: RowTargets, rows: Int, rank: Int, ranks: Int) {
    self.data = data
    self.targets = targets
    rowCount = rows
    blockCount = EvaluationBlock.blocks(in: rows)
    blocks = Self.heldBlocks(of: rows, rank: rank, ranks: ranks).map { block in
      let first = block * EvaluationBlock.rows
      let count = min(EvaluationBlock.rows, rows - first)
      return (
        block, BlockRows(first: first - data.rows.lowerBound, count: count, position: first)
      )
    }
  }

  /// The training rows, or the validation rows, of an assignment.
  init(
    _ data: RowBlock, targets: RowTargets, weights: [Float]? = nil, assignment: RowAssignment,
    validation: Bool
  ) {
    self.data = data
    self.targets = targets
    self.weights = weights
    let counts = validation ? assignment.validationCounts : assignment.trainingCounts
    rowCount = counts.reduce(0, +)
    blockCount = counts.reduce(0) { $0 + EvaluationBlock.blocks(in: $1) }
    var positions = [0]
    for count in counts { positions.append(positions.last! + count) }
    let own = validation ? assignment.validationBlocks : assignment.trainingBlocks
    blocks = own.map { block in
      let split = assignment.splits[block.shard]!
      let first = split.rows.lowerBound - data.rows.lowerBound
      let listed = validation ? split.validation : split.training
      let list = listed.map { $0[block.positions].map { $0 + Int32(first) } }
      let start = list == nil ? first + block.positions.lowerBound : 0
      return (
        block.index,
        BlockRows(
          first: start, count: block.positions.count,
          position: positions[block.shard] + block.positions.lowerBound, list: list)
      )
    }
  }
}

extension EvaluationSet {
  /// The same rows with scaled targets.
  func scalingTargets(by scaling: ColumnScaling?) -> EvaluationSet {
    var set = self
    set.targets = targets.scaled(by: scaling)
    return set
  }

  /// The blocks, each cut into parts that pass through a network together, in order.
  func parts(for network: Network) -> [(index: Int, rows: BlockRows)] {
    let most = BatchPlan.partRows(of: network)
    return blocks.flatMap { block in
      stride(from: 0, to: block.rows.count, by: most).map {
        (block.index, block.rows.part($0..<min($0 + most, block.rows.count)))
      }
    }
  }
}

extension EvaluationSet.BlockRows {
  /// The place in this rank's rows of one of these.
  func row(_ index: Int) -> Int { list.map { Int($0[index]) } ?? first + index }

  fileprivate func part(_ range: Range<Int>) -> Self {
    let start = list == nil ? first + range.lowerBound : 0
    return Self(
      first: start, count: range.count, position: position + range.lowerBound,
      list: list.map { Array($0[range]) })
  }
}

/// Evaluates networks on sets of rows, all ranks together.
final class Evaluator {
  private let pass: Backpropagation
  private let kernels: KernelTable
  private let loss: Loss
  private let scaling: ColumnScaling
  private let targetScaling: ColumnScaling?

  /// - Parameter targetScaling: of targets that are numbers; nil for others.
  init(
    network: Network, loss: Loss, scaling: ColumnScaling, targetScaling: ColumnScaling?,
    kernels: KernelTable
  ) {
    self.targetScaling = targetScaling
    pass = Backpropagation(
      network: network, capacity: BatchPlan.partRows(of: network), kernels: kernels)
    self.kernels = kernels
    self.loss = loss
    self.scaling = scaling
  }

  /// The loss and errors of a network on all rows of a set, whose targets are scaled; collective over `world`.
  ///
  /// - Parameter review: is told of each row; nil for none.
  /// - Complexity: one all-reduce of three Doubles a block and of two integers; of numbers also one of four Doubles a block
  ///   and output.
  func evaluate(
    _ set: EvaluationSet, parameters: UnsafePointer<Float>, among world: Communicator,
    review: PredictionReview? = nil
  ) throws(MPIError) -> Evaluation {
    // Of each block the loss, the rows as often as they weigh, and those that are wrong.
    var sums = [Double](repeating: 0, count: 3 * set.blockCount)
    var wrong = 0
    var targets = BatchTargets(
      capacity: BatchPlan.partRows(of: pass.network), like: set.targets,
      areWeighted: set.weights != nil)
    var errors = targetScaling.map {
      RegressionSums(columns: $0.factor.count, blocks: set.blockCount)
    }
    let parts = set.parts(for: pass.network)
    for (place, (index, rows)) in parts.enumerated() {
      Activity.advance(place, of: parts.count)
      forward(set, rows, parameters)
      targets.gather(
        set.targets, weights: set.weights, rows: rows.list, first: rows.first, count: rows.count)
      errors?.add(
        logits(count: rows.count), targets, block: index, areWeighted: set.weighsErrors)
      // Before the logits become the gradient in them.
      review?.add(logits(count: rows.count), targets, rows)
      let part = loss.differentiate(logits(count: rows.count), targets, kernels)
      sums[index] += part.loss
      sums[set.blockCount + index] +=
        set.weights == nil
        ? Double(rows.count) : targets.weights[..<rows.count].reduce(0) { $0 + Double($1) }
      sums[2 * set.blockCount + index] += part.wrongWeight
      wrong += part.wrong
    }
    // Adding zeros is exact, so every rank has every block's loss and adds them in the tree's order.
    try world.allReduce(&sums, .sum)
    func total(_ kind: Int) -> Double {
      ReductionTree.sum(Array(sums[(kind * set.blockCount)...].prefix(set.blockCount)))
    }
    let (lossSum, count) = (total(0), total(1))
    return Evaluation(
      rows: set.rowCount,
      lossSum: set.weights == nil ? lossSum : lossSum / count * Double(set.rowCount),
      wrong: try world.allReduce(wrong, .sum),
      regression: try errors?.combined(
        count: set.weighsErrors ? count : Double(set.rowCount), factors: targetScaling?.factor,
        among: world),
      weightedAccuracy: set.weighsErrors && count > 0 ? 1 - total(2) / count : nil)
  }

  /// Computes the logits of a part of a block (see ``EvaluationSet/parts(for:)``); see `logits(count:)`.
  func forward(_ set: EvaluationSet, _ rows: EvaluationSet.BlockRows, _ W: UnsafePointer<Float>) {
    Progress.beat()
    pass.load(
      set.data.base + rows.first * set.data.rowBytes, set.data.element, rows: rows.list,
      count: rows.count, scaling: scaling)
    pass.forward(W, [0..<rows.count])
  }

  /// The outputs of the last `forward`, which was of `count` rows.
  func logits(count: Int) -> Logits { pass.logits(of: 0..<count) }
}
