/// Trains a network: every rank passes forward and back over the rows of its shards, all sum the weight gradients
/// along one tree, and each updates its part of what the node shares.
final class MLPTrainer {
  let network: Network
  let placement: Replica.Placement
  let plan: BatchPlan
  /// Seconds of what a run does.
  struct Seconds {
    let train: Double, evaluate: Double, communication: Double
  }

  /// Updates made so far, t in `docs/MATH.md`.
  private(set) var step = 0
  /// Seconds in steps, and in evaluations.
  private(set) var secondsTrain = 0.0
  private(set) var secondsEvaluate = 0.0

  /// Of these seconds, those before the checkpoint that the run was resumed from.
  private var earlierCommunication = 0.0
  private var earlierTraining = 0.0

  let kernels: KernelTable
  let configuration: MLPConfiguration
  private let data: MLPData
  let gradients: ShardGradients
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
      network: network, stateVectors: configuration.optimizer.stateVectors,
      scratch: configuration.optimizer.scratch(network), plan: plan)
    placement = try Replica.place(demand, on: topology, add: kernels.addition)
    gradients = ShardGradients(
      network: network, loss: data.loss,
      rows: TrainingRows(
        data: data.training, targets: data.trainingTargets, weights: data.weights,
        scaling: data.scaling),
      assignment: data.assignment, plan: plan, seed: configuration.seed,
      node: placement.replica.activations, own: placement.topology.node.rank,
      passes: placement.replica.passes,
      waiting: PartialSumStore(
        own: placement.exchange.ownTiles, of: placement.exchange.tiles, room: demand.sumRoom),
      updated: placement.topology.nodeCount == 1
        ? UnsafePointer(placement.replica.parameters) : nil,
      kernels: kernels)
    rate = LearningRate(
      configuration: configuration, steps: plan.steps * configuration.epochs)
    evaluator = Evaluator(
      network: network, loss: data.loss, scaling: data.scaling,
      targetScaling: data.targetScaling, kernels: kernels)
    func rows(validation: Bool) -> EvaluationSet {
      EvaluationSet(
        data.training, targets: data.trainingTargets, weights: data.weights,
        assignment: data.assignment, validation: validation)
    }
    trainingSet = rows(validation: false)
    validationSet = configuration.validation > 0 ? rows(validation: true) : nil
  }

  /// The rate of the step last made.
  var lastRate: Double { rate.at(step: step - 1) }

  /// Seconds of training in which this rank waited for others or exchanged messages.
  var secondsCommunication: Double {
    let exchange = placement.exchange
    return earlierCommunication + exchange.secondsWaiting + exchange.secondsExchanging
  }

  /// What the steps of this process took.
  var ownSeconds: RankSeconds {
    RankSeconds(
      train: secondsTrain - earlierTraining, waiting: placement.exchange.secondsWaiting,
      messages: placement.exchange.secondsExchanging)
  }

  private var world: Communicator { placement.topology.world }

  /// The node's copy of the parameters.
  var parameters: UnsafeMutableBufferPointer<Float> {
    .init(start: placement.replica.parameters, count: network.parameterCount)
  }

  /// Counts on from a checkpoint.
  func continueFrom(step: Int, seconds: Seconds) {
    self.step = step
    secondsTrain = seconds.train
    earlierTraining = seconds.train
    earlierCommunication = seconds.communication
    secondsEvaluate = seconds.evaluate
  }

  /// Random weights, the same on every node, or those of a model; collective.
  ///
  /// - Throws: `TrainerError(.badData)` on all ranks, where the model is of another shape.
  func setInitialParameters(from model: InitialModel?) throws {
    if let model {
      try world.agree { try model.check(network, hasClasses: configuration.classes != nil) }
      return setParameters { _ = $0.update(fromContentsOf: model.parameters) }
    }
    let generator = Philox(seed: configuration.seed, purpose: .initialWeights)
    setParameters { parameters in
      for layer in 0..<network.layerCount {
        NormalDistribution.fill(
          UnsafeMutableBufferPointer(rebasing: parameters[network.range(of: layer)]),
          scale: configuration.initialScale(layer: layer, of: network), generator: generator,
          first: network.offsets[layer])
      }
    }
  }

  /// Sets the parameters, on every node; collective.
  func setParameters(_ fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    if placement.topology.node.isRoot { fill(parameters) }
    placement.exchange.synchronize()
  }

  /// Takes the parameters that rank 0 kept; collective.
  func setParameters(from kept: BestParameters?) throws {
    // One rank of a node writes what the node shares.
    let target = placement.topology.node.isRoot ? placement.replica.parameters : nil
    try BestParameters.spread(kept, count: network.parameterCount, among: world, into: target)
    placement.exchange.synchronize()
  }

  /// Trains on a step of an epoch; collective.
  ///
  /// - Parameters:
  ///   - position: the step, from 0.
  ///   - raised: what this rank raises.
  /// - Returns: what any rank raised.
  /// - Throws: `TrainerError(.diverged)` on all ranks.
  func train(step position: Int, ofEpoch epoch: Int, raising raised: RankSignals) throws
    -> RankSignals
  {
    let span = Span(.step)
    let W = UnsafePointer(placement.replica.parameters)
    let skipping = RankSignals.notFinite.rawValue
    gradients.begin(step: position)
    var flags = raised.rawValue
    for pass in 0..<gradients.passes {
      if !gradients.differentiate(pass: pass, at: W) { flags |= skipping }
      if pass + 1 == gradients.passes { break }
      flags = try placement.exchange.visit(flags: flags, skipping: skipping) {
        let part = Span.detail(.backward)
        try gradients.keep(tile: $0)
        part.end()
      }
    }
    let update = update(at: position)
    flags = try placement.exchange.reduce(
      flags: flags, active: plan.activeShards(step: position), skipping: skipping,
      partial: {
        let part = Span.detail(.backward)
        try gradients.sum($0, tile: $1, into: $2)
        part.end()
      },
      update: {
        let part = Span.detail(.update)
        update.apply($0, $1)
        part.end()
      })
    let signals = RankSignals(rawValue: flags)
    if signals.contains(.notFinite) { throw divergence(epoch: epoch) }
    for pass in update.passes {
      let part = Span.detail(.update)
      pass(placement.topology.node.rank, placement.topology.node.size)
      placement.exchange.synchronize()
      part.end()
    }
    step += 1
    FaultInjection.flipBit(rank: world.rank, step: step) { lastingVectors[$0].values }
    Progress.begin(step: step)
    secondsTrain += span.end()
    return signals
  }

  /// What the next step does with its gradient.
  private func update(at position: Int) -> UpdateRule.Update {
    configuration.optimizer.update(
      UpdateStep(
        configuration: configuration, network: network, parameters: placement.replica.parameters,
        state: placement.replica.state, scratch: placement.replica.scratch, kernels: kernels,
        number: step + 1, rate: Float(rate.at(step: step)), rows: plan.batchRows(step: position)))
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

  /// The mean loss of this rank's rows in this epoch so far; nil where it has no rows.
  func ownLoss(steps: Int) -> Double? {
    let rows = data.assignment.ownShards.reduce(0) {
      $0 + plan.shardRows[$1] * min(steps * plan.batch, plan.rows) / plan.rows
    }
    return rows == 0 ? nil : gradients.losses.reduce(0, +) / Double(rows)
  }

  /// A rate this many times the usual one is too high for numbers of any size.
  private static let highRate = 100.0

  /// The error of a training that diverged, for all ranks to throw; what to do depends on what was asked for.
  ///
  /// - Parameter loss: the mean loss of the training rows; nil where it is not finite.
  func divergence(epoch: Int, loss: Double? = nil) -> AgreedFailure {
    let sign = loss.map {
      "the loss is \($0) a row, far above that of the same prediction for all rows,"
    }
    let usual = configuration.standardRate(of: data.targets)
    let lower =
      "lower \(parameter: "learning_rate") (now \(configuration.learningRate); the standard one is \(usual) here)"
    // What is likelier comes first: numbers of any size, to which no rate that is usual can fit.
    var remedies: [String] = []
    if data.targetScaling?.kind == ColumnScaling.Kind.none {
      remedies.append("give \(parameter: "target_scale") standard")
    }
    if data.scaling.kind == .none { remedies.append("give \(parameter: "scale") standard") }
    let isRate = configuration.learningRate > usual * (remedies.isEmpty ? 1 : Self.highRate)
    if configuration.gradient == .sum { remedies.append("give \(parameter: "gradient") mean") }
    if configuration.warmup == 0 { remedies.append("give \(parameter: "warmup") steps") }
    remedies.insert(lower, at: isRate ? 0 : remedies.endIndex)
    return world.failure(
      .diverged,
      "\(sign ?? "the loss is not finite") at step \(step) (epoch \(epoch)): training diverged; "
        + remedies.joined(separator: ", or "))
  }

  /// The rows that are reviewed: those for testing, else those for validation, else those of training.
  private var reviewed: (rows: PredictionReview.Rows, set: EvaluationSet) {
    data.test.map { (.test, $0) } ?? validationSet.map { (.validation, $0) }
      ?? (.training, trainingSet)
  }

  /// A review that no row has been added to.
  func emptyReview() -> PredictionReview {
    PredictionReview(of: reviewed.rows, reviewed.set, data, kernels: kernels)
  }

  /// Reviews the predictions of the present parameters; collective.
  func review() throws(MPIError) -> PredictionReview {
    let span = Span(.evaluate)
    defer { secondsEvaluate += span.end() }
    let review = emptyReview()
    _ = try evaluator.evaluate(
      reviewed.set, parameters: placement.replica.parameters, among: world, review: review)
    return review
  }

  /// Evaluates on the training, validation and test rows; collective.
  ///
  /// - Parameter review: is told of each of the rows that are reviewed; nil for none.
  func evaluate(
    reviewedBy review: PredictionReview? = nil
  ) throws -> (
    training: Evaluation, validation: Evaluation?, test: Evaluation?
  ) {
    let span = Span(.evaluate)
    defer { secondsEvaluate += span.end() }
    let W = UnsafePointer(placement.replica.parameters)
    let kind = reviewed.rows
    func evaluate(_ set: EvaluationSet, _ rows: PredictionReview.Rows) throws -> Evaluation {
      try evaluator.evaluate(
        set, parameters: W, among: world, review: rows == kind ? review : nil)
    }
    return try Activity.perform("evaluating") {
      (
        try evaluate(trainingSet, .training),
        try validationSet.map { try evaluate($0, .validation) },
        try data.test.map { try evaluate($0, .test) }
      )
    }
  }

  /// Evaluates on the training rows once more, each counting as much as it weighs in all scores; collective.
  func evaluateWeighted() throws(MPIError) -> Evaluation {
    var set = trainingSet
    set.weighsErrors = true
    return try evaluator.evaluate(set, parameters: placement.replica.parameters, among: world)
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
  /// The standard deviation of a layer's initial weights.
  func initialScale(layer: Int, of network: Network) -> Double {
    initScale ?? network.activation.initialScale(layer: layer, of: network)
  }
}
