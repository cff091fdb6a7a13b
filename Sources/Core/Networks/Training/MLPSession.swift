import DTrainBase
import DTrainDist
import DTrainRuns

/// The epochs of a run in this process: train, evaluate, record, save, and decide whether to stop.
///
/// A checkpoint stands behind a step. One behind an epoch's last step comes before the epoch's evaluation,
/// which is made again: so a run that is continued beyond its last epoch treats that epoch as any other.
final class MLPSession {
  /// How the run ended.
  struct Outcome {
    var epochs = 0
    var samplesPerSecond = 0.0
    var last: MLPEpoch?
    var secondsToTarget: Double?
    var stopped = "epochs"
  }

  let trainer: MLPTrainer
  private let job: MLPJob
  private let hasClasses: Bool
  private let world: Communicator
  private let directory: RunDirectory?
  private let observer: (any MLPObserver)?
  /// When this process began, and what earlier ones took.
  private let start: Double
  private var secondsEarlier = 0.0

  private var stopping: EarlyStopping
  private var schedule: CheckpointSchedule
  private var epoch = 1
  private var position = 0
  /// The seconds of training when the epoch began.
  private(set) var secondsBeforeEpoch = 0.0
  /// The shards' losses in an epoch that a checkpoint cut in two, until it goes on.
  private var restoredLosses: [Double]?
  private var lastCheckpoint = ""
  private var announcer: StopAnnouncer?
  private var notice: StopNotice?
  private var outcome = Outcome()
  /// The parameters of the best epoch, on rank 0; nil before there are any.
  private var best: BestParameters?

  private var configuration: MLPConfiguration { job.configuration }

  /// A run at its beginning.
  ///
  /// - Parameters:
  ///   - directory: rank 0's; nil elsewhere.
  ///   - start: when the process began, by the monotonic clock.
  init(
    _ job: MLPJob, trainer: MLPTrainer, hasClasses: Bool, world: Communicator,
    directory: RunDirectory?, start: Double, observer: (any MLPObserver)?
  ) {
    self.job = job
    self.trainer = trainer
    self.hasClasses = hasClasses
    self.world = world
    self.directory = directory
    self.start = start
    self.observer = observer
    stopping = EarlyStopping(job.configuration)
    schedule = CheckpointSchedule(job.checkpoints.wantedInterval, isRoot: world.isRoot)
  }

  /// Epochs that are complete.
  var epochsDone: Int { epoch - 1 }
  /// Seconds of all processes that worked on the run so far.
  var secondsTotal: Double { secondsEarlier + MonotonicClock.seconds - start }

  /// Goes on from a checkpoint; collective.
  ///
  /// - Throws: `TrainerError(.noCheckpoint)` where it is of another run, `TrainerError(.usage)` where it has
  ///   gone further than the run shall; agreed by all ranks.
  func restore(_ point: ResumePoint) throws {
    guard let state = MLPState(json: point.state), state.position <= trainer.plan.steps else {
      throw world.unanimous(
        TrainerError(
          .noCheckpoint, "the checkpoint \(point.name) is of another run or another version"))
    }
    guard state.epoch <= configuration.epochs else {
      throw world.unanimous(
        TrainerError(
          .usage,
          "--epochs \(configuration.epochs): the run is in epoch \(state.epoch) already (\(point.name))"
        ))
    }
    try trainer.restore(point, state)
    restoredLosses = try point.doubles("losses", count: job.configuration.resolvedShards)
    stopping.restore(state)
    if state.best != nil {
      let best = try openBest()
      try BestParameters.restore(
        best, from: point, "best", count: trainer.network.parameterCount, among: world)
    }
    (epoch, position) = (state.epoch, state.position)
    secondsBeforeEpoch = state.secondsBeforeEpoch
    secondsEarlier = state.seconds.total
    schedule.saved(at: state.step)
  }

  /// Trains to the end, or until a stop is requested; collective.
  ///
  /// - Returns: nil when stopped, with the checkpoint's name.
  func run() throws -> Outcome? {
    announcer = directory.map { StopAnnouncer(in: [$0.path]) }
    var isEnd = false
    while !isEnd {
      guard try trainSteps() else { return nil }
      isEnd = try concludeEpoch()
      (epoch, position) = (epoch + 1, 0)
      secondsBeforeEpoch = trainer.secondsTrain
    }
    announcer?.withdraw()
    try takeBestModel()
    outcome.samplesPerSecond =
      Double(trainer.plan.rows * outcome.epochs) / trainer.secondsTrain
    return outcome
  }

  /// The steps of the epoch that are left; false when stopped.
  private func trainSteps() throws -> Bool {
    trainer.startEpoch(epoch, losses: restoredLosses)
    restoredLosses = nil
    return try trainer.train(
      epoch: epoch, from: position,
      raising: {
        (StopRequest.signal == nil ? 0 : MLPTrainer.Flag.stop)
          | (schedule.isDueByTime ? MLPTrainer.Flag.save : 0)
      },
      stepped: { position, flags in
        self.position = position
        observer?.stepped(progress)
        let isStopped = flags & MLPTrainer.Flag.stop != 0
        let isLast = position == trainer.plan.steps
        if isStopped { try announceStop() }
        if isStopped || flags & MLPTrainer.Flag.save != 0
          || schedule.isDue(
            at: trainer.step, round: isLast ? epoch : nil,
            isEnd: isLast && epoch == configuration.epochs)
        {
          try save()
        }
        return !isStopped
      })
  }

  private var progress: MLPProgress {
    MLPProgress(
      epoch: epoch, step: position,
      rows: min(position * trainer.plan.batch, trainer.plan.rows),
      seconds: trainer.secondsTrain - secondsBeforeEpoch, loss: trainer.ownLoss(steps: position))
  }

  /// Evaluates and records the epoch; says whether it was the last.
  private func concludeEpoch() throws -> Bool {
    let loss = try trainer.epochLoss()
    try trainer.verifyReplicas()
    let isLast = epoch == configuration.epochs
    let evaluation =
      isLast || epoch % configuration.evaluateEvery == 0 ? try trainer.evaluate() : nil
    // The last update of an epoch shows only here.
    if let evaluation, !evaluation.training.loss.isFinite {
      throw trainer.divergence(epoch: epoch)
    }
    let report = MLPEpoch(
      epoch: epoch, step: trainer.step, learningRate: trainer.lastRate,
      loss: loss, training: evaluation?.training, validation: evaluation?.validation,
      test: evaluation?.test, hasClasses: hasClasses,
      secondsTrain: trainer.secondsTrain,
      samplesPerSecond: Double(trainer.plan.rows) / (trainer.secondsTrain - secondsBeforeEpoch))
    try world.onRoot { try directory?.appendMetrics(report.line) }
    observer?.finishedEpoch(report)
    outcome.epochs = epoch
    outcome.last = report
    let decision = try stopping.decide(report) {
      let best = try openBest()
      try world.onRoot { try trainer.keepParameters(in: best) }
    }
    guard let decision else {
      return isLast
    }
    outcome.stopped = decision
    if decision == "target" {
      outcome.secondsToTarget = trainer.secondsTrain + trainer.secondsEvaluate
    }
    return true
  }

  /// The place for the best parameters, rank 0's; made where there is none yet. Collective.
  private func openBest() throws -> BestParameters? {
    try world.onRoot {
      guard best == nil, let directory else { return }
      best = try BestParameters(in: directory.path)
    }
    return best
  }

  /// What is written is the best model seen, and its evaluation.
  private func takeBestModel() throws {
    guard let best = stopping.best, best.epoch != outcome.last?.epoch else { return }
    try trainer.setParameters(from: self.best)
    outcome.last = best
  }

  // MARK: Checkpoints

  /// Saves where the run stands; collective.
  private func save() throws {
    try trainer.verifyState(epoch: epoch)
    let losses = try trainer.shardLosses()
    let name = try Activity.perform("saving a checkpoint") {
      try world.onRoot { try directory.map { try write(to: $0, losses: losses) } }
    }
    schedule.saved(at: trainer.step)
    lastCheckpoint = (name ?? nil) ?? ""
  }

  private func write(to directory: RunDirectory, losses: [Double]) throws -> String {
    try losses.withUnsafeBufferPointer { losses in
      var tensors = [TensorView("losses", losses)] + trainer.tensors
      if stopping.best != nil, let best { tensors.append(best.tensor("best")) }
      return try directory.save(
        unit: "step", position: trainer.step, state: state.json, tensors: tensors,
        keep: job.checkpoints.wantedNumber)
    }
  }

  private var state: MLPState {
    var state = MLPState()
    state.epoch = epoch
    state.position = position
    state.step = trainer.step
    state.seconds = MLPState.Seconds(
      train: trainer.secondsTrain, evaluate: trainer.secondsEvaluate,
      communication: trainer.secondsCommunication, total: secondsTotal)
    state.secondsBeforeEpoch = secondsBeforeEpoch
    state.withoutImprovement = stopping.withoutImprovement
    state.best = stopping.best
    return state
  }

  /// Notes early that a stop was asked for; collective.
  private func announceStop() throws {
    let notice = try StopNotice(among: world)
    announcer?.end()
    if let directory { notice.announce(in: [directory.path]) }
    self.notice = notice
  }

  /// Records a stop on request; collective. Rank 0's words say how to go on.
  func recordStop() throws -> String {
    let words = try world.onRoot {
      try directory.flatMap {
        try notice?.record(
          in: $0, command: "mlp", checkpoint: lastCheckpoint,
          place: "step \(trainer.step) (epoch \(epoch))")
      }
    }
    return (words ?? nil) ?? ""
  }
}
