import KernelTable
import XCTest

@testable import DTrainCore
@testable import DTrainDist

/// The gradient of V shards is the tree sum of V micro-batch gradients, each computed alone: that is
/// what makes the number of ranks irrelevant.
final class ShardGradientTests: XCTestCase {
  private struct Setting {
    let sample: GradientCase
    let shards: Int
    let batch: Int
    let seed: UInt64 = 5

    var plan: BatchPlan { sample.plan(shards: shards, batch: batch) }

    func gradients(_ kernels: KernelTable, rank: Int = 0, ranks: Int = 1) -> ShardGradients {
      ShardGradients(
        network: sample.network, loss: sample.loss,
        rows: TrainingRows(data: sample.data, targets: sample.targets, scaling: sample.scaling),
        assignment: sample.assignment(shards: shards, rank: rank, ranks: ranks), plan: plan,
        seed: seed, kernels: kernels)
    }
  }

  /// Micro-batches of a few rows, of none, of more than may be accumulated, and of both kinds.
  private func settings() throws -> [Setting] {
    func sample(_ sizes: [Int], _ rows: Int, _ element: StoredElement) throws -> GradientCase {
      try GradientCase(
        sizes: sizes, activation: .tanh, output: .softmaxLabels, rows: rows, element: element,
        seed: 11)
    }
    let few = try sample([19, 24, 7], 61, .float32)
    let many = try sample([40, 33, 10], 700, .uint8)
    let limit = ShardGradients.accumulableRows
    return [
      Setting(sample: few, shards: 1, batch: 20), Setting(sample: few, shards: 2, batch: 20),
      Setting(sample: few, shards: 3, batch: 7), Setting(sample: few, shards: 5, batch: 4),
      Setting(sample: few, shards: 8, batch: 3), Setting(sample: few, shards: 8, batch: 1),
      Setting(sample: few, shards: 64, batch: 13),
      Setting(sample: many, shards: 2, batch: 2 * limit),
      Setting(sample: many, shards: 2, batch: 2 * limit + 1),
      Setting(sample: many, shards: 3, batch: 3 * limit + 20),
      Setting(sample: many, shards: 4, batch: 700), Setting(sample: many, shards: 7, batch: 130),
    ]
  }

  /// One micro-batch alone, written to memory full of garbage; nil without rows.
  private func micro(
    _ setting: Setting, _ shard: Int, epoch: Int, step: Int, _ pass: Backpropagation,
    _ kernels: KernelTable
  ) -> [Float]? {
    let positions = setting.plan.microBatch(shard: shard, step: step)
    if positions.isEmpty { return nil }
    let sample = setting.sample
    let shards = VirtualShards(rows: sample.data.count, count: setting.shards)
    var order = shards.range(of: shard).map(Int32.init)
    var sequence = PhiloxSequence(
      Philox(seed: setting.seed, purpose: .shuffle), stream: UInt64(epoch) << 24 | UInt64(shard))
    order.withUnsafeMutableBufferPointer { sequence.shuffle($0) }
    let rows = Array(order[positions])
    pass.load(
      sample.data.base, sample.data.element, rows: rows, count: rows.count, scaling: sample.scaling)
    pass.forward(sample.parameters, count: rows.count)
    var targets = BatchTargets(capacity: rows.count, like: sample.targets)
    targets.gather(sample.targets, rows: rows, first: 0, count: rows.count)
    var (loss, wrong) = (0.0, 0)
    targets.apply(
      sample.loss, kernels, logits: pass.logits, stride: pass.logitsStride, count: rows.count,
      outputs: sample.network.outputs, lossSum: &loss, wrong: &wrong)
    var gradient = [Float](repeating: .nan, count: sample.network.parameterCount)
    pass.backward(sample.parameters, count: rows.count, into: &gradient, accumulate: false)
    return gradient
  }

  /// The sum of what is there along the tree that splits at the largest power of two below the count.
  private func treeSum(_ leaves: ArraySlice<[Float]?>) -> [Float]? {
    if leaves.count == 1 { return leaves.first! }
    var power = 1
    while power * 2 < leaves.count { power *= 2 }
    let left = treeSum(leaves.prefix(power))
    let right = treeSum(leaves.dropFirst(power))
    guard let left, let right else { return left ?? right }
    return zip(left, right).map { $0 + $1 }
  }

  private func assertSameBits(_ a: [Float], _ b: [Float], _ name: String) {
    XCTAssertTrue(a.map(\.bitPattern) == b.map(\.bitPattern), name)
  }

  func testGradientIsTreeSumOfMicroBatches() throws {
    let kernels = try KernelTable.select()
    var (empty, large) = (0, 0)
    for setting in try settings() {
      let (sample, plan) = (setting.sample, setting.plan)
      let gradients = setting.gradients(kernels)
      let exchange = try TreeExchange.alone(
        leaves: setting.shards, count: sample.network.parameterCount, kernels: kernels)
      let pass = Backpropagation(
        network: sample.network, capacity: sample.data.count, kernels: kernels)
      for epoch in [0, 3] {
        gradients.startEpoch(epoch)
        for step in 0..<min(plan.steps, 9) {
          let name =
            "\(setting.shards) shards, batch \(setting.batch), epoch \(epoch), step \(step)"
          let leaves = (0..<setting.shards).map {
            micro(setting, $0, epoch: epoch, step: step, pass, kernels)
          }
          empty += leaves.count { $0 == nil }
          large += (0..<setting.shards).count {
            plan.microBatch(shard: $0, step: step).count > ShardGradients.accumulableRows
          }
          XCTAssertTrue(gradients.compute(step: step, at: sample.parameters, into: exchange), name)
          let sum = try exchange.sum(isPresent: plan.isAlwaysPresent ? nil : plan.presence(step))
          guard let expected = treeSum(leaves[...]) else {
            XCTAssertTrue(sum.allSatisfy(\.isNaN), "\(name): no rows, yet something was passed on")
            continue
          }
          assertSameBits(sum, expected, name)
        }
      }
    }
    XCTAssertGreaterThan(empty, 100)
    XCTAssertGreaterThan(large, 10)
  }

  /// What N ranks write to their slots, added along the tree, has the bits of what one rank passes on.
  func testRanksTogetherGiveTheSameBits() throws {
    let kernels = try KernelTable.select()
    for setting in try settings() {
      let (sample, plan) = (setting.sample, setting.plan)
      let count = sample.network.parameterCount
      let tree = ReductionTree(leaves: setting.shards)
      let alone = try TreeExchange.alone(leaves: setting.shards, count: count, kernels: kernels)
      let single = setting.gradients(kernels)
      single.startEpoch(1)
      _ = single.compute(step: 0, at: sample.parameters, into: alone)
      let expected = try alone.sum(isPresent: plan.presence(0))
      for ranks in [2, 3, 5, 7, 8, 9] {
        var slots: [[Float]] = []
        var pieces: [Range<Int>] = []
        for rank in 0..<ranks {
          let exchange = try TreeExchange.alone(
            leaves: setting.shards, count: count, kernels: kernels, rank: rank, ranks: ranks)
          let gradients = setting.gradients(kernels, rank: rank, ranks: ranks)
          gradients.startEpoch(1)
          _ = gradients.compute(step: 0, at: sample.parameters, into: exchange)
          for (index, piece) in exchange.pieces.enumerated() {
            pieces.append(piece)
            slots.append(Array(UnsafeBufferPointer(start: exchange.slot(index), count: count)))
          }
        }
        let plan = tree.plan(
          from: pieces, to: [0..<setting.shards], isPresent: plan.presence(0))
        var sum = [Float](repeating: .nan, count: count)
        let addresses = slots.map { slot in
          let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
          memory.initialize(from: slot, count: count)
          return UnsafePointer(memory)
        }
        PlanExecutor(add: kernels.add).run(plan, inputs: addresses, range: 0..<count) {
          for index in $1 { sum[index] = $2[index - $1.lowerBound] }
        }
        addresses.forEach { $0.deallocate() }
        let same = sum.map(\.bitPattern) == expected.map(\.bitPattern)
        XCTAssertTrue(
          same || expected.allSatisfy(\.isNaN) && sum.allSatisfy(\.isNaN),
          "\(setting.shards) shards, batch \(setting.batch), \(ranks) ranks")
      }
    }
  }

  /// 1,001 rows, B = 50, V = 8: nothing divides, and each epoch still uses every row exactly once, in
  /// the steps and shards that the plan says, in another order each epoch.
  ///
  /// Row r has its one feature in column r, weights are 0 and targets -1, so that each row adds exactly
  /// 1 to its own element of the gradient.
  func testEpochUsesEveryRowOnce() throws {
    let kernels = try KernelTable.select()
    let (rows, shards) = (1001, 8)
    var values = [UInt8](repeating: 0, count: rows * rows)
    for row in 0..<rows { values[row * rows + row] = 1 }
    let data = try RowBlock(copying: values, columns: rows)
    let network = Network(sizes: [rows, 1], activation: .tanh)
    let virtual = VirtualShards(rows: rows, count: shards)
    for validation in [0, 0.1] {
      let assignment = RowAssignment(
        shards: virtual, validation: validation, seed: 9, rank: 0, ranks: 1)
      let plan = BatchPlan(shardRows: assignment.trainingCounts, batch: 50)
      let gradients = ShardGradients(
        network: network, loss: .squared,
        rows: TrainingRows(
          data: data, targets: .values([Float](repeating: -1, count: rows), columns: 1),
          scaling: try ColumnScaling(.none, of: data, among: .solo)),
        assignment: assignment, plan: plan, seed: 9, kernels: kernels)
      let exchange = try TreeExchange.alone(
        leaves: shards, count: network.parameterCount, kernels: kernels)
      let held = Set(
        assignment.splits.values.flatMap { split in
          split.validation.map { split.rows.lowerBound + Int($0) }
        })
      XCTAssertEqual(held.count, rows - plan.rows)
      XCTAssertEqual(held.isEmpty, validation == 0)
      let W = [Float](repeating: 0, count: network.parameterCount)
      var firstSteps: [[Int]] = []
      for epoch in 0..<3 {
        var uses = [Int](repeating: 0, count: rows)
        gradients.startEpoch(epoch)
        for step in 0..<plan.steps {
          XCTAssertTrue(gradients.compute(step: step, at: W, into: exchange))
          let sum = try exchange.sum(isPresent: plan.isAlwaysPresent ? nil : plan.presence(step))
          XCTAssertEqual(Int(sum[rows]), plan.batchRows(step: step))
          let used = (0..<rows).filter { sum[$0] != 0 }
          XCTAssertTrue(used.allSatisfy { sum[$0] == 1 })
          for shard in 0..<shards {
            XCTAssertEqual(
              used.count { virtual.range(of: shard).contains($0) },
              plan.microBatch(shard: shard, step: step).count)
          }
          for row in used { uses[row] += 1 }
          if step == 0 { firstSteps.append(used) }
        }
        XCTAssertEqual(uses, (0..<rows).map { held.contains($0) ? 0 : 1 })
      }
      XCTAssertEqual(Set(firstSteps).count, 3, "epochs share an order")
    }
  }
}
