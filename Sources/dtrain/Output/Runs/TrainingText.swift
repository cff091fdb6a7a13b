import DTrainCore

/// The sentences about a training run.
enum TrainingText {
  /// What is about to be trained, on what; lines that fit `width` columns, or 80 where it is nil.
  static func opening(_ start: MLPStart, width: Int?) -> [String] {
    var rows = ["\(NumberFormat.grouped(start.trainingRows)) to train on"]
    if start.validationRows > 0 {
      rows.append("\(NumberFormat.grouped(start.validationRows)) to validate")
    }
    if start.testRows > 0 { rows.append("\(NumberFormat.grouped(start.testRows)) to test") }
    let sizes = start.network.sizes.map(String.init).joined(separator: "-")
    var training = [
      "\(count(start.epochs, "epoch")) of \(count(start.stepsPerEpoch, "step"))",
      "on \(count(start.ranks, "rank"))",
    ]
    if let checkpoint = start.resumedFrom {
      training[1] += ","
      training += ["continued in epoch \(start.epochsDone + 1)", "from \(checkpoint)"]
    }
    let network =
      [sizes] + (start.network.layerCount > 1 ? [start.network.activation.rawValue] : [])
      + [start.loss.rawValue, "\(NumberFormat.grouped(start.network.parameterCount)) parameters"]
    let columns = width ?? 80
    return FittedLines.titled("data:", start.dataName, width: width)
      + FittedLines.wrapped(
        "rows:",
        separated(rows) + [
          "(\(start.storedType), read in \(NumberFormat.duration(start.secondsLoad)))"
        ], width: columns)
      + FittedLines.wrapped("network:", separated(network), width: columns)
      + FittedLines.wrapped("training:", training, width: columns)
      + chosen(start, width: columns)
  }

  /// The options whose values followed from the data; nothing where there are none.
  private static func chosen(_ start: MLPStart, width: Int) -> [String] {
    guard !start.chosen.isEmpty else { return [] }
    return FittedLines.wrapped(
      "chosen by the data:",
      separated(start.chosen.map { "\(Spelling.name($0.option)) \($0.value)" }), width: width)
  }

  /// Each but the last with a comma behind it.
  private static func separated(_ parts: [String]) -> [String] {
    parts.enumerated().map { $0 == parts.count - 1 ? $1 : "\($1)," }
  }

  /// How the work is divided.
  static func placement(_ start: MLPStart) -> String {
    "\(count(start.shards, "shard")) over \(count(start.ranks, "rank")) on "
      + "\(count(start.nodes, "node"))"
  }

  /// One epoch in one line: as much as fits, the scores of the rows that were not trained on before others.
  ///
  /// - Parameters:
  ///   - elapsed: seconds of the run so far, all that it does included.
  ///   - width: columns; nil for everything.
  static func epoch(_ epoch: MLPEpoch, of epochs: Int, elapsed: Double, width: Int?) -> String {
    let number = NumberFormat.padded("\(epoch.epoch)", String(epochs).count)
    var parts = [
      (rank: 0, text: "epoch \(number)/\(epochs)"),
      (rank: 1, text: "loss \(NumberFormat.significant(epoch.loss))"),
    ]
    let sets = [
      (rank: 5, "train", epoch.training), (rank: 2, "validation", epoch.validation),
      (rank: 3, "test", epoch.test),
    ]
    for case (let rank, let name, let evaluation?) in sets {
      parts.append((rank: rank, text: "\(name) \(score(evaluation, epoch.targets))"))
    }
    parts.append((rank: 6, text: rate(epoch.samplesPerSecond)))
    parts.append((rank: 4, text: NumberFormat.duration(elapsed)))
    return FittedLines.important(parts, width: width)
  }

  /// Rows a second of training.
  static func rate(_ samplesPerSecond: Double) -> String {
    "\(NumberFormat.grouped(samplesPerSecond.isFinite ? Int(samplesPerSecond) : 0)) samples/s"
  }

  /// How good a network is, in a few words: its accuracy, or how far numbers are off.
  private static func score(_ evaluation: Evaluation, _ targets: TargetKind) -> String {
    guard let regression = evaluation.regression else {
      let name = targets == .labels ? "all labels right" : "accuracy"
      return "\(name) \(NumberFormat.fixed(evaluation.accuracy, 4))"
    }
    return
      "RMSE \(NumberFormat.significant(regression.rmse)) MAE \(NumberFormat.significant(regression.mae)) "
      + "R^2 \(NumberFormat.fixed(regression.r2, 4))"
  }

  /// The scores that one watches, in few words: of the validation rows and of the test rows.
  static func watchedScores(_ epoch: MLPEpoch) -> [String] {
    [("validation", epoch.validation), ("test", epoch.test)].compactMap { name, evaluation in
      evaluation.map { evaluation in
        let figure =
          evaluation.regression.map { "RMSE \(NumberFormat.significant($0.rmse))" }
          ?? NumberFormat.fixed(evaluation.accuracy, 4)
        return "\(name) \(figure)"
      }
    }
  }

  /// How it ended, and what to do with the model; lines that fit `width` columns.
  ///
  /// - Parameter format: that of the rows; nil where it is not known.
  static func closing(
    _ summary: JSON, last: MLPEpoch?, directory: String, format: String?, width: Int?
  ) -> [String] {
    var lines: [String] = []
    let sets = [
      ("train", last?.training), ("validation", last?.validation), ("test", last?.test),
    ]
    for case (let name, let evaluation?) in sets {
      let score = score(evaluation, last?.targets ?? .oneClass)
      let detail =
        if evaluation.regression != nil {
          "(\(count(evaluation.rows, "row")))"
        } else {
          "(\(NumberFormat.grouped(evaluation.wrong)) of \(NumberFormat.grouped(evaluation.rows)) wrong)"
        }
      lines.append("\(name) \(score) \(detail)")
    }
    var done = "\(count(summary["epochs"]?.int ?? 0, "epoch"))"
    if let rate = summary["samples_per_second"]?.double, rate.isFinite {
      done += ", \(Self.rate(rate))"
    }
    lines.append(done)
    if let reason = summary["stopped"]?.text, reason != "epochs" {
      lines.append("stopped: \(reason)")
    }
    lines += TimeText.lines(summary, width: width)
    lines += FittedLines.titled("run directory:", directory, width: width)
    lines += exported(summary)
    lines.append("to use the model:")
    // Who has tables goes on with tables.
    let isTable = ["csv", "tsv"].contains(format)
    lines += FittedLines.command(
      "dtrain predict --model \(Shell.word(directory))",
      "--data PATH --output \(isTable ? "y.csv" : "y.npy")", width: width)
    return lines
  }

  /// The files for other programs, where there are some.
  static func exported(_ summary: JSON) -> [String] {
    let names = summary["exported"]?.items?.compactMap(\.text) ?? []
    return names.isEmpty ? [] : ["for other programs: \(names.joined(separator: ", "))"]
  }

  /// What only those see who want more: what ranks waited for, memory, and how fast the products are.
  static func details(_ summary: JSON) -> [String] {
    var lines: [String] = []
    if let seconds = summary["seconds_communication"]?.double {
      lines.append("of training, \(NumberFormat.duration(seconds)) went into exchange and waiting")
    }
    if let peaks = summary["peak_rss_bytes"]?.items?.compactMap(\.int), let most = peaks.max() {
      lines.append("memory: at most \(NumberFormat.bytes(most)) a rank")
    }
    if let fraction = summary["products_fraction"]?.double {
      lines.append(
        "matrix products alone: \(NumberFormat.fixed(100 * fraction, 1)) % of a step's time")
    }
    return lines
  }

  /// `1 rank`, `2 ranks`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(NumberFormat.grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }
}
