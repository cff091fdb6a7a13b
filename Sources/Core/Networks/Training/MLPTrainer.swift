import DTrainBase
import DTrainDist
import DTrainRuns
import KernelTable

/// Trains a network: every rank passes forward and back over the rows of its shards, all sum the weight gradients
/// along one tree, and each updates its part of what the node shares.
final class MLPTrainer {
  /// What a rank raises in a step, for all to know after it.
  enum Flag {
    /// A loss is not finite.
    static let notFinite: UInt32 = 1
    /// A signal asks for the end of the run.
    static let stop: UInt32 = 2
    /// The time for a checkpoint has come.
    static let save: UInt32 = 4
  }

  let network: Network
  let placement: Replica.Placement
  let plan: BatchPlan
  /// Updates made so far, t in MATH.md.
  private(set) var step = 0
  /// Seconds in steps, and in evaluations.
  private(set) var secondsTrain = 0.0
  private(set) var secondsEvaluate = 0.0

  /// Of these seconds, those before the checkpoint that the run was resumed from.
  private var earlierCommunication = 0.0

  let kernels: KernelTable
  private let configuration: MLPConfiguration
  private let data: MLPData
  private let gradients: ShardGradients
  private let optimizer: Optimizer
  private let rate: LearningRate
  private let evaluator: Evaluator
  private let trainingSet: EvaluationSet
  private let validationSet: EvaluationSet?

  init(
    _ configuration: MLPConfiguration, data: MLPData, network: Network, topology: NodeTopology,
    kernels: KernelTable
  ) throws {
    self.configuration = configuration
    self.kernels = kernels
    self.data = data
    self.network = network
    plan = BatchPlan(
      shardRows: data.assignment.trainingCounts, batch: configuration.batch,
      partRows: BatchPlan.partRows(of: network))
    let demand = Replica.Demand(
      network: network, stateVectors: Optimizer.stateVectors(configuration.optimizer),
      scratch: Optimizer.scratch(configuration.optimizer, network), plan: plan)
    placement = try Replica.place(demand, on: topology, add: kernels.add)
    optimizer = Optimizer(configuration, network: network, placement: placement, kernels: kernels)
    gradients = ShardGradients(
      network: network, loss: data.loss,
      rows: TrainingRows(
        data: data.training, targets: data.trainingTargets, scaling: data.scaling),
      assignment: data.assignment, plan: plan, seed: configuration.seed,
      node: placement.replica.activations, own: placement.topology.node.rank,
      passes: placement.replica.passes,
      waiting: PartialSumStore(
        own: placement.exchange.ownTiles, of: placement.exchange.tiles, room: demand.sumRoom),
      updated: placement.topology.nodeCount == 1
        ? UnsafePointer(placement.replica.parameters) : nil,
      kernels: kernels)
    rate = configuration.learningRate(steps: plan.steps * configuration.epochs)
    evaluator = Evaluator(
      network: network, loss: data.loss, scaling: data.scaling, kernels: kernels)
    trainingSet = EvaluationSet(
      data.training, targets: data.trainingTargets, assignment: data.assignment, validation: false)
    validationSet =
      configuration.validation > 0
      ? EvaluationSet(
        data.training, targets: data.trainingTargets, assignment: data.assignment, validation: true)
      : nil
  }

  /// The rate of the step last made.
  var lastRate: Double { rate.at(step: step - 1) }

  /// Seconds of training in which this rank waited for others or exchanged messages.
  var secondsCommunication: Double {
    earlierCommunication + placement.exchange.secondsCommunication
  }

  private var world: Communicator { placement.topology.world }

  /// How many of the optimizer's vectors outlive a step.
  var lastingStateVectors: Int { Optimizer.lastingVectors(configuration.optimizer) }

  /// Counts on from a checkpoint.
  func continueFrom(step: Int, seconds: MLPState.Seconds) {
    self.step = step
    secondsTrain = seconds.train
    earlierCommunication = seconds.communication
    secondsEvaluate = seconds.evaluate
  }

  /// Sets the parameters, on every node; collective.
  func setParameters(_ fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    if placement.topology.node.isRoot {
      fill(
        UnsafeMutableBufferPointer(
          start: placement.replica.parameters, count: network.parameterCount))
    }
    placement.exchange.synchronize()
  }

  /// Keeps the present parameters, on the rank that has a place for them.
  func keepParameters(in kept: BestParameters?) throws(TrainerError) {
    try kept?.keep(
      UnsafeBufferPointer(start: placement.replica.parameters, count: network.parameterCount))
  }

  /// Takes the parameters that rank 0 kept; collective.
  func setParameters(from kept: BestParameters?) throws {
    // One rank of a node writes what the node shares.
    let target = placement.topology.node.isRoot ? placement.replica.parameters : nil
    try BestParameters.spread(
      kept, count: network.parameterCount, among: placement.topology.world, into: target)
    placement.exchange.synchronize()
  }

  /// Makes ready for an epoch's steps.
  ///
  /// - Parameter losses: what all shards have lost in it so far; nil at its start.
  func startEpoch(_ epoch: Int, losses: [Double]?) {
    gradients.startEpoch(epoch, losses: losses)
  }

  /// Trains on the steps of an epoch from `first` on; collective.
  ///
  /// - Parameters:
  ///   - raising: what this rank raises in the coming step.
  ///   - stepped: called after every step with the steps done in this epoch and the flags of all ranks;
  ///     says whether to go on.
  /// - Returns: whether the epoch's last step is done.
  /// - Throws: `TrainerError(.diverged)` at the same step on all ranks.
  func train(
    epoch: Int, from first: Int, raising: () -> UInt32,
    stepped: (_ position: Int, _ flags: UInt32) throws -> Bool
  ) throws -> Bool {
    let W = UnsafePointer(placement.replica.parameters)
    for position in first..<plan.steps {
      let start = MonotonicClock.seconds
      gradients.begin(step: position)
      var flags = raising()
      for pass in 0..<gradients.passes {
        if !gradients.differentiate(pass: pass, at: W) { flags |= Flag.notFinite }
        if pass + 1 == gradients.passes { break }
        flags = try placement.exchange.visit(flags: flags, skipping: Flag.notFinite) {
          try gradients.keep(tile: $0)
        }
      }
      flags = try optimizer.update(
        step: step, rate: rate.at(step: step), rows: plan.batchRows(step: position),
        mean: configuration.gradient == .mean, flags: flags, skipping: Flag.notFinite,
        isPresent: presence(at: position)
      ) { shards, tile, gradient in try gradients.sum(shards, tile: tile, into: gradient) }
      if flags & Flag.notFinite != 0 { throw divergence(epoch: epoch) }
      step += 1
      FaultInjection.flipBit(rank: world.rank, step: step) { lastingVectors[$0].values }
      Progress.begin(step: step)
      secondsTrain += MonotonicClock.seconds - start
      guard try stepped(position + 1, flags) else { return false }
    }
    return true
  }

  /// Which shards have rows in a step; nil when all have, as usual.
  private func presence(at position: Int) -> ((Int) -> Bool)? {
    plan.isAlwaysPresent
      ? nil : { [plan] in !plan.microBatch(shard: $0, step: position).isEmpty }
  }

  /// What each of all shards has lost in the epoch so far; collective.
  func shardLosses() throws(MPIError) -> [Double] {
    var losses = [Double](repeating: 0, count: data.assignment.shards.count)
    losses.replaceSubrange(data.assignment.ownShards, with: gradients.losses)
    // Adding zeros is exact.
    try world.allReduce(&losses, .sum)
    return losses
  }

  /// The mean loss of an epoch's rows, each at the parameters of its step, added along the tree; collective.
  func epochLoss() throws(MPIError) -> Double {
    ReductionTree.sum(try shardLosses()) / Double(plan.rows)
  }

  /// The mean loss of this rank's rows in this epoch so far.
  func ownLoss(steps: Int) -> Double {
    let rows = data.assignment.ownShards.reduce(0) {
      $0 + plan.shardRows[$1] * min(steps * plan.batch, plan.rows) / plan.rows
    }
    return rows == 0 ? 0 : gradients.losses.reduce(0, +) / Double(rows)
  }

  /// The error of a loss that is not finite, for all ranks to throw.
  func divergence(epoch: Int) -> AgreedFailure {
    world.unanimous(
      TrainerError(
        .diverged,
        "the loss is not finite at step \(step) (epoch \(epoch)): training diverged; lower "
          + "--learning-rate (now \(configuration.learningRate)), use --warmup, or scale the columns "
          + "(--scale standard)"))
  }

  /// Evaluates on the training, validation and test rows; collective.
  func evaluate() throws -> (training: Evaluation, validation: Evaluation?, test: Evaluation?) {
    let start = MonotonicClock.seconds
    defer { secondsEvaluate += MonotonicClock.seconds - start }
    let W = UnsafePointer(placement.replica.parameters)
    return (
      try evaluator.evaluate(trainingSet, parameters: W, among: world),
      try validationSet.map { try evaluator.evaluate($0, parameters: W, among: world) },
      try data.test.map { try evaluator.evaluate($0, parameters: W, among: world) }
    )
  }

  /// Compares the parameters of all nodes; collective.
  ///
  /// - Throws: `TrainerError(.replicasDiffer)`, naming the nodes in the minority.
  func verifyReplicas() throws {
    guard placement.topology.nodeCount > 1 else { return }
    try ReplicaAgreement.check(
      UnsafeRawBufferPointer(
        start: placement.replica.parameters, count: network.parameterCount * 4),
      what: "parameters after step \(step)", on: placement.topology)
  }

  /// Seconds that the matrix products of one step take by themselves, on all ranks at once; the median of
  /// several rounds over the steps of an epoch; collective.
  func measureProducts(rounds: Int = 5, steps: Int = 100) throws -> Double {
    let W = UnsafePointer(placement.replica.parameters)
    let count = min(steps, plan.steps)
    var times: [Double] = []
    for round in 0..<rounds + 1 {
      try world.barrier()
      let start = MonotonicClock.seconds
      for position in 0..<count {
        gradients.begin(step: position)
        for pass in 0..<gradients.passes {
          gradients.multiplyOnly(pass: pass, at: W)
          placement.exchange.computeOnly { shards, tile, gradient in
            gradients.multiplyOnly(shards, tile: tile, into: gradient)
          }
        }
      }
      let own = (MonotonicClock.seconds - start) / Double(count)
      let slowest = try world.allReduce(own, .maximum)
      if round > 0 { times.append(slowest) }
    }
    return times.sorted()[rounds / 2]
  }
}

extension MLPConfiguration {
  /// The rate of each of `steps` steps.
  func learningRate(steps: Int) -> LearningRate {
    let schedule: LearningRate.Schedule =
      switch self.schedule {
      case .exponential: .exponential(decay: decay)
      case .constant: .constant
      case .step: .step(every: stepEvery, factor: stepFactor)
      case .cosine: .cosine(steps: steps)
      }
    return LearningRate(initial: learningRate, schedule: schedule, warmup: warmup)
  }

  /// The standard deviation of a layer's initial weights.
  func initialScale(layer: Int, of network: Network) -> Double {
    if let initScale { return initScale }
    if network.layerCount == 2, network.activation != .relu { return 0.01 }
    let gain = network.activation == .relu && layer > 0 ? 2.0 : 1.0
    return (gain / Double(network.sizes[layer])).squareRoot()
  }
}
