import DTrainBase
import DTrainDist
import DTrainRuns
import KernelTable

/// What a run writes about itself: configuration, metrics and summary.
struct MLPRecord {
  let job: MLPJob
  let data: MLPData
  let network: Network
  let topology: NodeTopology

  private var options: MLPConfiguration { job.configuration }
  private var shards: Int { data.assignment.shards.count }

  /// Advice for a run with more ranks than shards.
  var shardAdvice: String? {
    let ranks = topology.world.size
    guard ranks > shards else { return nil }
    let idle = ranks - shards == 1 ? "1 rank has" : "\(ranks - shards) ranks have"
    return
      "\(ranks) ranks share \(shards) virtual shards: \(idle) no rows to pass forward and back, and only "
      + "\(ranks - shards == 1 ? "helps" : "help") with weight gradients and evaluation; give --shards \(ranks) "
      + "(another result, the same on any number of ranks) or a larger --batch"
  }

  /// `config.json`: nothing in it depends on the number of ranks, the host or the time.
  var configuration: JSON {
    .object([
      .init("format", 1), .init("command", "mlp"), .init("version", .string(Version.current)),
      .init("hidden", .array(options.hidden.map { .integer($0) })),
      .init("activation", .string(options.activation.rawValue)),
      .init("loss", .string(data.loss.rawValue)),
      .init("classes", data.targets == .oneClass ? .integer(data.outputs) : .null),
      .init("epochs", .integer(options.epochs)), .init("batch", .integer(options.batch)),
      .init("learning_rate", .number(options.learningRate)),
      .init("gradient", .string(options.gradient.rawValue)),
      .init("decay", .number(options.decay)),
      .init("schedule", .string(options.schedule.rawValue)),
      .init("step_every", .integer(options.stepEvery)),
      .init("step_factor", .number(options.stepFactor)),
      .init("warmup", .integer(options.warmup)),
      .init("optimizer", .string(options.optimizer.rawValue)),
      .init("momentum", .number(options.momentum)),
      .init("weight_decay", .number(options.weightDecay)),
      .init(
        "init_scale",
        .array(
          (0..<network.layerCount).map { .number(options.initialScale(layer: $0, of: network)) })),
      .init("init_model_sha256", options.initModelHash.map { .string($0) } ?? .null),
      .init("validation", .number(options.validation)),
      .init("early_stop", options.earlyStop.map { .integer($0) } ?? .null),
      .init("target_accuracy", options.targetAccuracy.map { .number($0) } ?? .null),
      .init("evaluate_every", .integer(options.evaluateEvery)),
      .init("seed", .integer(Int(options.seed))),
      .init("shards", .integer(shards)),
      .init("scale", .string(data.scaling.kind.rawValue)),
      .init("blas_kernels", .string(KernelAgreement.blasClass)),
      .init("blas", .string(MatrixMultiply.libraryVersion)),
      .init("layers", .array(network.sizes.map { .integer($0) })),
      .init("rows", .integer(data.catalog.train.rows)),
      .init("test_rows", .integer(data.test?.rowCount ?? 0)),
      .init("data_sha256", .string(data.fingerprint.hex)),
    ])
  }

  /// What an observer learns before the first step.
  func start(
    directory: RunDirectory?, session: MLPSession, secondsLoad: Double, resumedFrom: String?
  ) -> MLPStart {
    MLPStart(
      directory: directory?.path ?? "", network: network, loss: data.loss,
      trainingRows: session.trainer.plan.rows,
      validationRows: data.assignment.validationCounts.reduce(0, +),
      testRows: data.test?.rowCount ?? 0, shards: shards, ranks: topology.world.size,
      nodes: topology.nodeCount, stepsPerEpoch: session.trainer.plan.steps, epochs: options.epochs,
      dataName: data.catalog.train.name, storedType: data.catalog.train.storedType,
      secondsLoad: secondsLoad, resumedFrom: resumedFrom, epochsDone: session.epochsDone,
      secondsTrained: session.secondsBeforeEpoch)
  }

  /// `summary.json`.
  func summary(
    _ outcome: MLPSession.Outcome, trainer: MLPTrainer, modelHash: String,
    rowsPerRank: (own: [Int], copied: [Int]),
    peaks: [Int], seconds: (total: Double, load: Double, initial: Double), secondsProducts: Double?,
    resumedFrom: String?
  ) -> JSON {
    let last = outcome.last
    var members: [JSON.Member] = [
      .init("command", "mlp"), .init("version", .string(Version.current)),
      .init("ranks", .integer(topology.world.size)), .init("nodes", .integer(topology.nodeCount)),
      .init("shards", .integer(shards)),
      .init("seed", .integer(Int(options.seed))),
      .init("rows", .integer(data.catalog.train.rows)),
      .init("rows_per_rank", .array(rowsPerRank.own.map { .integer($0) })),
      .init("rows_copied_per_rank", .array(rowsPerRank.copied.map { .integer($0) })),
      .init("features", .integer(network.features)),
      .init("epochs", .integer(outcome.epochs)), .init("steps", .integer(trainer.step)),
      .init("passes_per_step", .integer(trainer.placement.replica.passes)),
      .init("samples_per_second", .number(outcome.samplesPerSecond)),
      .init("loss", (last?.loss).map { .number($0) } ?? .null),
    ]
    members += Self.scores("train", last?.training, last?.hasClasses ?? false)
    members += Self.scores("validation", last?.validation, last?.hasClasses ?? false)
    members += Self.scores("test", last?.test, last?.hasClasses ?? false)
    members += [
      .init("seconds_to_target", outcome.secondsToTarget.map { .number($0) } ?? .null),
      .init("seconds_total", .number(seconds.total)),
      .init("seconds_load", .number(seconds.load)),
      .init("seconds_init", .number(seconds.initial)),
      .init("seconds_train", .number(trainer.secondsTrain)),
      .init("seconds_evaluate", .number(trainer.secondsEvaluate)),
      .init("seconds_communication", .number(trainer.secondsCommunication)),
      .init("peak_rss_bytes", .array(peaks.map { .integer($0) })),
      .init("model_sha256", .string(modelHash)), .init("stopped", .string(outcome.stopped)),
      .init("resumed_from", resumedFrom.map { .string($0) } ?? .null),
    ]
    if let secondsProducts {
      let perStep = trainer.secondsTrain / Double(trainer.step)
      members += [
        .init("seconds_products_per_step", .number(secondsProducts)),
        .init("seconds_per_step", .number(perStep)),
        .init("products_fraction", .number(secondsProducts / perStep)),
      ]
    }
    return .object(members)
  }

  private static func scores(
    _ name: String, _ evaluation: Evaluation?, _ hasClasses: Bool
  ) -> [JSON.Member] {
    let scored = hasClasses ? evaluation : nil
    return [
      .init("\(name)_loss", (evaluation?.loss).map { .number($0) } ?? .null),
      .init("\(name)_accuracy", (scored?.accuracy).map { .number($0) } ?? .null),
      .init("\(name)_errors", (scored?.wrong).map { .integer($0) } ?? .null),
    ]
  }
}

extension MLPEpoch {
  /// The epoch's line in `metrics.jsonl`.
  package var line: JSON {
    func accuracy(_ evaluation: Evaluation?) -> JSON {
      hasClasses ? (evaluation?.accuracy).map { .number($0) } ?? .null : .null
    }
    func loss(_ evaluation: Evaluation?) -> JSON {
      (evaluation?.loss).map { .number($0) } ?? .null
    }
    return .object([
      .init("epoch", .integer(epoch)), .init("step", .integer(step)),
      .init("learning_rate", .number(learningRate)), .init("loss", .number(self.loss)),
      .init("train_accuracy", accuracy(training)),
      .init("validation_accuracy", accuracy(validation)),
      .init("test_accuracy", accuracy(test)), .init("train_loss", loss(training)),
      .init("validation_loss", loss(validation)), .init("test_loss", loss(test)),
      .init("seconds", .number(secondsTrain)),
      .init("samples_per_second", .number(samplesPerSecond)),
    ])
  }
}
