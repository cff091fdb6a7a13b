import DTrainBase
import DTrainDist
import DTrainRuns
import KernelTable

/// A whole training run, from the data files to the run directory.
public enum MLPRun {
  /// Trains as asked, on all ranks of `world`; collective.
  ///
  /// - Parameters:
  ///   - observer: told of the progress on rank 0.
  /// - Returns: whether it finished, had nothing to do, or was stopped on request (see ``StopRequest``).
  /// - Throws: `TrainerError` or `AgreedFailure`; the run directory then has no `summary.json`.
  @discardableResult
  public static func train(
    _ job: MLPJob, world: Communicator, observer: (any MLPObserver)? = nil
  ) throws -> RunEnd {
    let start = MonotonicClock.seconds
    let kernels = try world.agree {
      try job.validate()
      return try KernelTable.readyForProducts()
    }
    let topology = try NodeTopology(of: world)
    let world = topology.world
    let observer = world.isRoot ? observer : nil
    try KernelAgreement.check(among: world)

    var job = job
    if let path = job.configuration.initModel {
      job.configuration.initModelHash = try Activity.perform("reading \(path)") {
        try MLPModel.fileHash(path, among: world)
      }
    }
    // The directory is claimed first, so that a bad --out is known before hours of reading.
    let opened = try job.open(among: world) { observer?.warn($0) }
    if let reason = opened.reasonToRest { return .complete(reason) }
    let (directory, earlier) = (opened.directory, opened.earlier)
    let configuration = job.configuration
    let initial =
      earlier == nil
      ? try configuration.initModel.map { path in
        try Activity.perform("reading \(path)") { try MLPModel.read(path, among: world) }
      } : nil
    let data = try MLPData.load(job.data, configuration, topology: topology)
    try world.agree {
      try EarlyStopping.check(
        configuration, hasTest: data.test != nil, hasClasses: data.targets != .numbers)
    }
    if let advice = data.advice { observer?.warn(advice) }
    let secondsLoad = MonotonicClock.seconds - start

    let network = Network(
      sizes: [data.training.columns] + configuration.hidden + [data.outputs],
      activation: configuration.activation)
    let record = MLPRecord(job: job, data: data, network: network, topology: topology)
    try world.agree {
      try earlier?.check(against: record.configuration, changeable: ["epochs"])
    }
    let trainer = try Activity.perform("allocating the model") {
      try MLPTrainer(
        configuration, data: data, network: network, topology: topology, kernels: kernels)
    }
    if let warning = trainer.placement.warning { observer?.warn(warning) }
    if let advice = record.shardAdvice { observer?.warn(advice) }
    let session = MLPSession(
      job, trainer: trainer, hasClasses: data.targets != .numbers, world: world,
      directory: directory, start: start, observer: observer)
    let resumedFrom: String?
    if earlier != nil {
      resumedFrom = try Activity.perform("reading a checkpoint") {
        try resume(
          session, directory, record, inputs: job.inputs, world: world, observer: observer)
      }
    } else {
      try setInitialParameters(trainer, configuration, from: initial, world: world)
      try world.onRoot {
        try directory?.writeConfiguration(record.configuration)
        try directory?.writeInputs(job.inputs)
      }
      resumedFrom = nil
    }
    observer?.started(
      record.start(
        directory: directory, session: session, secondsLoad: secondsLoad,
        resumedFrom: resumedFrom))
    let secondsInit = MonotonicClock.seconds - start - secondsLoad

    guard
      let outcome = try Activity.perform("training", { try session.run() })
    else {
      return .stopped(try session.recordStop())
    }
    let products = job.measuresProducts ? try trainer.measureProducts() : nil
    try Activity.perform("writing the model") {
      try finish(
        record, trainer, outcome, resumedFrom: resumedFrom, secondsProducts: products,
        directory: directory, observer: observer
      ) { (session.secondsTotal, secondsLoad, secondsInit) }
    }
    return .finished
  }

  /// Takes up the newest checkpoint, and makes the directory what it was then; the checkpoint's name.
  private static func resume(
    _ session: MLPSession, _ directory: RunDirectory?, _ record: MLPRecord, inputs: JSON,
    world: Communicator, observer: (any MLPObserver)?
  ) throws -> String {
    let point = try ResumePoint(
      newestOf: directory?.checkpoints(unit: "step"), of: record.configuration,
      changeable: ["epochs"], among: world
    ) { observer?.warn($0) }
    try session.restore(point)
    let warning = try world.onRoot {
      try directory?.rewind(
        to: point.metrics, configuration: record.configuration, inputs: inputs)
    }
    if let text = warning ?? nil { observer?.warn(text) }
    return point.name
  }

  /// Writes the model, then the summary that makes a run a finished one.
  private static func finish(
    _ record: MLPRecord, _ trainer: MLPTrainer, _ outcome: MLPSession.Outcome,
    resumedFrom: String?, secondsProducts: Double?, directory: RunDirectory?,
    observer: (any MLPObserver)?,
    seconds: () -> (total: Double, load: Double, initial: Double)
  ) throws {
    let world = record.topology.world
    let rows = (
      own: try world.allGather(record.data.ownRows),
      copied: try world.allGather(record.data.training.count - record.data.ownRows)
    )
    let hash = try world.onRoot {
      try directory.map {
        try ModelExports.write(
          trainer.placement.replica.parameters,
          of: MLPSpecification(
            network: record.network, loss: record.data.loss, targets: record.data.targets,
            scaling: record.data.scaling), to: $0.file)
      }
    }
    let peaks = try world.allGather(ProcessMemory.peakResidentBytes)
    try world.onRoot {
      guard let directory, let hash = hash ?? nil else { return }
      let summary = record.summary(
        outcome, trainer: trainer, modelHash: hash, rowsPerRank: rows, peaks: peaks,
        seconds: seconds(), secondsProducts: secondsProducts, resumedFrom: resumedFrom)
      try directory.writeSummary(summary)
      observer?.finished(summary, directory: directory.path)
    }
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
