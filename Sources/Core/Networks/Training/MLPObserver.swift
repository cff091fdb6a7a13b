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
  /// Where the data comes from, the name of its format, and its element type.
  public let dataName: String, dataFormat: String, storedType: String
  /// Seconds of loading.
  public let secondsLoad: Double
  /// The checkpoint that the run continues from; nil for a new run.
  public let resumedFrom: String?
  /// The options whose values followed from the data, by their names in the library.
  public let chosen: [(option: String, value: String)]
  /// Epochs that are complete, and the seconds of training that they took.
  public let epochsDone: Int, secondsTrained: Double
  /// Seconds of all processes that worked on the run until now.
  public let secondsTotal: Double
}

/// The state of a run within an epoch, for a progress bar.
public struct MLPProgress {
  /// The epoch, from 1, and steps done in it.
  public let epoch: Int, step: Int
  /// Rows trained on in this epoch, and seconds of training in it.
  public let rows: Int, seconds: Double
  /// The mean loss of this rank's rows in this epoch so far; nil where it has no rows.
  public let loss: Double?
}

/// What a user should know of a training run.
public enum NetworkAdvice: Advice, Equatable {
  /// There are more ranks than virtual shards: so many have no rows to pass forward and back.
  case idleRanks(ranks: Int, shards: Int, isContinued: Bool)
  /// The ranks of a node cannot share memory, and why.
  case separateCopies(reason: String)
  /// No row has some of the classes that the largest label makes, of which the row is the first with it.
  case emptyClasses(name: String, largestRow: Int, classes: Int, empty: Int)
  /// All rows are the same: nothing can be learned from them.
  case constantRows(name: String)
  /// All targets are the same: there is nothing to learn.
  case constantTargets(name: String)
  /// The result is no better than a prediction that is the same for all rows; and the steps, where they were few.
  case learnedNothing(Constant, steps: Int?, scale: ColumnScaling.Kind)
  /// A model is applied to rows of which a column has another mean than in training, by this many standard deviations.
  case foreignColumn(name: String, column: String, deviations: Double)
  /// Labels are numbered from 1, so that class 0 has no row.
  case labelsFromOne(name: String, classes: Int)
  /// Rows are held out for validation, and none of a class is left to train on: its name, or its number.
  case heldOutClass(String)
  /// After few steps the loss is much higher than that of a constant prediction: its multiple.
  case highLoss(times: Double)
  /// Numbers were taken as quantities of which there are few, so that they may be classes.
  case takenAsNumbers(name: String, values: Int)
  /// Whole numbers were taken as classes that may be quantities: floats, or integers of many values.
  case takenAsClasses(name: String, classes: Int)
  /// The layers of another program's model follow each other in this order alone, which is not that of their names.
  case orderedByShape(name: String, weights: [String])

  /// A prediction that is the same for all rows.
  public enum Constant: Equatable, Sendable {
    /// The largest class, and its share of the rows, or of their weight.
    case largestClass(share: Double, isWeighted: Bool)
    /// The shares of all classes or labels.
    case shares
    /// The mean of the targets.
    case mean
  }
}

/// Watches a training run; called on rank 0 alone.
public protocol MLPObserver: RunObserver {
  /// Before the first step.
  func started(_ start: MLPStart)
  /// After a step; called for every step, so it must be quick.
  func stepped(_ progress: @autoclosure () -> MLPProgress)
  /// After an epoch.
  func finishedEpoch(_ epoch: MLPEpoch)
  /// At the end, where the model that is written is not that of the last epoch.
  func kept(_ epoch: MLPEpoch)
}

extension MLPObserver {
  /// Nothing.
  public func kept(_ epoch: MLPEpoch) {}
}
