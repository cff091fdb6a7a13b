import DTrainCore

/// The sentences about a training run.
enum TrainingText {
  /// What is about to be trained, on what; lines that fit a terminal of 80 columns, but for long paths.
  static func opening(_ start: MLPStart) -> [String] {
    var rows = "rows: \(NumberFormat.grouped(start.trainingRows)) to train on"
    if start.validationRows > 0 {
      rows += ", \(NumberFormat.grouped(start.validationRows)) to validate"
    }
    if start.testRows > 0 { rows += ", \(NumberFormat.grouped(start.testRows)) to test" }
    let sizes = start.network.sizes.map(String.init).joined(separator: "-")
    var training =
      "training: \(count(start.epochs, "epoch")) of \(count(start.stepsPerEpoch, "step")) "
      + "on \(count(start.ranks, "rank"))"
    if let checkpoint = start.resumedFrom {
      training += ", continued in epoch \(start.epochsDone + 1) from \(checkpoint)"
    }
    let between = start.network.layerCount > 1 ? "\(start.network.activation.rawValue), " : ""
    return [
      "data: \(start.dataName)",
      "\(rows); \(start.storedType), read in \(NumberFormat.duration(start.secondsLoad))",
      "network: \(sizes), \(between)\(start.loss.rawValue), "
        + "\(NumberFormat.grouped(start.network.parameterCount)) parameters",
      training,
    ] + chosen(start)
  }

  /// The options whose values followed from the data; nothing where there are none.
  private static func chosen(_ start: MLPStart) -> [String] {
    guard !start.chosen.isEmpty else { return [] }
    var lines = ["chosen by the data:"]
    for (index, (option, value)) in start.chosen.enumerated() {
      let isLast = index == start.chosen.count - 1
      let words = " \(Spelling.name(option)) \(value)\(isLast ? "" : ",")"
      let fits = lines[lines.count - 1].count + words.count <= 80
      lines.append(fits ? lines.removeLast() + words : " " + words)
    }
    return lines
  }

  /// How the work is divided.
  static func placement(_ start: MLPStart) -> String {
    "\(count(start.shards, "shard")) over \(count(start.ranks, "rank")) on "
      + "\(count(start.nodes, "node")); run directory \(start.directory)"
  }

  /// One epoch in one line.
  static func epoch(_ epoch: MLPEpoch, of epochs: Int) -> String {
    let width = String(epochs).count
    let number = String(epoch.epoch)
    var parts = [
      "epoch \(String(repeating: " ", count: max(0, width - number.count)))\(number)/\(epochs)",
      "loss \(NumberFormat.significant(epoch.loss))",
    ]
    let sets = [("train", epoch.training), ("validation", epoch.validation), ("test", epoch.test)]
    for case (let name, let evaluation?) in sets {
      parts.append("\(name) \(score(evaluation, epoch.targets))")
    }
    parts.append(
      "\(NumberFormat.grouped(Int(epoch.samplesPerSecond.isFinite ? epoch.samplesPerSecond : 0))) samples/s"
    )
    parts.append(NumberFormat.duration(epoch.secondsTrain))
    return parts.joined(separator: "  ")
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

  /// The score that one watches: of the test rows, else of the validation rows.
  static func watchedScore(_ epoch: MLPEpoch) -> String? {
    if let test = epoch.test { return "test \(score(test, epoch.targets))" }
    return epoch.validation.map { "validation \(score($0, epoch.targets))" }
  }

  /// How it ended, and what to do with the model.
  static func closing(
    _ summary: JSON, _ start: MLPStart, last: MLPEpoch?, directory: String
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
    if let seconds = summary["seconds_train"]?.double {
      done += " trained in \(NumberFormat.duration(seconds))"
    }
    if let rate = summary["samples_per_second"]?.double, rate.isFinite {
      done += ", \(NumberFormat.grouped(Int(rate))) samples/s"
    }
    if let seconds = summary["seconds_total"]?.double {
      done += "; \(NumberFormat.duration(seconds)) in all"
    }
    lines.append(done)
    if let reason = summary["stopped"]?.text, reason != "epochs" {
      lines.append("stopped: \(reason)")
    }
    lines.append("run directory: \(directory)")
    lines += exported(summary)
    lines.append("to use the model:")
    lines.append(
      "  dtrain predict --model \(shellWord(directory)) --data PATH --output y.npy")
    return lines
  }

  /// The files for other programs, where there are some.
  static func exported(_ summary: JSON) -> [String] {
    let names = summary["exported"]?.items?.compactMap(\.text) ?? []
    return names.isEmpty ? [] : ["for other programs: \(names.joined(separator: ", "))"]
  }

  /// Where the time went.
  static func timing(_ summary: JSON) -> [String] {
    let phases = [
      ("load", "load"), ("init", "init"), ("train", "train"), ("evaluate", "evaluate"),
      ("communication", "exchange"),
    ].compactMap { phase, word in
      summary["seconds_\(phase)"]?.double.map { "\(word) \(NumberFormat.duration($0))" }
    }
    var lines = phases.isEmpty ? [] : ["time: " + phases.joined(separator: ", ")]
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

  /// A path as one can paste it into a shell.
  static func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ","):
        true
      default: false
      }
    }
    if isPlain, !text.isEmpty { return text }
    let escaped = text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''")
    return "'\(escaped)'"
  }
}
