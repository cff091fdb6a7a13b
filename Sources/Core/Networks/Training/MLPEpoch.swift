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
  /// What the rows' targets are.
  public let targets: TargetKind
  /// Seconds of training so far, and rows a second in this epoch.
  public let secondsTrain: Double, samplesPerSecond: Double
}

extension MLPEpoch {
  /// Whether accuracy means something: the rows whose class, or all of whose labels, are right.
  public var hasClasses: Bool { targets != .numbers }

  /// The evaluations and what their rows are for.
  private var evaluations: [(name: String, evaluation: Evaluation?)] {
    [("train", training), ("validation", validation), ("test", test)]
  }

  /// Loss, accuracy and errors of all rows of a kind, as members of the summary; of numbers how far they are off.
  var scores: [JSON.Member] {
    evaluations.flatMap { name, evaluation in
      Self.regression(name, evaluation) + [
        .init("\(name)_loss", Self.number(evaluation?.loss)),
        .init("\(name)_accuracy", Self.number(hasClasses ? evaluation?.accuracy : nil)),
        .init(
          "\(name)_errors", (hasClasses ? evaluation?.wrong : nil).map { .integer($0) } ?? .null),
      ]
    }
  }

  /// The epoch's line in `metrics.jsonl`.
  var line: JSON {
    let accuracies = evaluations.map {
      JSON.Member("\($0)_accuracy", Self.number(hasClasses ? $1?.accuracy : nil))
    }
    let losses = evaluations.map { JSON.Member("\($0)_loss", Self.number($1?.loss)) }
    let regressions = evaluations.flatMap(Self.regression)
    return .object(
      [
        .init("epoch", .integer(epoch)), .init("step", .integer(step)),
        .init("learning_rate", .number(learningRate)), .init("loss", .number(self.loss)),
      ] + accuracies + losses + regressions + [
        .init("seconds", .number(secondsTrain)),
        .init("samples_per_second", .number(samplesPerSecond)),
      ])
  }

  private static func regression(_ name: String, _ evaluation: Evaluation?) -> [JSON.Member] {
    guard let regression = evaluation?.regression else { return [] }
    return [
      .init("\(name)_rmse", .number(regression.rmse)),
      .init("\(name)_mae", .number(regression.mae)),
      .init("\(name)_r2", .number(regression.r2)),
    ]
  }

  private static func number(_ value: Double?) -> JSON { value.map { .number($0) } ?? .null }

  /// All of it, exactly.
  var recorded: JSON {
    [
      "epoch": .integer(epoch), "step": .integer(step), "learning_rate": .number(learningRate),
      "loss": .number(loss), "training": training?.recorded ?? .null,
      "validation": validation?.recorded ?? .null, "test": test?.recorded ?? .null,
      "targets": .string(targets.rawValue), "seconds": .number(secondsTrain),
      "samples_per_second": .number(samplesPerSecond),
    ]
  }

  init?(recorded json: JSON) {
    guard let epoch = json["epoch"]?.int, let step = json["step"]?.int,
      let learningRate = json["learning_rate"]?.double, let loss = json["loss"]?.double,
      let training = json["training"], let validation = json["validation"],
      let test = json["test"],
      let targets = json["targets"]?.text.flatMap(TargetKind.init(rawValue:)),
      let seconds = json["seconds"]?.double, let rate = json["samples_per_second"]?.double
    else { return nil }
    self.init(
      epoch: epoch, step: step, learningRate: learningRate, loss: loss,
      training: Evaluation(recorded: training), validation: Evaluation(recorded: validation),
      test: Evaluation(recorded: test), targets: targets, secondsTrain: seconds,
      samplesPerSecond: rate)
  }
}

extension Evaluation {
  var recorded: JSON {
    [
      "rows": .integer(rows), "loss_sum": .number(lossSum), "wrong": .integer(wrong),
      "regression": regression.map {
        .array(
          [$0.rootMeanSquaredErrors, $0.meanAbsoluteErrors, $0.determinations].map { values in
            .array(values.map { .number($0) })
          })
      } ?? .null,
    ]
  }

  init?(recorded json: JSON) {
    guard let rows = json["rows"]?.int, let lossSum = json["loss_sum"]?.double,
      let wrong = json["wrong"]?.int
    else { return nil }
    let errors = json["regression"]?.items?.map { $0.items?.compactMap(\.double) ?? [] }
    guard errors == nil || errors?.count == 3 else { return nil }
    self.init(
      rows: rows, lossSum: lossSum, wrong: wrong,
      regression: errors.map {
        Regression(
          rootMeanSquaredErrors: $0[0], meanAbsoluteErrors: $0[1], determinations: $0[2])
      })
  }
}
