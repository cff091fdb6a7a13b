import KernelTable

@testable import DTrainCore
@testable import DTrainDist

/// A small training problem with seeded rows, weights and targets, in the program's types and in the
/// reference's.
struct GradientCase {
  /// A loss with the kind of targets it takes.
  enum Output: CaseIterable {
    case sigmoidLabels, sigmoidMatrix, softmaxLabels, squaredLabels, squaredValues

    var loss: LossFunction {
      switch self {
      case .sigmoidLabels, .sigmoidMatrix: .sigmoidCrossEntropy
      case .softmaxLabels: .softmaxCrossEntropy
      case .squaredLabels, .squaredValues: .squared
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

  var loss: LossFunction { output.loss }
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
    case .sigmoidLabels, .softmaxLabels, .squaredLabels:
      let labels = (0..<rows).map { _ in Int32.random(in: 0..<Int32(outputs), using: &generator) }
      targets = .labels(labels)
      referenceTargets = .labels(labels.map(Int.init))
    case .sigmoidMatrix, .squaredValues:
      let values =
        output == .squaredValues
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

  func plan(shards: Int, batch: Int) -> BatchPlan {
    BatchPlan(shardRows: assignment(shards: shards).trainingCounts, batch: batch)
  }
}

extension BatchPlan {
  /// Which shards have rows in a step.
  func presence(_ step: Int) -> (Int) -> Bool {
    { shard in !microBatch(shard: shard, step: step).isEmpty }
  }
}

extension TreeExchange {
  /// The exchange of one rank alone, or of a rank that only pretends to have others.
  static func alone(
    leaves: Int, count: Int, kernels: KernelTable, rank: Int = 0, ranks: Int = 1
  ) throws -> TreeExchange {
    let topology =
      ranks == 1
      ? NodeTopology.solo()
      : NodeTopology(
        world: .pretended(rank: rank, size: ranks), node: .solo, nodeIndex: rank,
        nodeSizes: [Int](repeating: 1, count: ranks))
    switch try setUp(leaves: leaves, count: count, on: topology, add: kernels.add) {
    case .ready(let exchange): return exchange
    case .unavailable(let reason): throw TrainerError(.inputOutput, reason)
    }
  }

  /// The sum that a step's `reduce` passes on.
  func sum(isPresent: ((Int) -> Bool)?) throws -> [Float] {
    var total = [Float](repeating: .nan, count: count)
    _ = try reduce(isPresent: isPresent) { elements, sum in
      for index in elements { total[index] = sum[index - elements.lowerBound] }
    }
    return total
  }
}

extension Communicator {
  /// A rank of a group that is not there: collectives see this process alone.
  static func pretended(rank: Int, size: Int) -> Communicator {
    Communicator(handle: nil, rank: rank, size: size)
  }
}
