import KernelTable
import XCTest

@testable import DTrainBase
@testable import DTrainData
@testable import DTrainDist
@testable import DTrainNetworks

/// The gradient of V shards is the tree sum of V micro-batch gradients, each computed alone: that is
/// what makes the number of ranks irrelevant.
final class ShardGradientTests: XCTestCase {
  private struct Setting {
    let sample: GradientCase
    let shards: Int
    let batch: Int
    var partRows = BatchPlan.mostPartRows
    var passes = 1
    /// Sums that may wait in memory; others do in a file.
    var inMemory = 100
    let seed: UInt64 = 5

    var plan: BatchPlan { sample.plan(shards: shards, batch: batch, partRows: partRows) }
    var name: String {
      "\(shards) shards, batch \(batch), parts of \(partRows), \(passes) passes, \(inMemory) in memory"
    }

    /// The memory of a node's ranks.
    func rows(shards: [Range<Int>]) -> NodeRows {
      NodeRows(sample.network, plan, shards: shards, passes: passes)
    }

    var waiting: PartialSumStore {
      let tiles = sample.network.parameterTiles
      return PartialSumStore(
        own: Array(0..<tiles.count), of: tiles, room: inMemory * tiles.elementCount * 4)
    }

    /// The shards of each of some ranks.
    func runs(ranks: Int) -> [Range<Int>] {
      (0..<ranks).map { TreeExchange.leaves(of: $0, ranks: ranks, leaves: shards) }
    }

    /// The gradients of a rank whose node is `node`, in which it stands at `own`.
    func gradients(
      _ kernels: KernelTable, node: NodeRows, own: Int = 0, rank: Int = 0, ranks: Int = 1
    ) -> ShardGradients {
      ShardGradients(
        network: sample.network, loss: sample.loss,
        rows: TrainingRows(data: sample.data, targets: sample.targets, scaling: sample.scaling),
        assignment: sample.assignment(shards: shards, rank: rank, ranks: ranks), plan: plan,
        seed: seed, node: node.parts, own: own, passes: passes, waiting: waiting, updated: nil,
        kernels: kernels)
    }
  }

  /// Micro-batches of a few rows, of none, of more than may be accumulated, and of both kinds; cut into parts, and
  /// in several passes.
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
      Setting(sample: many, shards: 1, batch: 700), Setting(sample: many, shards: 2, batch: 700),
      Setting(sample: many, shards: 2, batch: 700, partRows: 2 * limit, passes: 2),
      Setting(sample: many, shards: 3, batch: 700, partRows: 40, passes: 8, inMemory: 0),
      Setting(sample: many, shards: 7, batch: 130, partRows: 3, passes: 4, inMemory: 1),
      Setting(sample: few, shards: 3, batch: 61, partRows: 4, passes: 2),
      Setting(sample: few, shards: 8, batch: 13, partRows: 1, passes: 16, inMemory: 2),
      Setting(sample: few, shards: 8, batch: 3, partRows: 1, passes: 2, inMemory: 0),
      Setting(sample: few, shards: 64, batch: 50, passes: 4),
      Setting(sample: few, shards: 1, batch: 61, partRows: 1, passes: 64, inMemory: 3),
    ]
  }

  /// One micro-batch alone, the tree sum of its parts; nil without rows.
  private func micro(
    _ setting: Setting, _ shard: Int, epoch: Int, step: Int, _ pass: Backpropagation,
    _ kernels: KernelTable
  ) -> [Float]? {
    let positions = setting.plan.microBatch(shard: shard, step: step)
    if positions.isEmpty { return nil }
    let parts = stride(
      from: positions.lowerBound, to: positions.upperBound, by: setting.partRows
    ).map { $0..<min($0 + setting.partRows, positions.upperBound) }
    return treeSum(
      parts.map { part(setting, shard, $0, epoch: epoch, step: step, pass, kernels) }[...])
  }

  /// One part alone, written to memory full of garbage.
  private func part(
    _ setting: Setting, _ shard: Int, _ positions: Range<Int>, epoch: Int, step: Int,
    _ pass: Backpropagation, _ kernels: KernelTable
  ) -> [Float]? {
    let sample = setting.sample
    let shards = VirtualShards(rows: sample.data.count, count: setting.shards)
    var order = shards.range(of: shard).map(Int32.init)
    var sequence = PhiloxSequence(
      Philox(seed: setting.seed, purpose: .shuffle), stream: UInt64(epoch) << 24 | UInt64(shard))
    order.withUnsafeMutableBufferPointer { sequence.shuffle($0) }
    let rows = Array(order[positions])
    pass.load(
      sample.data.base, sample.data.element, rows: rows, count: rows.count, scaling: sample.scaling)
    pass.forward(sample.parameters, [0..<rows.count])
    var targets = BatchTargets(capacity: rows.count, like: sample.targets)
    targets.gather(sample.targets, rows: rows, first: 0, count: rows.count)
    _ = sample.loss.differentiate(pass.logits(of: 0..<rows.count), targets, kernels)
    pass.backward(sample.parameters, [0..<rows.count])
    var gradient = [Float](repeating: .nan, count: sample.network.parameterCount)
    gradient.withUnsafeMutableBufferPointer { gradient in
      for layer in 0..<sample.network.layerCount {
        let whole = GradientTile(layer: layer, inputs: 0..<sample.network.sizes[layer] + 1)
        whole.multiply(
          pass.activations, rows: 0..<rows.count, outputs: sample.network.sizes[layer + 1],
          into: gradient.baseAddress! + sample.network.offsets[layer], accumulate: false,
          next: nil, kernels)
      }
    }
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
    var nodes: [NodeRows] = []
    for setting in try settings() {
      let (sample, plan) = (setting.sample, setting.plan)
      let node = setting.rows(shards: setting.runs(ranks: 1))
      nodes.append(node)
      let gradients = setting.gradients(kernels, node: node)
      let exchange = try TreeExchange.alone(
        leaves: setting.shards, tiles: sample.network.parameterTiles, kernels: kernels)
      let pass = Backpropagation(
        network: sample.network, capacity: sample.data.count, kernels: kernels)
      for epoch in [0, 3] {
        gradients.startEpoch(epoch)
        for step in 0..<min(plan.steps, 9) {
          let name = "\(setting.name), epoch \(epoch), step \(step)"
          let leaves = (0..<setting.shards).map {
            micro(setting, $0, epoch: epoch, step: step, pass, kernels)
          }
          empty += leaves.count { $0 == nil }
          large += (0..<setting.shards).count {
            plan.microBatch(shard: $0, step: step).count > ShardGradients.accumulableRows
          }
          let gradient = try gradients.gradient(
            step: step, at: sample.parameters, through: exchange, plan)
          let sum = try XCTUnwrap(gradient, name)
          guard let expected = treeSum(leaves[...]) else {
            XCTAssertTrue(sum.allSatisfy(\.isNaN), "\(name): no rows, yet something was passed on")
            continue
          }
          assertSameBits(sum, expected, name)
        }
      }
    }
    withExtendedLifetime(nodes) {}
    XCTAssertGreaterThan(empty, 100)
    XCTAssertGreaterThan(large, 10)
  }

  /// Ranks of one node compute the same tiles from each other's rows; ranks that are nodes of their own
  /// compute partial sums that add up along the tree to the same bits.
  func testRanksTogetherGiveTheSameBits() throws {
    let kernels = try KernelTable.select()
    for setting in try settings() {
      let (sample, plan) = (setting.sample, setting.plan)
      let tiles = sample.network.parameterTiles
      // Some batches of a row or two leave the first steps without any.
      let step = try XCTUnwrap((0..<plan.steps).first { plan.batchRows(step: $0) > 0 })
      // The ranks of a node together, up to the last pass.
      func members(_ node: NodeRows, ranks: Range<Int>, of all: Int) throws -> [ShardGradients] {
        let members = ranks.map {
          setting.gradients(
            kernels, node: node, own: $0 - ranks.lowerBound, rank: $0, ranks: all)
        }
        for member in members {
          member.startEpoch(1)
          member.begin(step: step)
        }
        for pass in 0..<setting.passes {
          for member in members {
            XCTAssertTrue(member.differentiate(pass: pass, at: sample.parameters))
          }
          if pass + 1 == setting.passes { break }
          for member in members {
            for tile in 0..<tiles.count { try member.keep(tile: tile) }
          }
        }
        return members
      }
      let alone = setting.rows(shards: setting.runs(ranks: 1))
      let expected = try members(alone, ranks: 0..<1, of: 1)[0]
        .sum(0..<setting.shards, of: tiles)
      for ranks in [2, 3, 5, 7, 8, 9] {
        let runs = setting.runs(ranks: ranks)
        let node = setting.rows(shards: runs)
        for (rank, member) in try members(node, ranks: 0..<ranks, of: ranks).enumerated() {
          assertSameBits(
            try member.sum(0..<setting.shards, of: tiles), expected,
            "\(setting.name), rank \(rank) of \(ranks)")
        }
        let separate = (0..<ranks).map { setting.rows(shards: [runs[$0]]) }
        let sums = try combined(setting, step: step, tiles, kernels, runs: runs) {
          try members(separate[$0], ranks: $0..<$0 + 1, of: ranks)[0]
        }
        assertSameBits(sums, expected, "\(setting.name), \(ranks) separate ranks")
        withExtendedLifetime((node, separate)) {}
      }
      withExtendedLifetime(alone) {}
    }
  }

  /// The sums of the maximal subtrees of each rank's shards, added along the tree.
  private func combined(
    _ setting: Setting, step: Int, _ tiles: VectorTiles,
    _ kernels: KernelTable, runs: [Range<Int>], _ gradients: (Int) throws -> ShardGradients
  ) throws -> [Float] {
    let tree = ReductionTree(leaves: setting.shards)
    let active = setting.plan.activeShards(step: step)
    var pieces: [Range<Int>] = []
    var sums: [UnsafePointer<Float>] = []
    for (rank, run) in runs.enumerated() {
      let own = try gradients(rank)
      for piece in tree.maximalSubtrees(of: run) {
        let sum =
          active.contains(anyOf: piece)
          ? try own.sum(piece, of: tiles) : [Float](repeating: .nan, count: tiles.elementCount)
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: sum.count)
        memory.initialize(from: sum, count: sum.count)
        pieces.append(piece)
        sums.append(UnsafePointer(memory))
      }
    }
    defer { sums.forEach { $0.deallocate() } }
    let plan = tree.plan(from: pieces, to: [0..<setting.shards], active: active)
    var total = [Float](repeating: .nan, count: tiles.elementCount)
    PlanExecutor(add: kernels.addition).run(plan, inputs: sums, range: 0..<total.count) {
      for index in $1 { total[index] = $2[index - $1.lowerBound] }
    }
    return total
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
      let node = NodeRows(network, plan, shards: [0..<shards])
      defer { withExtendedLifetime(node) {} }
      let gradients = ShardGradients(
        network: network, loss: .squared,
        rows: TrainingRows(
          data: data, targets: .values([Float](repeating: -1, count: rows), columns: 1),
          scaling: try ColumnScaling(.none, of: data, among: .solo)),
        assignment: assignment, plan: plan, seed: 9, node: node.parts, own: 0,
        waiting: .none, updated: nil, kernels: kernels)
      let exchange = try TreeExchange.alone(
        leaves: shards, tiles: network.parameterTiles, kernels: kernels)
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
          let gradient = try gradients.gradient(
            step: step, at: W, through: exchange, plan)
          let sum = try XCTUnwrap(gradient)
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
