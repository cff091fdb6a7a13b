/// How an update of the parameters follows from their gradient: plain arithmetic, so that every node's copy gets the
/// same bits.
public struct UpdateRule: Choice {
  /// Those there are.
  public static let all: [UpdateRule] = [
    .sgd,
    .momentum,
    .nesterov,
    .adam,
    .adamw,
    .lars,
  ]

  /// What it is called on the command line and in files.
  public let name: String
  /// The options that it reads beside the learning rate and `weightDecay`.
  public internal(set) var uses: [String] = []
  /// Vectors of state that it keeps beside the parameters, zeros before the first step.
  var stateVectors = 0
  /// How many of them, from the last, it needs within a step only.
  var passingVectors = 0
  /// Doubles of scratch that it needs for a network.
  var scratch: @Sendable (Network) -> Int = { _ in 0 }
  /// The learning rate that suits it where none is asked for, of the mean gradient of a batch.
  var standardRate = 0.384
  /// The same for rows that are no images, where it is another one.
  var tableRate: Double?
  /// Whether its updates are as large as the gradient is, so that the rate depends on what the loss adds up.
  var followsSize = true
  /// Its arithmetic in a step; what is the same for all parameters is computed here, once.
  let update: @Sendable (UpdateStep) -> Update

  /// A rule that a kernel is.
  ///
  /// - Parameter coefficients: the rule's own numbers in a step, in the order that the kernel states.
  static func kernel(
    _ name: String, uses: [String] = [], stateVectors: Int = 0,
    _ kernel: @escaping @Sendable (KernelTable) -> KernelTable.Update,
    coefficients: @escaping @Sendable (UpdateStep) -> [Float] = { _ in [] }
  ) -> UpdateRule {
    UpdateRule(name: name, uses: uses, stateVectors: stateVectors) { step in
      let (kernel, coefficients) = (kernel(step.kernels), coefficients(step))
      let (W, state, rate) = (step.parameters, step.state, step.rate)
      let (scale, decay) = (step.scale, step.weightDecay)
      return Update { elements, gradient in
        kernel(
          parameters: W, gradient: gradient, state: state, elements: elements, rate: rate,
          scale: scale, decay: decay, coefficients: coefficients)
      }
    }
  }

  /// The same, with a learning rate of its own.
  func rated(_ rate: Double, tables: Double? = nil, followsSize: Bool = true) -> UpdateRule {
    var rule = self
    (rule.standardRate, rule.tableRate, rule.followsSize) = (rate, tables, followsSize)
    return rule
  }

  /// The vectors of state that a checkpoint holds, from the first.
  var lastingVectors: Int { stateVectors - passingVectors }

  /// What a rule does in one step. The parameters are divided among the ranks of a node.
  struct Update {
    /// Takes consecutive elements of the gradient, summed over the batch; each element comes once.
    let apply: (_ elements: Range<Int>, _ gradient: UnsafePointer<Float>) -> Void
    /// What remains to be done after that, in turn: each rank of the node does its part of a pass, `part` of `parts`,
    /// when all have finished what comes before it.
    var passes: [(_ part: Int, _ parts: Int) -> Void] = []
  }
}

/// What an update rule works on in a step.
struct UpdateStep {
  let configuration: MLPConfiguration
  let network: Network
  /// What the node shares: the parameters, the rule's vectors of state, and its scratch.
  let parameters: UnsafeMutablePointer<Float>
  let state: [UnsafeMutablePointer<Float>]
  let scratch: UnsafeMutablePointer<Double>
  let kernels: KernelTable
  /// The number of the step, from 1.
  let number: Int
  /// The learning rate.
  let rate: Float
  /// The rows of the batch.
  let rows: Int

  /// What the summed gradient is multiplied by.
  var scale: Float { configuration.gradient == .mean ? 1 / Float(rows) : 1 }
  var momentum: Float { Float(configuration.momentum) }
  var weightDecay: Float { Float(configuration.weightDecay) }
}
