import DTrainBase
import DTrainData

/// What a training run of a multilayer perceptron does; the names are those of the command line.
///
/// The defaults are the seed network with values that reach its headline on MNIST.
public struct MLPConfiguration: Equatable, Sendable {
  /// How an update follows from the gradient.
  public enum Optimizer: String, CaseIterable, Sendable {
    /// Plain descent, heavy-ball momentum, Nesterov's, AdamW, and layer-wise adaptive rates.
    case sgd, momentum, nesterov, adamw, lars
  }

  /// How the learning rate falls.
  public enum Schedule: String, CaseIterable, Sendable {
    /// See ``LearningRate/Schedule``.
    case exponential, constant, step, cosine
  }

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
  public var loss: LossFunction?
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
  public var schedule = Schedule.exponential
  /// Steps between the falls of the step schedule.
  public var stepEvery = 1000
  /// The factor of each fall.
  public var stepFactor = 0.1
  /// Steps of linear warm-up.
  public var warmup = 0
  /// How an update follows from the gradient.
  public var optimizer = Optimizer.sgd
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
  /// The standard deviation of each layer's initial weights, once the layers are known.
  var initScales: [Double] = []
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
  /// Whether the matrix products of the steps are timed alone, after the training; not recorded.
  public var measuresProducts = false

  /// The most classes that labels may make.
  static let mostClasses = 1_000_000

  /// The defaults.
  public init() {}

  /// V: what was asked for, or the default.
  public var resolvedShards: Int { shards ?? VirtualShards.defaultCount(batch: batch) }
}
