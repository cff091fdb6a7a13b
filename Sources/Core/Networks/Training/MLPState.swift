import DTrainBase

/// Where a run stands, as a checkpoint records it beside the tensors.
struct MLPState: Equatable {
  /// The epoch, from 1; when all its steps are done, it is not yet evaluated.
  var epoch = 1
  /// Steps done in that epoch.
  var position = 0
  /// Steps done since the run began.
  var step = 0
  /// Seconds of all processes that worked on the run.
  var seconds = Seconds()
  /// The seconds of training when the epoch began.
  var secondsBeforeEpoch = 0.0
  /// Evaluations since the best one, and the best one itself.
  var withoutImprovement = 0
  var best: MLPEpoch?

  /// Seconds of what a run does.
  struct Seconds: Equatable {
    var train = 0.0, evaluate = 0.0, communication = 0.0, total = 0.0
  }

  /// The state as it stands in a manifest.
  var json: JSON {
    [
      "epoch": .integer(epoch), "position": .integer(position), "step": .integer(step),
      "seconds_train": .number(seconds.train), "seconds_evaluate": .number(seconds.evaluate),
      "seconds_communication": .number(seconds.communication),
      "seconds_total": .number(seconds.total),
      "seconds_before_epoch": .number(secondsBeforeEpoch),
      "without_improvement": .integer(withoutImprovement), "best": best?.recorded ?? .null,
    ]
  }

  /// A run that begins.
  init() {}

  /// The state that a manifest holds; nil where it is no such state.
  init?(json: JSON) {
    guard let epoch = json["epoch"]?.int, epoch >= 1, let position = json["position"]?.int,
      position >= 0, let step = json["step"]?.int, step >= position,
      let train = json["seconds_train"]?.double, let evaluate = json["seconds_evaluate"]?.double,
      let communication = json["seconds_communication"]?.double,
      let total = json["seconds_total"]?.double,
      let secondsBeforeEpoch = json["seconds_before_epoch"]?.double,
      let withoutImprovement = json["without_improvement"]?.int, let best = json["best"]
    else { return nil }
    self.epoch = epoch
    self.position = position
    self.step = step
    seconds = Seconds(
      train: train, evaluate: evaluate, communication: communication, total: total)
    self.secondsBeforeEpoch = secondsBeforeEpoch
    self.withoutImprovement = withoutImprovement
    if !best.isNull {
      guard let report = MLPEpoch(recorded: best) else { return nil }
      self.best = report
    }
  }
}

extension MLPEpoch {
  /// All of it, exactly.
  fileprivate var recorded: JSON {
    [
      "epoch": .integer(epoch), "step": .integer(step), "learning_rate": .number(learningRate),
      "loss": .number(loss), "training": training?.recorded ?? .null,
      "validation": validation?.recorded ?? .null, "test": test?.recorded ?? .null,
      "has_classes": .bool(hasClasses), "seconds": .number(secondsTrain),
      "samples_per_second": .number(samplesPerSecond),
    ]
  }

  fileprivate init?(recorded json: JSON) {
    guard let epoch = json["epoch"]?.int, let step = json["step"]?.int,
      let learningRate = json["learning_rate"]?.double, let loss = json["loss"]?.double,
      let training = json["training"], let validation = json["validation"],
      let test = json["test"], let hasClasses = json["has_classes"]?.flag,
      let seconds = json["seconds"]?.double, let rate = json["samples_per_second"]?.double
    else { return nil }
    self.init(
      epoch: epoch, step: step, learningRate: learningRate, loss: loss,
      training: Evaluation(recorded: training), validation: Evaluation(recorded: validation),
      test: Evaluation(recorded: test), hasClasses: hasClasses, secondsTrain: seconds,
      samplesPerSecond: rate)
  }
}

extension Evaluation {
  fileprivate var recorded: JSON {
    ["rows": .integer(rows), "loss_sum": .number(lossSum), "wrong": .integer(wrong)]
  }

  fileprivate init?(recorded json: JSON) {
    guard let rows = json["rows"]?.int, let lossSum = json["loss_sum"]?.double,
      let wrong = json["wrong"]?.int
    else { return nil }
    self.init(rows: rows, lossSum: lossSum, wrong: wrong)
  }
}
