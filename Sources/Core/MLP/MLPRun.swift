import DTrainDist
import KernelTable

/// A training run as asked for: what to train on, how, and where to write.
public struct MLPJob: Sendable {
  /// The data files.
  public var data: DataCatalog.Options
  /// What is trained and how.
  public var configuration: MLPConfiguration
  /// The run directory; nil for a name made of the date.
  public var output: String?
  /// Whether an existing run may be replaced.
  public var overwrite = false
  /// Whether the matrix products of the steps are timed alone, after the training.
  public var measuresProducts = false

  /// A run with the given data and otherwise the defaults.
  public init(data: DataCatalog.Options, configuration: MLPConfiguration = MLPConfiguration()) {
    self.data = data
    self.configuration = configuration
  }
}

/// What is known when training starts.
public struct MLPStart {
  /// The run directory.
  public let directory: String
  /// The network.
  public let network: Network
  /// The loss that is minimised.
  public let loss: LossFunction
  /// Rows that train, that validate, and that test.
  public let trainingRows: Int, validationRows: Int, testRows: Int
  /// V.
  public let shards: Int
  /// Ranks and nodes.
  public let ranks: Int, nodes: Int
  /// Steps of an epoch, and epochs.
  public let stepsPerEpoch: Int, epochs: Int
  /// Where the data comes from, and its element type.
  public let dataName: String, storedType: String
  /// Seconds of loading.
  public let secondsLoad: Double
}

/// The state of a run within an epoch, for a progress bar.
public struct MLPProgress {
  /// The epoch, from 1, and steps done in it.
  public let epoch: Int, step: Int
  /// Rows trained on in this epoch, and seconds of training in it.
  public let rows: Int, seconds: Double
  /// The mean loss of this rank's rows in this epoch so far.
  public let loss: Double
}

/// The state of a run after an epoch.
public struct MLPEpoch {
  /// The epoch, from 1, and the steps since the start.
  public let epoch: Int, step: Int
  /// The rate of the last step.
  public let learningRate: Double
  /// The mean loss over the epoch's steps, each row at the parameters of its step.
  public let loss: Double
  /// Evaluations after the epoch; nil when there are no such rows, or none were made.
  public let training: Evaluation?, validation: Evaluation?, test: Evaluation?
  /// Whether rows have classes, so that accuracy means something.
  public let hasClasses: Bool
  /// Seconds of training so far, and rows a second in this epoch.
  public let secondsTrain: Double, samplesPerSecond: Double
}

/// Watches a run; called on rank 0 alone.
public protocol MLPObserver: AnyObject {
  /// Something that the user should know but that does not stop the run.
  func warn(_ message: String)
  /// Before the first step.
  func started(_ start: MLPStart)
  /// After a step; called for every step, so it must be quick.
  func stepped(_ progress: @autoclosure () -> MLPProgress)
  /// After an epoch.
  func finishedEpoch(_ epoch: MLPEpoch)
  /// After the model and the summary are written.
  func finished(_ summary: JSON, directory: String)
}

/// A whole training run, from the data files to the run directory.
public enum MLPRun {
  /// Trains as asked, on all ranks of `world`; collective.
  ///
  /// - Parameters:
  ///   - observer: told of the progress on rank 0.
  /// - Throws: `TrainerError` or `AgreedFailure`; the run directory then has no `summary.json`.
  public static func train(
    _ job: MLPJob, world: Communicator, observer: (any MLPObserver)? = nil
  ) throws {
    let start = MonotonicClock.seconds
    let configuration = job.configuration
    let kernels = try world.agree {
      try configuration.validate()
      return try KernelTable.select()
    }
    let topology = try NodeTopology(of: world)
    let observer = topology.world.isRoot ? observer : nil
    try KernelAgreement.check(among: topology.world)

    // The directory is claimed first, so that a bad --out is known before hours of reading.
    let directory = try Activity.perform("preparing the run directory") {
      try topology.world.onRoot {
        try RunDirectory.create(path: job.output, overwrite: job.overwrite, command: "mlp")
      }
    }
    if let warning = directory?.lockWarning { observer?.warn(warning) }
    let initial = try configuration.initModel.map { path in
      try Activity.perform("reading \(path)") {
        try MLPModel.read(path, among: topology.world)
      }
    }
    let data = try MLPData.load(job.data, configuration, topology: topology)
    try topology.world.agree {
      try EarlyStopping.check(
        configuration, hasTest: data.test != nil, hasClasses: data.targets != .numbers)
    }
    let secondsLoad = MonotonicClock.seconds - start

    let network = Network(
      sizes: [data.training.columns] + configuration.hidden + [data.outputs],
      activation: configuration.activation)
    let trainer = try Activity.perform("allocating the model") {
      try MLPTrainer(
        configuration, data: data, network: network, topology: topology, kernels: kernels)
    }
    try setInitialParameters(trainer, configuration, from: initial, world: topology.world)
    if let warning = trainer.placement.warning { observer?.warn(warning) }
    let record = MLPRecord(job: job, data: data, network: network, topology: topology)
    if let advice = record.shardAdvice { observer?.warn(advice) }
    try topology.world.onRoot { try directory?.writeConfiguration(record.configuration) }
    observer?.started(
      record.start(directory: directory, trainer: trainer, secondsLoad: secondsLoad))
    let secondsInit = MonotonicClock.seconds - start - secondsLoad

    let outcome = try Activity.perform("training") {
      try epochs(
        trainer, configuration, data: data, world: topology.world, directory: directory,
        observer: observer)
    }

    let products = job.measuresProducts ? try trainer.measureProducts() : nil
    let rows = try topology.world.allGather(data.training.count)
    try Activity.perform("writing the model") {
      let hash = try topology.world.onRoot {
        let model = MLPModel(
          network: network, loss: data.loss, targets: data.targets, scaling: data.scaling,
          parameters: trainer.parameters)
        return try directory?.writeModel(model.encoded())
      }
      let peaks = try topology.world.allGather(ProcessMemory.peakResidentBytes)
      try topology.world.onRoot {
        guard let directory, let hash = hash ?? nil else { return }
        let summary = record.summary(
          outcome, trainer: trainer, modelHash: hash, rowsPerRank: rows, peaks: peaks,
          seconds: (MonotonicClock.seconds - start, secondsLoad, secondsInit),
          secondsProducts: products)
        try directory.writeSummary(summary)
        observer?.finished(summary, directory: directory.path)
      }
    }
  }

  /// How a run ended.
  struct Outcome {
    var epochs = 0
    var samplesPerSecond = 0.0
    var last: MLPEpoch?
    var secondsToTarget: Double?
    var stopped = "epochs"
  }

  /// The epochs of a run: train, evaluate, record, and decide whether to stop.
  private static func epochs(
    _ trainer: MLPTrainer, _ configuration: MLPConfiguration, data: MLPData, world: Communicator,
    directory: RunDirectory?, observer: (any MLPObserver)?
  ) throws -> Outcome {
    var outcome = Outcome()
    var stopping = EarlyStopping(configuration)
    for epoch in 1...configuration.epochs {
      let before = trainer.secondsTrain
      let loss = try trainer.trainEpoch(epoch) { steps, seconds in
        observer?.stepped(
          MLPProgress(
            epoch: epoch, step: steps, rows: min(steps * trainer.plan.batch, trainer.plan.rows),
            seconds: seconds, loss: trainer.ownLoss(steps: steps)))
      }
      try trainer.verifyReplicas()
      let isLast = epoch == configuration.epochs
      let evaluation =
        isLast || epoch % configuration.evaluateEvery == 0 ? try trainer.evaluate() : nil
      // The last update of an epoch shows only here.
      if let evaluation, !evaluation.training.loss.isFinite {
        throw trainer.divergence(epoch: epoch)
      }
      let report = MLPEpoch(
        epoch: epoch, step: trainer.step,
        learningRate: trainer.lastRate,
        loss: loss, training: evaluation?.training, validation: evaluation?.validation,
        test: evaluation?.test, hasClasses: data.targets != .numbers,
        secondsTrain: trainer.secondsTrain,
        samplesPerSecond: Double(trainer.plan.rows) / (trainer.secondsTrain - before))
      try world.onRoot { try directory?.appendMetrics(report.line) }
      observer?.finishedEpoch(report)
      outcome.epochs = epoch
      outcome.last = report
      guard let decision = stopping.decide(report, parameters: { trainer.parameters }) else {
        continue
      }
      outcome.stopped = decision
      if decision == "target" {
        outcome.secondsToTarget = trainer.secondsTrain + trainer.secondsEvaluate
      }
      break
    }
    if let best = stopping.best, best.epoch != outcome.last?.epoch {
      // What is written is the best model seen, and its evaluation.
      trainer.setParameters { parameters in
        _ = parameters.update(fromContentsOf: best.parameters)
      }
      outcome.last = best.report
    }
    outcome.samplesPerSecond =
      Double(trainer.plan.rows * outcome.epochs) / trainer.secondsTrain
    return outcome
  }

  /// Random weights, the same on every node, or those of a model.
  private static func setInitialParameters(
    _ trainer: MLPTrainer, _ configuration: MLPConfiguration, from model: MLPModel?,
    world: Communicator
  ) throws {
    let network = trainer.network
    if let model {
      guard model.network == network else {
        throw world.unanimous(
          TrainerError(
            .usage,
            "--init-model \(configuration.initModel ?? "") has layers \(model.network.sizes) "
              + "(\(model.network.activation)), but this run has \(network.sizes) "
              + "(\(network.activation)); change --hidden and --activation, or the data"))
      }
      return trainer.setParameters { _ = $0.update(fromContentsOf: model.parameters) }
    }
    let generator = Philox(seed: configuration.seed, purpose: .initialWeights)
    trainer.setParameters { parameters in
      for layer in 0..<network.layerCount {
        NormalDistribution.fill(
          UnsafeMutableBufferPointer(rebasing: parameters[network.range(of: layer)]),
          scale: configuration.initialScale(layer: layer, of: network), generator: generator,
          first: network.offsets[layer])
      }
    }
  }
}
