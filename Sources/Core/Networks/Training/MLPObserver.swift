import DTrainBase

/// What is known when training starts.
public struct MLPStart {
  /// The run directory.
  public let directory: String
  /// The network.
  public let network: Network
  /// The loss that is minimised.
  public let loss: Loss
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
  /// The checkpoint that the run continues from; nil for a new run.
  public let resumedFrom: String?
  /// Epochs that are complete, and the seconds of training that they took.
  public let epochsDone: Int, secondsTrained: Double
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
public struct MLPEpoch: Equatable {
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
