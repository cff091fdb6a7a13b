import DTrainBase
import DTrainData

/// What a training run of a multilayer perceptron does; the names are those of the command line.
///
/// The defaults are the seed network with values that reach its headline on MNIST.
public struct MLPConfiguration: Equatable, Sendable {
  /// What the gradient of a batch is divided by.
  public enum GradientScale: String, CaseIterable, Sendable {
    /// The sum over the batch's rows, as in the derivation, or their mean.
    case sum, mean
  }

  /// Units of each hidden layer; may be empty.
  public var hidden = [200]
  /// What stands between layers.
  public var activation = Activation.tanh
  /// What is minimised; nil chooses by the targets: squared for floats other than 0 and 1, else sigmoid-ce.
  public var loss: Loss?
  /// The number of classes, of targets that are one class a row; nil for the largest label and one more.
  public var classes: Int?
  /// Passes over the training rows, at least 1.
  public var epochs = 40
  /// Rows in a step, at least 1.
  public var batch = 64
  /// L, positive.
  public var learningRate = 0.006
  /// Sum or mean over the batch.
  public var gradient = GradientScale.sum
  /// k of the exponential schedule, at least 0.
  public var decay = 3e-5
  /// How the rate falls.
  public var schedule = LearningRate.Schedule.exponential
  /// Steps between the falls of the step schedule.
  public var stepEvery = 1000
  /// The factor of each fall.
  public var stepFactor = 0.1
  /// Steps of linear warm-up.
  public var warmup = 0
  /// How an update follows from the gradient.
  public var optimizer = UpdateRule.sgd
  /// Momentum's μ, AdamW's β1, in [0, 1).
  public var momentum = 0.9
  /// L2 factor (AdamW: decoupled), at least 0.
  public var weightDecay = 0.0
  /// Deviation of the initial weights; nil: 0.01 for one hidden layer of tanh or sigmoid (the seed's),
  /// else by fan-in (He for relu, LeCun otherwise).
  public var initScale: Double?
  /// A model to start from instead of random weights.
  public var initModel: String?
  /// The SHA-256 of that model's file, which is what is recorded; known once it is read.
  var initModelHash: String?
  /// The fraction of rows held out, in [0, 1).
  public var validation = 0.0
  /// Evaluations without improvement after which training stops; nil for never.
  public var earlyStop: Int?
  /// The accuracy in (0, 1] at which training stops; nil for none.
  public var targetAccuracy: Double?
  /// Epochs between evaluations, at least 1.
  public var evaluateEvery = 1
  /// The seed of all random draws.
  public var seed: UInt64 = 0
  /// V; nil for the default of the batch size.
  public var shards: Int?
  /// How columns are scaled; nil: unit for uint8 rows, none for floats.
  public var scale: ColumnScaling.Kind?

  /// The most classes that labels may make.
  static let mostClasses = 1_000_000

  /// The defaults.
  public init() {}

  /// Throws `TrainerError(.usage)` for values that make no sense, alone or together.
  public func validate() throws(TrainerError) {
    func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(TrainerError) {
      if !condition { throw TrainerError(.usage, message()) }
    }
    try require(
      hidden.allSatisfy { (1...1_000_000).contains($0) },
      "--hidden takes sizes from 1 to 1000000, such as 200 or 512,256")
    try require(
      classes.map { (1...Self.mostClasses).contains($0) } ?? true,
      "--classes must be from 1 to \(Self.mostClasses), not \(classes ?? 0)")
    try require(
      (1...1_000_000).contains(epochs), "--epochs must be from 1 to 1000000, not \(epochs)")
    try require(
      (1...Int(Int32.max)).contains(batch), "--batch must be from 1 to 2147483647, not \(batch)")
    try require(
      learningRate > 0 && learningRate.isFinite,
      "--learning-rate must be a positive number, not \(learningRate)")
    try require(decay >= 0 && decay.isFinite, "--decay must be at least 0, not \(decay)")
    try require(stepEvery >= 1, "--step-every must be at least 1 step, not \(stepEvery)")
    try require(
      stepFactor > 0 && stepFactor.isFinite, "--step-factor must be positive, not \(stepFactor)")
    try require(warmup >= 0, "--warmup must be at least 0 steps, not \(warmup)")
    try require(
      (0..<1).contains(momentum), "--momentum must be at least 0 and below 1, not \(momentum)")
    try require(
      weightDecay >= 0 && weightDecay.isFinite,
      "--weight-decay must be at least 0, not \(weightDecay)")
    try require(
      initScale.map { $0 >= 0 && $0.isFinite } ?? true,
      "--init-scale must be at least 0, not \(initScale ?? 0)")
    try require(
      (0..<1).contains(validation), "--validation must be at least 0 and below 1, not \(validation)"
    )
    try require(
      earlyStop.map { $0 >= 1 } ?? true, "--early-stop must be at least 1, not \(earlyStop ?? 0)")
    try require(
      targetAccuracy.map { $0 > 0 && $0 <= 1 } ?? true,
      "--target-accuracy is a fraction above 0 and at most 1, such as 0.97, not "
        + "\(targetAccuracy ?? 0)")
    try require(
      evaluateEvery >= 1, "--evaluate-every must be at least 1 epoch, not \(evaluateEvery)")
    try require(seed <= UInt64(Int.max), "--seed must be at most \(Int.max), not \(seed)")
    try require(
      shards.map { (1...1_000_000).contains($0) } ?? true,
      "--shards must be from 1 to 1000000, not \(shards ?? 0)")
  }

  /// V: what was asked for, or the default.
  public var resolvedShards: Int { shards ?? VirtualShards.defaultCount(batch: batch) }
}
