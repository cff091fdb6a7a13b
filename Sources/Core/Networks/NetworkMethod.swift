/// A training run as asked for: what to train on, how, and where to write.
public typealias MLPJob = RunJob<MLPConfiguration>

extension MLPJob {
  /// A run with the given data and otherwise the defaults.
  public init(data: DataCatalog.Options) {
    self.init(data: data, configuration: MLPConfiguration())
  }
}

/// The training of a network as a run makes it: train, evaluate, record, and decide whether to stop.
///
/// A checkpoint stands behind a step. One behind an epoch's last step comes before the epoch's evaluation,
/// which is made again: so a run that is continued beyond its last epoch treats that epoch as any other.
final class NetworkMethod: Method {
  let unit = RunUnit.step
  let activity = "training"
  var position: Int { trainer.step }
  var recordedRounds: Int { epoch - 1 }
  var hasMore: Bool { epoch < configuration.epochs || done < trainer.plan.steps }
  var place: RunPlace { RunPlace(.step, trainer.step, cycle: epoch) }

  let trainer: MLPTrainer
  let data: MLPData
  private let run: Run<MLPConfiguration>
  private let initial: InitialModel?
  private let observer: (any MLPObserver)?
  private var secondsLoad: Double
  private let initializing: Span
  private var secondsInit = 0.0

  /// A training that ends with more than this many times the loss of a prediction that is the same for all rows has
  /// diverged: once it has made some steps, and before.
  private static let divergedBeyond = (of: 4.0, early: 100.0)
  private static let fewestStepsToJudge = 100
  /// A model that takes less than this part of what a prediction which is the same for all rows leaves to be learned has
  /// learned nothing.
  private static let leastGain = 0.01

  private var stopping: EarlyStopping
  /// The parameters of the best epoch, on rank 0; nil before there are any.
  private var best: BestParameters?
  /// The epoch, from 1, and the steps done in it; when all are, it is not yet evaluated.
  private var epoch = 1
  private var done = 0
  /// Whether the epoch's order is drawn, and before that what a checkpoint says of its shards' losses.
  private var hasOrder = false
  private var restoredLosses: [Double]?
  /// The seconds of training when the epoch began.
  private var secondsBeforeEpoch = 0.0
  private var last: MLPEpoch?
  /// Of the last epoch that the options allow, where it was evaluated.
  private var review: PredictionReview?
  private var secondsToTarget: Double?
  private var reason: StopReason?

  private var configuration: MLPConfiguration { data.configuration }

  /// A run at its beginning; collective.
  ///
  /// - Parameters:
  ///   - initial: the model whose parameters it begins with; nil for random ones.
  ///   - load: the time since the process began.
  init(
    _ run: Run<MLPConfiguration>, data: MLPData, network: Network, initial: InitialModel?,
    kernels: KernelTable, load: Span, observer: (any MLPObserver)?
  ) throws {
    secondsLoad = load.end()
    initializing = Span(.initialization)
    self.run = run
    self.data = data
    self.initial = initial
    self.observer = observer
    trainer = try Activity.perform("allocating the model") {
      try MLPTrainer(
        data.configuration, data: data, network: network, topology: run.topology,
        kernels: kernels)
    }
    stopping = EarlyStopping(data.configuration)
  }

  func begin() throws {
    try trainer.setInitialParameters(from: initial)
  }

  func started(resumedFrom: String?) {
    secondsInit += initializing.end()
    observer?.started(
      MLPStart(
        directory: run.directory?.path ?? "", network: trainer.network, loss: data.loss,
        trainingRows: trainer.plan.rows,
        validationRows: data.assignment.validationCounts.reduce(0, +),
        testRows: data.test?.rowCount ?? 0, shards: data.assignment.shards.count,
        ranks: run.world.size, nodes: run.topology.nodeCount, stepsPerEpoch: trainer.plan.steps,
        epochs: configuration.epochs, dataName: data.catalog.train.name,
        dataFormat: data.catalog.train.formatName, storedType: data.catalog.train.storedType,
        secondsLoad: secondsLoad,
        resumedFrom: resumedFrom, chosen: configuration.chosenValues, epochsDone: epoch - 1,
        secondsTrained: secondsBeforeEpoch, secondsTotal: run.secondsTotal))
  }

  func advance(_ own: RankSignals) throws -> Milestone? {
    if !hasOrder { trainer.gradients.startEpoch(epoch, losses: restoredLosses) }
    (hasOrder, restoredLosses) = (true, nil)
    if done == trainer.plan.steps {
      guard try concludeEpoch() else { return nil }
      (epoch, done) = (epoch + 1, 0)
      secondsBeforeEpoch = trainer.secondsTrain
      trainer.gradients.startEpoch(epoch)
    }
    let signals = try trainer.train(step: done, ofEpoch: epoch, raising: own)
    done += 1
    observer?.stepped(
      MLPProgress(
        epoch: epoch, step: done, rows: min(done * trainer.plan.batch, trainer.plan.rows),
        seconds: trainer.secondsTrain - secondsBeforeEpoch, loss: trainer.ownLoss(steps: done)))
    let isLast = done == trainer.plan.steps
    return Milestone(
      signals, round: isLast ? epoch : nil, isEnd: isLast && epoch == configuration.epochs)
  }

  /// Evaluates and records the epoch; says whether another one follows.
  private func concludeEpoch() throws -> Bool {
    let loss = try trainer.epochLoss()
    try trainer.verifyReplicas()
    let isLast = epoch == configuration.epochs
    review = isLast ? trainer.emptyReview() : nil
    let evaluation =
      isLast || epoch % configuration.evaluateEvery == 0
      ? try trainer.evaluate(reviewedBy: review) : nil
    // The last update of an epoch shows only here.
    if let evaluation, !evaluation.training.loss.isFinite {
      throw trainer.divergence(epoch: epoch)
    }
    let report = MLPEpoch(
      epoch: epoch, step: trainer.step, learningRate: trainer.lastRate,
      loss: loss, training: evaluation?.training, validation: evaluation?.validation,
      test: evaluation?.test, targets: data.targets,
      secondsTrain: trainer.secondsTrain,
      samplesPerSecond: Double(trainer.plan.rows) / (trainer.secondsTrain - secondsBeforeEpoch))
    run.record(
      report.line, step: epoch, isLast: isLast,
      exhibits: evaluation == nil ? nil : { [unowned self] in exhibits })
    observer?.finishedEpoch(report)
    last = report
    reason = try stopping.decide(report) {
      let best = try openBest()
      try run.world.onRoot { try best?.keep(UnsafeBufferPointer(trainer.parameters)) }
    }
    if reason == .target { secondsToTarget = trainer.secondsTrain + trainer.secondsEvaluate }
    return reason == nil && !isLast
  }

  /// The place for the best parameters, rank 0's; made where there is none yet. Collective.
  private func openBest() throws -> BestParameters? {
    try run.world.onRoot {
      guard best == nil, let directory = run.directory else { return }
      best = try BestParameters(in: directory.path)
    }
    return best
  }
}

// MARK: - Checkpoints

extension NetworkMethod {
  var state: [JSON.Member] {
    [
      .init("epoch", .integer(epoch)), .init("position", .integer(done)),
      .init("step", .integer(trainer.step)),
      .init("seconds_load", .number(secondsLoad)), .init("seconds_init", .number(secondsInit)),
      .init("seconds_train", .number(trainer.secondsTrain)),
      .init("seconds_evaluate", .number(trainer.secondsEvaluate)),
      .init("seconds_communication", .number(trainer.secondsCommunication)),
      .init("seconds_before_epoch", .number(secondsBeforeEpoch)),
      .init("without_improvement", .integer(stopping.withoutImprovement)),
      .init("best", stopping.best?.recorded ?? .null),
    ]
  }

  func tensors() throws -> [TensorView] {
    try trainer.verifyState(epoch: epoch)
    var tensors = [TensorView("losses", keeping: try trainer.shardLosses())] + trainer.tensors
    if stopping.best != nil, let best { tensors.append(best.tensor("best")) }
    return tensors
  }

  func restore(_ point: ResumePoint) throws {
    let state = point.state
    guard let epoch = state["epoch"]?.int, epoch >= 1, let done = state["position"]?.int,
      (0...trainer.plan.steps).contains(done), let step = state["step"]?.int, step >= done,
      let train = state["seconds_train"]?.double,
      let evaluate = state["seconds_evaluate"]?.double,
      let communication = state["seconds_communication"]?.double,
      state["seconds_total"]?.double != nil,
      let secondsBeforeEpoch = state["seconds_before_epoch"]?.double,
      let withoutImprovement = state["without_improvement"]?.int, let best = state["best"],
      best.isNull || MLPEpoch(recorded: best) != nil
    else { throw run.world.unanimous(point.isForeign) }
    try run.world.require(
      epoch <= configuration.epochs, .usage,
      "\(parameter: "epochs") \(configuration.epochs): the run is in epoch \(epoch) already (\(point.name))"
    )
    try trainer.restore(
      point, step: step,
      seconds: .init(train: train, evaluate: evaluate, communication: communication))
    restoredLosses = try point.doubles("losses", count: configuration.resolvedShards)
    stopping = EarlyStopping(
      configuration, best: MLPEpoch(recorded: best), withoutImprovement: withoutImprovement)
    if stopping.best != nil {
      try BestParameters.restore(
        openBest(), from: point, "best", count: trainer.network.parameterCount, among: run.world)
    }
    (self.epoch, self.done) = (epoch, done)
    self.secondsBeforeEpoch = secondsBeforeEpoch
    // Checkpoints of earlier versions do not say these.
    secondsLoad += state["seconds_load"]?.double ?? 0
    secondsInit += state["seconds_init"]?.double ?? 0
  }
}

// MARK: - The result

extension NetworkMethod {
  /// Writes the model.
  func conclude() throws -> Conclusion {
    let epochs = epoch
    let samplesPerSecond = Double(trainer.plan.rows * epochs) / trainer.secondsTrain
    // What is written is the best model seen, and its evaluation.
    if let best = stopping.best, best.epoch != last?.epoch {
      try trainer.setParameters(from: self.best)
      last = best
      review = nil
      observer?.kept(best)
    }
    try judge()
    let products = configuration.measuresProducts ? try trainer.measureProducts() : nil
    let hash = try run.saving { try Activity.perform("writing the model") { try writeModel() } }
    try Activity.perform("reviewing predictions") { try writeReview() }
    let copied = try run.world.allGather(data.training.count - data.ownRows)
    func number(_ value: Double?) -> JSON { value.map { .number($0) } ?? .null }
    var members: [JSON.Member] = [
      .init("shards", .integer(data.assignment.shards.count)),
      .init("seed", .integer(Int(configuration.seed))),
      .init("rows", .integer(data.catalog.train.rows)),
      .init("rows_copied_per_rank", .array(copied.map { .integer($0) })),
      .init("features", .integer(trainer.network.features)), .init("epochs", .integer(epochs)),
      .init("epoch_written", .integer(last?.epoch ?? epochs)),
      .init("steps", .integer(trainer.step)),
      .init("passes_per_step", .integer(trainer.placement.replica.passes)),
      .init("samples_per_second", .number(samplesPerSecond)), .init("loss", number(last?.loss)),
    ]
    members += last?.scores ?? []
    members += [
      .init("seconds_to_target", number(secondsToTarget)),
      .init("seconds_load", .number(secondsLoad)), .init("seconds_init", .number(secondsInit)),
      .init("seconds_train", .number(trainer.secondsTrain)),
      .init("seconds_evaluate", .number(trainer.secondsEvaluate)),
      .init("seconds_communication", .number(trainer.secondsCommunication)),
    ]
    if let products {
      let perStep = trainer.secondsTrain / Double(trainer.step)
      members += [
        .init("seconds_products_per_step", .number(products)),
        .init("seconds_per_step", .number(perStep)),
        .init("products_fraction", .number(products / perStep)),
      ]
    }
    return Conclusion(
      members, rowsPerRank: try run.world.allGather(data.ownRows), seconds: trainer.ownSeconds,
      stopped: reason ?? .epochs, modelHash: hash)
  }

  /// Refuses a result that is far worse than the same prediction for all rows, and warns of one that is no better.
  private func judge() throws {
    guard let training = last?.training, let constant = data.baseline.loss else { return }
    let isEarly = trainer.step < Self.fewestStepsToJudge
    let limit =
      isEarly
      ? Self.divergedBeyond.early * data.baseline.untrained : Self.divergedBeyond.of * constant
    if training.loss > limit {
      throw trainer.divergence(epoch: epoch, loss: training.loss)
    }
    if isEarly, training.loss > Self.divergedBeyond.of * constant {
      observer?.advise(NetworkAdvice.highLoss(times: training.loss / constant))
      return
    }
    let judged = data.weights == nil ? training : try trainer.evaluateWeighted()
    if let rival = rival(of: judged) {
      observer?.advise(
        NetworkAdvice.learnedNothing(
          rival, steps: isEarly ? trainer.step : nil, scale: data.scaling.kind))
    }
  }

  /// The prediction, the same for all rows, that is as good as the model; nil where the model is better.
  private func rival(of evaluation: Evaluation) -> NetworkAdvice.Constant? {
    let rest = 1 - Self.leastGain
    if let regression = evaluation.regression {
      return regression.r2 < Self.leastGain ? .mean : nil
    }
    // Weights may make a rare class worth more than its share.
    if let share = data.baseline.largestShare,
      1 - (evaluation.weightedAccuracy ?? evaluation.accuracy) >= rest * (1 - share)
    {
      return .largestClass(share: share, isWeighted: data.weights != nil)
    }
    return evaluation.loss >= rest * data.baseline.best ? .shares : nil
  }

  /// Writes what the predictions of the model that is written look like; collective.
  private func writeReview() throws {
    let review = try review ?? trainer.review()
    let document = try review.document(
      epoch: last?.epoch ?? epoch, target: data.catalog.schema?.target, among: run.world)
    try run.world.onRoot {
      guard let directory = run.directory else { return }
      try AtomicFile.write(
        Array(document.pretty.utf8), to: directory.file(PredictionReview.fileName))
    }
  }

  /// Writes the model; the hash of its file on rank 0.
  private func writeModel() throws -> String {
    try run.world.onRoot {
      guard let directory = run.directory else { return "" }
      return try SafetensorsExport.write(
        trainer.placement.replica.parameters,
        of: MLPSpecification(
          network: trainer.network, loss: data.loss, targets: data.targets, scaling: data.scaling,
          targetScaling: data.targetScaling, classNames: data.classNames,
          schema: data.catalog.schema, rowShape: data.catalog.train.rowShape),
        to: directory.file(SafetensorsExport.fileName))
    } ?? ""
  }
}
