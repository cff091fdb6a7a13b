import DTrainBase
import DTrainData

extension MLPConfiguration {
  /// The options that decide the result, by their names on the command line, and their values as texts.
  static let options: [(name: String, value: @Sendable (MLPConfiguration) -> String)] = [
    ("--hidden", { $0.hidden.map(String.init).joined(separator: ",") }),
    ("--activation", { $0.activation.rawValue }),
    ("--loss", { $0.loss?.rawValue ?? "chosen by the targets" }),
    ("--classes", { $0.classes.map { "\($0)" } ?? "by the labels" }),
    ("--batch", { "\($0.batch)" }), ("--learning-rate", { "\($0.learningRate)" }),
    ("--gradient", { $0.gradient.rawValue }), ("--decay", { "\($0.decay)" }),
    ("--schedule", { $0.schedule.rawValue }), ("--step-every", { "\($0.stepEvery)" }),
    ("--step-factor", { "\($0.stepFactor)" }), ("--warmup", { "\($0.warmup)" }),
    ("--optimizer", { $0.optimizer.rawValue }), ("--momentum", { "\($0.momentum)" }),
    ("--weight-decay", { "\($0.weightDecay)" }),
    ("--init-scale", { $0.initScale.map { "\($0)" } ?? "by layer" }),
    ("--init-model", { $0.initModelHash.map { "a model with the SHA-256 \($0)" } ?? "none" }),
    ("--validation", { "\($0.validation)" }),
    ("--early-stop", { $0.earlyStop.map { "\($0)" } ?? "never" }),
    ("--target-accuracy", { $0.targetAccuracy.map { "\($0)" } ?? "none" }),
    ("--evaluate-every", { "\($0.evaluateEvery)" }), ("--seed", { "\($0.seed)" }),
    ("--shards", { "\($0.resolvedShards)" }),
    ("--scale", { $0.scale?.rawValue ?? "chosen by the data" }),
  ]

  /// The configuration that a run recorded in its `config.json`.
  ///
  /// - Throws: `TrainerError(.badData)` that names what is missing or makes no sense.
  package init(recorded json: JSON) throws(TrainerError) {
    func fail(_ name: String) -> TrainerError {
      TrainerError(
        .badData,
        "config.json does not say \(name) as this version of dtrain writes it: restore the file, or start "
          + "the run again")
    }
    func member<Value>(
      _ name: String, _ read: (JSON) -> Value?
    ) throws(TrainerError) -> Value {
      guard let value = json[name].flatMap(read) else { throw fail(name) }
      return value
    }
    func choice<Value: RawRepresentable<String>>(_ name: String) throws(TrainerError) -> Value {
      try member(name) { $0.text.flatMap { Value(rawValue: $0) } }
    }
    func integers(_ value: JSON) -> [Int]? {
      guard let items = value.items else { return nil }
      let numbers = items.compactMap(\.int)
      return numbers.count == items.count ? numbers : nil
    }
    self.init()
    hidden = try member("hidden", integers)
    activation = try choice("activation")
    loss = try choice("loss") as Loss
    classes = json["classes"]?.int
    epochs = try member("epochs", \.int)
    batch = try member("batch", \.int)
    learningRate = try member("learning_rate", \.double)
    gradient = try choice("gradient")
    decay = try member("decay", \.double)
    schedule = try choice("schedule")
    stepEvery = try member("step_every", \.int)
    stepFactor = try member("step_factor", \.double)
    warmup = try member("warmup", \.int)
    optimizer = try choice("optimizer")
    momentum = try member("momentum", \.double)
    weightDecay = try member("weight_decay", \.double)
    initModelHash = json["init_model_sha256"]?.text
    validation = try member("validation", \.double)
    earlyStop = json["early_stop"]?.int
    targetAccuracy = json["target_accuracy"]?.double
    evaluateEvery = try member("evaluate_every", \.int)
    seed = UInt64(clamping: try member("seed", \.int))
    shards = try member("shards", \.int)
    scale = try choice("scale") as ColumnScaling.Kind
    let sizes = try member("layers", integers)
    let scales = try member("init_scale", \.items).compactMap(\.double)
    guard sizes.count >= 2, sizes.allSatisfy({ (1...1 << 24).contains($0) }),
      scales.count == sizes.count - 1
    else {
      throw fail("layers and init_scale")
    }
    // Scales by fan-in differ from layer to layer, and are the default.
    if Set(scales).count == 1 { initScale = scales[0] }
    try validate()
  }
}
