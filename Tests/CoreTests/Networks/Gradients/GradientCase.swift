import KernelTable

@testable import DTrainBase
@testable import DTrainData
@testable import DTrainDist
@testable import DTrainNetworks

/// A small training problem with seeded rows, weights and targets, in the program's types and in the
/// reference's.
struct GradientCase {
  /// A loss with the kind of targets it takes.
  enum Output: CaseIterable {
    case sigmoidLabels, sigmoidMatrix, softmaxLabels, squaredValues, huberValues

    var loss: Loss {
      switch self {
      case .sigmoidLabels, .sigmoidMatrix: .sigmoidCrossEntropy
      case .softmaxLabels: .softmaxCrossEntropy
      case .squaredValues: .squared
      case .huberValues: .huber
      }
    }
  }

  let network: Network
  let output: Output
  let parameters: [Float]
  let data: RowBlock
  let scaling: ColumnScaling
  let targets: RowTargets
  /// The scaled rows, exact from the stored ones.
  let X: ReferenceNetwork.Matrix
  let referenceTargets: ReferenceNetwork.Targets

  var loss: Loss { output.loss }
  var reference: ReferenceNetwork {
    ReferenceNetwork(
      sizes: network.sizes, activation: network.activation, parameters: parameters.map(Double.init))
  }

  init(
    sizes: [Int], activation: Activation, output: Output, rows: Int,
    element: StoredElement, seed: UInt64, deviation: Float = 0.7
  ) throws {
    var generator = SeededGenerator(seed: seed)
    network = Network(sizes: sizes, activation: activation)
    self.output = output
    parameters = generator.floats(network.parameterCount, range: deviation)
    let features = sizes[0]
    let count = rows * features
    let stored: [Double]
    switch element {
    case .uint8:
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      data = try RowBlock(copying: bytes, columns: features)
      scaling = try ColumnScaling(.unit, of: data, among: .solo)
      stored = bytes.map(Double.init)
    case .float32:
      let values = generator.floats(count, range: 5)
      data = try RowBlock(copying: values, columns: features)
      scaling = try ColumnScaling(.standard, of: data, among: .solo)
      stored = values.map(Double.init)
    }
    let (shift, factor) = (scaling.shift.map(Double.init), scaling.factor.map(Double.init))
    X = (0..<rows).map { row in
      (0..<features).map { (stored[row * features + $0] - shift[$0]) * factor[$0] }
    }
    let outputs = sizes[sizes.count - 1]
    switch output {
    case .sigmoidLabels, .softmaxLabels:
      let labels = (0..<rows).map { _ in Int32.random(in: 0..<Int32(outputs), using: &generator) }
      targets = .labels(labels)
      referenceTargets = .labels(labels.map(Int.init))
    case .sigmoidMatrix, .squaredValues, .huberValues:
      let values =
        output.loss.fits(.numbers)
        ? generator.floats(rows * outputs, range: 3)
        : (0..<rows * outputs).map { _ in Bool.random(using: &generator) ? Float(1) : 0 }
      targets = .values(values, columns: outputs)
      referenceTargets = .values(
        (0..<rows).map { row in (0..<outputs).map { Double(values[row * outputs + $0]) } })
    }
  }

  /// The rows of rank `rank` of `ranks`, of which none is held out.
  func assignment(shards: Int, rank: Int = 0, ranks: Int = 1, seed: UInt64 = 0) -> RowAssignment {
    RowAssignment(
      shards: VirtualShards(rows: data.count, count: shards), validation: 0, seed: seed,
      rank: rank, ranks: ranks)
  }

  func plan(
    shards: Int, batch: Int, partRows: Int = BatchPlan.mostPartRows
  ) -> BatchPlan {
    BatchPlan(
      shardRows: assignment(shards: shards).trainingCounts, batch: batch, partRows: partRows)
  }
}

/// The memory that the ranks of a node share for the rows of a pass.
final class NodeRows {
  let parts: [NodeActivations]
  private let memory: [AlignedFloats]

  /// For ranks with these shards each, and steps of so many passes.
  init(_ network: Network, _ plan: BatchPlan, shards: [Range<Int>], passes: Int = 1) {
    func rows(_ shards: Range<Int>) -> Int { plan.capacity(shards, passes: passes) }
    let memory = shards.map {
      AlignedFloats(count: Activations.byteCount(network, rows: rows($0)) / 4)
    }
    self.memory = memory
    parts = zip(shards, memory).map { shards, memory in
      let rows = rows(shards)
      let activations = Activations(at: memory.base, network, rows: rows)
      activations.setOnes(network, rows: rows)
      return NodeActivations(shards: shards, activations: activations)
    }
  }
}

extension PartialSumStore {
  /// For steps of one pass, in which none waits.
  static var none: PartialSumStore {
    PartialSumStore(own: [], of: VectorTiles(offsets: [0, 1]), room: 0)
  }
}

extension TreeExchange {
  /// The exchange of one rank alone.
  static func alone(leaves: Int, tiles: VectorTiles, kernels: KernelTable) throws -> TreeExchange {
    switch try setUp(leaves: leaves, tiles: tiles, on: .solo(), add: kernels.addition) {
    case .ready(let exchange): return exchange
    case .unavailable(let reason): throw TrainerError(.inputOutput, reason)
    }
  }

  /// The sum that a step's `reduce` passes on; NaN where nothing is.
  func sum(_ active: ActiveLeaves, _ partial: Partial) throws -> [Float] {
    var total = [Float](repeating: .nan, count: tiles.elementCount)
    _ = try reduce(active: active, partial: partial) { elements, sum in
      for index in elements { total[index] = sum[index - elements.lowerBound] }
    }
    return total
  }
}

extension ShardGradients {
  /// A step's gradient through the program's own path on one rank; nil if a loss is not finite.
  func gradient(
    step: Int, at W: [Float], through exchange: TreeExchange, _ plan: BatchPlan
  ) throws -> [Float]? {
    begin(step: step)
    for pass in 0..<passes {
      guard differentiate(pass: pass, at: W) else { return nil }
      if pass + 1 == passes { break }
      _ = try exchange.visit(flags: 0, skipping: 0) { try keep(tile: $0) }
    }
    return try exchange.sum(plan.activeShards(step: step)) { try sum($0, tile: $1, into: $2) }
  }

  /// The gradient of some shards, all tiles; NaN where they have no rows.
  func sum(_ shards: Range<Int>, of tiles: VectorTiles) throws -> [Float] {
    var total = [Float](repeating: .nan, count: tiles.elementCount)
    try total.withUnsafeMutableBufferPointer { total in
      for tile in 0..<tiles.count {
        try sum(shards, tile: tile, into: total.baseAddress! + tiles.offsets[tile])
      }
    }
    return total
  }
}
