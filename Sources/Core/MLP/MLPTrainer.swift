import DTrainDist
import KernelTable

/// Trains a network: every rank computes the gradients of its shards, all reduce them along one tree, and
/// all apply the same update.
final class MLPTrainer {
  /// What a rank raises in a step.
  enum Flag {
    static let notFinite: UInt32 = 1
  }

  let network: Network
  let placement: Replica.Placement
  let plan: BatchPlan
  /// Updates made so far, t in MATH.md.
  private(set) var step = 0
  /// Seconds in steps, of these in the exchange, and in evaluations.
  private(set) var secondsTrain = 0.0
  private(set) var secondsCommunication = 0.0
  private(set) var secondsEvaluate = 0.0

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
    self.data = data
    self.network = network
    plan = BatchPlan(shardRows: data.assignment.trainingCounts, batch: configuration.batch)
    placement = try Replica.place(
      count: network.parameterCount, stateVectors: Optimizer.stateVectors(configuration.optimizer),
      scratch: Optimizer.scratch(configuration.optimizer, network),
      shards: data.assignment.shards.count, on: topology, add: kernels.add)
    optimizer = Optimizer(configuration, network: network, placement: placement, kernels: kernels)
    gradients = ShardGradients(
      network: network, loss: data.loss,
      rows: TrainingRows(
        data: data.training, targets: data.trainingTargets, scaling: data.scaling),
      assignment: data.assignment, plan: plan, seed: configuration.seed, kernels: kernels)
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

  private var world: Communicator { placement.topology.world }

  /// Sets the parameters, on every node; collective.
  func setParameters(_ fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    if placement.topology.node.isRoot {
      fill(
        UnsafeMutableBufferPointer(
          start: placement.replica.parameters, count: network.parameterCount))
    }
    placement.exchange.synchronize()
  }

  /// A copy of the parameters.
  var parameters: [Float] {
    Array(
      UnsafeBufferPointer(start: placement.replica.parameters, count: network.parameterCount))
  }

  /// One pass over the training rows.
  ///
  /// - Parameter progress: called after every step with the steps done in this epoch.
  /// - Returns: the mean loss of the rows, each at the parameters of its step.
  /// - Throws: `TrainerError(.diverged)` at the same step on all ranks.
  func trainEpoch(_ epoch: Int, progress: (Int, Double) -> Void) throws -> Double {
    let W = UnsafePointer(placement.replica.parameters)
    let start = MonotonicClock.seconds
    var communication = 0.0
    gradients.startEpoch(epoch)
    for position in 0..<plan.steps {
      let isFinite = gradients.compute(step: position, at: W, into: placement.exchange)
      let computed = MonotonicClock.seconds
      let flags = try optimizer.update(
        step: step, rate: rate.at(step: step), rows: plan.batchRows(step: position),
        mean: configuration.gradient == .mean, flags: isFinite ? 0 : Flag.notFinite,
        skipping: Flag.notFinite, isPresent: presence(at: position))
      communication += MonotonicClock.seconds - computed
      if flags & Flag.notFinite != 0 { throw divergence(epoch: epoch) }
      step += 1
      progress(position + 1, MonotonicClock.seconds - start)
    }
    secondsTrain += MonotonicClock.seconds - start
    secondsCommunication += communication
    return try epochLoss()
  }

  /// Which shards have rows in a step; nil when all have, as usual.
  private func presence(at position: Int) -> ((Int) -> Bool)? {
    plan.isAlwaysPresent
      ? nil : { [plan] in !plan.microBatch(shard: $0, step: position).isEmpty }
  }

  /// The shards' losses, added along the tree.
  private func epochLoss() throws(MPIError) -> Double {
    var losses = [Double](repeating: 0, count: data.assignment.shards.count)
    losses.replaceSubrange(data.assignment.ownShards, with: gradients.losses)
    try world.allReduce(&losses, .sum)
    return ReductionTree.sum(losses) / Double(plan.rows)
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
    var hash = SHA256()
    hash.update(
      UnsafeRawBufferPointer(
        start: placement.replica.parameters, count: network.parameterCount * 4))
    let digests = try world.allGather(hash.digest())
    let all = stride(from: 0, to: digests.count, by: 32).map { Array(digests[$0..<$0 + 32]) }
    let votes = Dictionary(grouping: all.indices) { all[$0] }
    guard votes.count > 1 else { return }
    let hosts = try world.allGather(bytes: Array(MPIRuntime.hostName().utf8))
    // A majority of nodes, not of ranks, names the others; without one all are named.
    let counts = votes.values.map { ranks in
      Set(ranks.map { placement.topology.nodeIndex(of: $0) }).count
    }
    let most = counts.max() ?? 0
    let isClear = counts.count { $0 == most } == 1 && most * 2 > placement.topology.nodeCount
    let majority =
      isClear
      ? votes.values.first { ranks in
        Set(ranks.map { placement.topology.nodeIndex(of: $0) }).count == most
      } ?? [] : []
    let suspects = all.indices.filter { !majority.contains($0) }.map { rank in
      let digest = all[rank].prefix(4).map { String($0, radix: 16) }.joined()
      return "rank \(rank) on \(String(decoding: hosts[rank], as: UTF8.self)) (\(digest))"
    }
    throw world.unanimous(
      TrainerError(
        .replicasDiffer,
        "the copies of the parameters differ after step \(step): "
          + "\(suspects.joined(separator: ", ")) \(isClear ? "against the others" : "disagree"); "
          + "check the memory of these machines"))
  }

  /// Seconds that the matrix products of one step take by themselves, on all ranks at once; the median of
  /// several rounds over the steps of an epoch. Spoils the gradient slots; collective.
  func measureProducts(rounds: Int = 5, steps: Int = 100) throws -> Double {
    let W = UnsafePointer(placement.replica.parameters)
    let count = min(steps, plan.steps)
    var times: [Double] = []
    for round in 0..<rounds + 1 {
      try world.barrier()
      let start = MonotonicClock.seconds
      for position in 0..<count {
        gradients.multiplyOnly(step: position, at: W, into: placement.exchange)
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

  /// The deviation of a layer's initial weights.
  func initialScale(layer: Int, of network: Network) -> Double {
    if let initScale { return initScale }
    if network.layerCount == 2, network.activation != .relu { return 0.01 }
    let gain = network.activation == .relu && layer > 0 ? 2.0 : 1.0
    return (gain / Double(network.sizes[layer])).squareRoot()
  }
}
