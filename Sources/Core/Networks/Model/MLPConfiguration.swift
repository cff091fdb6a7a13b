/// What a training run of a multilayer perceptron does; the names are those of the command line.
///
/// What is never set follows from the data: see ``chosen`` and docs/DEFAULTS.md. On bytes that look like images it is the
/// seed network with values that reach its headline on MNIST.
public struct MLPConfiguration: Equatable, Sendable {
  /// What the gradient of a batch is divided by.
  public enum GradientScale: String, CaseIterable, Sendable {
    /// The sum over the batch's rows, as in the derivation, or their mean.
    case sum, mean
  }

  /// Units of each hidden layer; may be empty.
  public var hidden = [200]
  /// What stands between layers.
  public var activation = Activation.tanh { didSet { open.remove("activation") } }
  /// What is minimised; nil chooses by the targets: squared for numbers; for classes softmax-ce, or sigmoid-ce of dark images; for labels sigmoid-ce.
  public var loss: Loss?
  /// The distance from a target beyond which the Huber loss is linear, positive.
  public var huberDelta = 1.0
  /// The number of classes, of targets that are one class a row; nil for the largest label and one more.
  public var classes: Int?
  /// Passes over the training rows, at least 1.
  public var epochs = 40 { didSet { open.remove("epochs") } }
  /// Rows in a step, at least 1.
  public var batch = 64
  /// Whether the rows look like images; known once they are read.
  var isOfImages = false
  /// L, positive.
  public var learningRate = 0.384 { didSet { open.remove("learning_rate") } }
  /// Sum or mean over the batch.
  public var gradient = GradientScale.mean
  /// k of the exponential schedule, at least 0.
  public var decay = 3e-5 { didSet { open.remove("decay") } }
  /// How the rate falls.
  public var schedule = LearningRate.Schedule.exponential
  /// Steps between the falls of the step schedule.
  public var stepEvery = 1000
  /// The factor of each fall.
  public var stepFactor = 0.1
  /// Steps of linear warm-up.
  public var warmup = 0
  /// How an update follows from the gradient.
  public var optimizer = UpdateRule.sgd { didSet { open.remove("optimizer") } }
  /// Momentum's μ, β1 of Adam and AdamW, in [0, 1).
  public var momentum = 0.9
  /// β2 of Adam and AdamW, in [0, 1).
  public var beta2 = 0.999
  /// What Adam and AdamW add to the root of the second moment, positive.
  public var epsilon = 1e-8
  /// L2 factor (AdamW: decoupled), at least 0.
  public var weightDecay = 0.0 { didSet { open.remove("weight_decay") } }
  /// Deviation of the initial weights; nil: 0.01 for one hidden layer of tanh or sigmoid (the seed's),
  /// else by fan-in (He for relu, LeCun otherwise).
  public var initScale: Double?
  /// A model to start from instead of random weights.
  public var initModel: String?
  /// The SHA-256 of that model's file, which is what is recorded; known once it is read.
  var initModelHash: String?
  /// The standard deviation of each layer's initial weights, once the layers are known.
  var initScales: [Double] = []
  /// The fraction of rows held out, in [0, 1).
  public var validation = 0.0
  /// Evaluations without improvement after which training stops; nil for never.
  public var earlyStop: Int?
  /// How much better an evaluation must be to count as an improvement, at least 0.
  public var minImprovement = 0.0
  /// The accuracy in (0, 1] at which training stops; nil for none.
  public var targetAccuracy: Double?
  /// Epochs between evaluations, at least 1.
  public var evaluateEvery = 1 { didSet { open.remove("evaluate_every") } }
  /// The seed of all random draws.
  public var seed: UInt64 = 0
  /// V; nil for the default of the batch size.
  public var shards: Int?
  /// How columns are scaled; nil: unit for bytes that look like images, else standard.
  public var scale: ColumnScaling.Kind?
  /// How targets that are numbers are scaled inside; what is reported has their own units. nil: standard.
  public var targetScale: ColumnScaling.Kind?
  /// What targets are; nil to tell by their type and values.
  public var targets: TargetKind?
  /// Whether the matrix products of the steps are timed alone, after the training; not recorded.
  public var measuresProducts = false

  /// The options that were never set, of those whose values may follow from the data.
  var open: Set<String> = [
    "activation", "decay", "epochs", "evaluate_every", "learning_rate", "optimizer",
    "weight_decay",
  ]
  /// The options whose values followed from the data, in the order in which they were chosen.
  public internal(set) var chosen: [String] = []

  /// The most classes that labels may make.
  static let mostClasses = 1_000_000

  /// The defaults.
  public init() {}

  /// V: what was asked for, or the default.
  public var resolvedShards: Int { shards ?? VirtualShards.defaultCount(batch: batch) }
}

extension MLPConfiguration: RunConfiguration {
  /// Every option of a training run.
  public static let table = RunOptionTable<MLPConfiguration>([
    RunOption(
      "scale", in: .data,
      help: """
        Scaling of the columns: unit divides bytes by 255 and floats by their largest magnitude, standard makes \
        mean 0 and standard deviation 1
        """, standard: "unit for dark images of bytes, else standard", \.scale,
      absent: "chosen by the data"),
    RunOption(
      "target_scale", in: .data,
      help: "Scaling inside of targets that are numbers; results have their own units",
      standard: "standard", \.targetScale, absent: "standard"),
    RunOption(
      "targets", in: .data,
      help: "What the targets are, where their type and values do not tell it",
      standard: """
        integers are classes, and so are floats that are whole numbers from 0 to \
        \(TrainingTargets.mostClassesOfFloats - 1)
        """, \.targets, absent: "told by their values"),

    RunOption(
      "hidden", in: .network,
      help: "Units of each hidden layer, such as 512,256; none for no hidden layer",
      value: "units,…", \.hidden,
      .init("takes sizes from 1 to 1000000, such as 200 or 512,256") {
        $0.allSatisfy { (1...1_000_000).contains($0) }
      }),
    RunOption(
      "activation", in: .network, help: "The function between layers",
      standard: "tanh for dark images of bytes, else relu", \.activation),
    RunOption(
      "loss", in: .network, help: "What is minimised",
      standard:
        "squared for numbers, softmax-ce for classes, sigmoid-ce for labels and dark images",
      \.loss,
      absent: "chosen by the data"),
    RunOption(
      "huber_delta", in: .network,
      help: "Distance from a target beyond which the huber loss is linear", value: "distance",
      \.huberDelta, .init("must be a positive number") { $0 > 0 && $0.isFinite }
    ).used(by: "loss") { $0.loss },
    RunOption(
      "classes", in: .network, help: "The number of classes; labels outside are refused",
      standard: "the largest label and one more", value: "number", \.classes,
      absent: "by the labels", .from(1, to: mostClasses)),
    RunOption(
      "init_scale", in: .network, help: "Deviation of the initial weights",
      standard: "0.01 for one tanh or sigmoid layer, else by fan-in", value: "sigma", \.initScale,
      absent: "by layer", .atLeast(0)
    ).recorded(
      as: { .init("init_scale", .array($0.initScales.map { .number($0) })) }, restoreInitScale),
    RunOption(
      "init_model", in: .network,
      help: """
        A model to start from instead of random weights: a run directory, its model.safetensors, or a safetensors file \
        of the Linear layers of a PyTorch model
        """,
      standard: nil, value: "path", \.initModel, absent: "none"
    ).recorded(
      as: { .init("init_model_sha256", $0.initModelHash.map { .string($0) } ?? .null) },
      {
        let recorded = $1["init_model_sha256"] ?? .null
        $0.initModelHash = recorded.text
        return recorded.isNull || recorded.text != nil
      },
      text: { $0.initModelHash.map { "a model with the SHA-256 \($0)" } ?? "none" }),

    RunOption(
      "epochs", in: .training, help: "Passes over the training rows", standard: "by the rows",
      value: "number", \.epochs,
      .from(1, to: 1_000_000)
    ).changeable,
    RunOption(
      "batch", in: .training, help: "Rows in a step, over all ranks together",
      value: "rows", \.batch,
      .from(1, to: Int(Int32.max))
    ).alias("batch_size"),
    RunOption(
      "validation", in: .training, help: "Fraction of the training rows held out to watch",
      standard: "0", value: "fraction", \.validation,
      .init("must be at least 0 and below 1") { (0..<1).contains($0) }),
    RunOption(
      "early_stop", in: .training,
      help: """
        Stop after this many evaluations without improvement (a higher validation or test accuracy, or at the same one a \
        lower loss; of numbers, or of training rows alone, a lower loss), and write the best model
        """,
      standard: "never", value: "number", \.earlyStop, absent: "never", .atLeast(1)),
    RunOption(
      "min_improvement", in: .training,
      help: "How much better an evaluation must be to count as an improvement", value: "amount",
      \.minImprovement, .atLeast(0)
    ).needing("early_stop", { $0.earlyStop.map { "\($0)" } ?? "never" }, remedy: "5") {
      $0.earlyStop != nil
    },
    RunOption(
      "target_accuracy", in: .training,
      help: "Stop when the test (or else validation) accuracy reaches this, such as 0.97",
      standard: nil, value: "fraction", \.targetAccuracy, absent: "none",
      .init("is a fraction above 0 and at most 1, such as 0.97") { $0 > 0 && $0 <= 1 }),
    RunOption(
      "evaluate_every", in: .training, help: "Epochs between evaluations",
      standard: "1, or more where many epochs are chosen by the data", value: "epochs",
      \.evaluateEvery,
      .atLeast(1, "epoch")),
    RunOption(
      "seed", in: .training, help: "Seed of all random draws", value: "number", \.seed,
      .init("must be at most \(Int.max)") { $0 <= UInt64(Int.max) }),
    RunOption(
      "shards", in: .training,
      help: """
        Virtual shards that the rows are cut into; the result depends on them, never on the ranks; use a multiple of \
        the ranks
        """,
      standard: "by batch, \(MLPConfiguration().resolvedShards) for \(MLPConfiguration().batch)",
      value: "number", \.shards, absent: "by batch", .from(1, to: 1_000_000)
    ).recorded(
      as: { .init("shards", .integer($0.resolvedShards)) },
      {
        $0.shards = $1["shards"]?.int
        return $0.shards != nil
      },
      text: { "\($0.resolvedShards)" }),

    RunOption(
      "optimizer", in: .updates, help: "How an update follows from the gradient",
      standard: "sgd for dark images of bytes, else adamw", \.optimizer),
    RunOption(
      "learning_rate", in: .updates, help: "Initial learning rate",
      standard: "by the optimizer and the loss", value: "rate", \.learningRate,
      .init("must be a positive number") { $0 > 0 && $0.isFinite }
    ).alias("lr"),
    RunOption(
      "gradient", in: .updates,
      help: "The batch's gradient: the mean over its rows, as other programs take it, or their sum",
      \.gradient),
    RunOption("schedule", in: .updates, help: "How the learning rate falls", \.schedule),
    RunOption(
      "decay", in: .updates, help: "k of the exponential schedule, L·exp(-k·t), t in steps",
      standard: "2 over the steps for tables of classes or of few rows, else 3e-5",
      value: "k", \.decay, .atLeast(0)
    ).used(by: "schedule") { $0.schedule },
    RunOption(
      "step_every", in: .updates, help: "Steps between the falls of the step schedule",
      value: "steps", \.stepEvery, .atLeast(1, "step")
    ).used(by: "schedule") { $0.schedule },
    RunOption(
      "step_factor", in: .updates, help: "Factor of each fall of the step schedule",
      value: "factor", \.stepFactor, .init("must be positive") { $0 > 0 && $0.isFinite }
    ).used(by: "schedule") { $0.schedule },
    RunOption(
      "warmup", in: .updates, help: "Steps in which the rate rises from nothing", value: "steps",
      \.warmup, .atLeast(0, "steps")),
    RunOption(
      "momentum", in: .updates, help: "Momentum, or beta1 of Adam and AdamW", value: "factor",
      \.momentum, .init("must be at least 0 and below 1") { (0..<1).contains($0) }
    ).used(by: "optimizer", { $0.optimizer }, unless: { $0.open.contains("optimizer") }),
    RunOption(
      "beta2", in: .updates, help: "Second-moment factor of Adam and AdamW", value: "factor",
      \.beta2, .init("must be at least 0 and below 1") { (0..<1).contains($0) }
    ).used(by: "optimizer", { $0.optimizer }, unless: { $0.open.contains("optimizer") }),
    RunOption(
      "epsilon", in: .updates, help: "What Adam and AdamW add to the root of the second moment",
      value: "number", \.epsilon, .init("must be a positive number") { $0 > 0 && $0.isFinite }
    ).used(by: "optimizer", { $0.optimizer }, unless: { $0.open.contains("optimizer") }),
    RunOption(
      "weight_decay", in: .updates, help: "L2 penalty; decoupled for AdamW",
      standard: "up to 0.2 where adamw is chosen by the data, else 0",
      value: "factor", \.weightDecay,
      .atLeast(0)),
  ])

  /// The files that hold the result.
  public static var results: [String] {
    [SafetensorsExport.fileName] + ModelExports.fileNames(ExportedNetwork.stem)
  }
  /// The network in the directory of a run.
  public static func model(in directory: String) throws -> ExportedModel {
    try MLPModel.exported(directory)
  }
  /// The command that makes such runs.
  public var commandName: String { "mlp" }

  /// The model whose parameters the run begins with.
  public var startPath: String? { initModel }
  /// The same kind of run, at its defaults.
  public var defaults: MLPConfiguration { MLPConfiguration() }

  /// Takes the names of the options whose values followed from the data.
  public mutating func recall(_ json: JSON) {
    chosen = json["chosen"]?.items?.compactMap(\.text) ?? []
  }

  /// Leaves open what followed from other options, and asks for the model that the run began with.
  public mutating func adapt(
    to stated: Set<String>, recorded json: JSON, elsewhere directory: String?
  ) throws(TrainerError) {
    chosen.removeAll(where: stated.contains)
    let sizes = json["layers"]?.items?.compactMap(\.int) ?? []
    if sizes.count >= 2 {
      let network = Network(sizes: sizes, activation: activation)
      let standard = (0..<network.layerCount).map {
        activation.initialScale(layer: $0, of: network)
      }
      if json["init_scale"]?.items?.compactMap(\.double) == standard { initScale = nil }
    }
    guard let hash = initModelHash else { return }
    if stated.contains("init_model") {
      initScale = nil
    } else if !stated.contains("init_scale") {
      throw TrainerError(
        .usage,
        "the run began with a model, whose path is not recorded (its SHA-256 is \(hash.printable)); give "
          + "\(parameter: "init_model") with that model")
    }
    initModelHash = nil
  }

  /// Throws `TrainerError(.usage)` for options that exclude each other.
  public func checkTogether() throws(TrainerError) {
    try require(
      initScale == nil || initModel == nil, .usage,
      "\(parameter: "init_scale") and \(parameter: "init_model") exclude each other: a model brings its own weights"
    )
  }

  /// Schedules that the number of epochs decides cannot take another one.
  public func checkChange(of name: String, to asked: MLPConfiguration) throws(TrainerError) {
    try require(
      !schedule.uses.contains(name), .usage,
      "\(parameter: name): the run has \(epochs), over which \(parameter: "schedule") \(schedule) lowers the learning "
        + "rate; with another number every step would have been another one")
  }

  /// How far a finished run came that has nothing left to do.
  public func rest(of summary: JSON) throws(TrainerError) -> RunEnd.Rest? {
    let done = summary["epochs"]?.int ?? 0
    try require(
      epochs >= done, .usage,
      "\(parameter: "epochs") \(epochs): the run has \(done.counted("epoch")) already; give at least \(done)"
    )
    let reason = summary["stopped"]?.text.flatMap { StopReason(rawValue: $0) } ?? .epochs
    guard reason != .epochs || epochs == done else { return nil }
    return .init(
      done: done, unit: .step, reason: reason, prolongedBy: reason == .epochs ? "epochs" : nil)
  }

  /// Scales by fan-in differ from layer to layer, and are the default.
  private static func restoreInitScale(_ configuration: inout Self, _ json: JSON) -> Bool {
    guard let items = json["init_scale"]?.items, let layers = json["layers"]?.items,
      layers.count >= 2, layers.allSatisfy({ (1...1 << 24).contains($0.int ?? 0) })
    else { return false }
    let scales = items.compactMap(\.double)
    if Set(scales).count == 1 { configuration.initScale = scales[0] }
    return scales.count == layers.count - 1
  }
}

extension Activation: NamedOptionValue {}
extension Loss: NamedOptionValue {}
extension UpdateRule: NamedOptionValue {}
extension LearningRate.Schedule: NamedOptionValue {}
extension MLPConfiguration.GradientScale: NamedOptionValue {}
