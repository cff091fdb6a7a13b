import DTrainBase
import DTrainDist
import KernelTable

/// Turns the sums of an exchange into updates of the replica, on each rank those of its tiles.
///
/// Only plain arithmetic in our own code, so that every node's copy gets the same bits.
final class Optimizer {
  private let kind: MLPConfiguration.Optimizer
  private let momentum: Float
  private let weightDecay: Float
  private let network: Network
  private let replica: Replica
  private let exchange: TreeExchange
  private let topology: NodeTopology
  private let kernels: KernelTable

  /// AdamW's second-moment factor and denominator offset (I. Loshchilov, F. Hutter, 2019), and LARS's
  /// trust coefficient (Y. You, I. Gitman, B. Ginsburg, 2017): the authors' values.
  private static let beta2 = 0.999
  private static let epsilon: Float = 1e-8
  private static let trust = 0.001

  init(
    _ configuration: MLPConfiguration, network: Network, placement: Replica.Placement,
    kernels: KernelTable
  ) {
    kind = configuration.optimizer
    momentum = Float(configuration.momentum)
    weightDecay = Float(configuration.weightDecay)
    self.network = network
    replica = placement.replica
    exchange = placement.exchange
    topology = placement.topology
    self.kernels = kernels
  }

  /// Vectors of state that an optimizer keeps beside the parameters.
  static func stateVectors(_ kind: MLPConfiguration.Optimizer) -> Int {
    switch kind {
    case .sgd: 0
    case .momentum, .nesterov: 1
    case .adamw, .lars: 2
    }
  }

  /// How many of them, from the first, outlive a step.
  static func lastingVectors(_ kind: MLPConfiguration.Optimizer) -> Int {
    // The second of LARS holds the gradient while a step needs it.
    kind == .lars ? 1 : stateVectors(kind)
  }

  /// Doubles of scratch: a norm of parameters and one of gradients for each block.
  static func scratch(_ kind: MLPConfiguration.Optimizer, _ network: Network) -> Int {
    kind == .lars ? 2 * normBlocks(network).count : 0
  }

  /// Sums the ranks' partial gradients and applies one update; collective.
  ///
  /// - Parameters:
  ///   - step: t, from 0.
  ///   - rows: the rows in the batch.
  ///   - skipping: flags that prevent the update.
  ///   - partial: computes a tile of the gradient of some shards.
  /// - Throws: `MPIError`, and what `partial` throws.
  /// - Returns: the flags of all ranks.
  func update(
    step: Int, rate: Double, rows: Int, mean: Bool, flags: UInt32, skipping: UInt32,
    isPresent: ((Int) -> Bool)?, partial: TreeExchange.Partial
  ) throws -> UInt32 {
    let rate = Float(rate)
    let scale: Float = mean ? 1 / Float(rows) : 1
    let W = replica.parameters
    func reduce(_ update: TreeExchange.Update) throws -> UInt32 {
      try exchange.reduce(
        flags: flags, isPresent: isPresent, skipping: skipping, partial: partial, update: update)
    }
    func apply(_ kernel: KernelTable.Update, _ coefficients: [Float]) throws -> UInt32 {
      try reduce {
        kernel(
          parameters: W, gradient: $1, state: replica.state, elements: $0, rate: rate, scale: scale,
          decay: weightDecay, coefficients: coefficients)
      }
    }
    switch kind {
    case .sgd:
      return try apply(kernels.updates.sgd, [])
    case .momentum:
      return try apply(kernels.updates.momentum, [momentum])
    case .nesterov:
      return try apply(kernels.updates.nesterov, [momentum])
    case .adamw:
      let beta1 = Double(momentum)
      let t = Double(step + 1)
      let correction1 = Float(1 / (1 - Self.power(beta1, t)))
      let correction2 = Float(1 / (1 - Self.power(Self.beta2, t)))
      return try apply(
        kernels.updates.adamW,
        [
          momentum, Float(Self.beta2), Float(1 - beta1), Float(1 - Self.beta2), correction1,
          correction2, Self.epsilon,
        ])
    case .lars:
      let gradient = replica.state[1]
      let flags = try reduce {
        (gradient + $0.lowerBound).update(from: $1, count: $0.count)
      }
      // A step without rows leaves no gradient, only that of an earlier one.
      if flags & skipping == 0, rows > 0 { updateLayerwise(rate: rate, scale: scale) }
      return flags
    }
  }

  /// base^exponent for base in [0, 1).
  private static func power(_ base: Double, _ exponent: Double) -> Double {
    base == 0 ? 0 : PortableMath.exp(exponent * PortableMath.log(base))
  }

  // MARK: LARS

  /// The blocks over which norms are summed: fixed parts of each layer, so that the order of additions
  /// does not depend on the number of ranks.
  private static func normBlocks(_ network: Network) -> [(layer: Int, elements: Range<Int>)] {
    let length = 4096
    return (0..<network.layerCount).flatMap { layer in
      let range = network.range(of: layer)
      return stride(from: range.lowerBound, to: range.upperBound, by: length).map {
        (layer, $0..<min($0 + length, range.upperBound))
      }
    }
  }

  /// Scales each layer's gradient by trust·‖W‖ / (‖g‖ + decay·‖W‖), then takes a step with momentum.
  private func updateLayerwise(rate: Float, scale: Float) {
    let (W, gradient) = (replica.parameters, replica.state[1])
    let blocks = Self.normBlocks(network)
    let squares = replica.scratch
    let own = TreeExchange.leaves(
      of: topology.node.rank, ranks: topology.node.size, leaves: blocks.count)
    for index in own {
      let elements = blocks[index].elements
      squares[2 * index] = kernels.squaredNorm(W + elements.lowerBound, count: elements.count)
      squares[2 * index + 1] = kernels.squaredNorm(
        gradient + elements.lowerBound, count: elements.count)
    }
    exchange.synchronize()
    let slice = NodeTopology.slice(
      topology.node.rank, of: topology.node.size, count: network.parameterCount, alignment: 16)
    for layer in 0..<network.layerCount {
      var (weights, gradients) = (0.0, 0.0)
      for (index, block) in blocks.enumerated() where block.layer == layer {
        weights += squares[2 * index]
        gradients += squares[2 * index + 1]
      }
      weights = weights.squareRoot()
      gradients = gradients.squareRoot() * Double(scale)
      let denominator = gradients + Double(weightDecay) * weights
      let ratio = Float(weights > 0 && denominator > 0 ? Self.trust * weights / denominator : 1)
      let elements = slice.clamped(to: network.range(of: layer))
      if elements.isEmpty { continue }
      kernels.updates.momentum(
        parameters: W, gradient: gradient + elements.lowerBound, state: replica.state,
        elements: elements, rate: rate, scale: ratio * scale, decay: ratio * weightDecay,
        coefficients: [momentum])
    }
    exchange.synchronize()
  }
}
