import DTrainCore
import Glibc

/// Pictures of a run's predictions, from `evaluation.json`. Members that are not as this version writes them are left out.
enum EvaluationFigures {
  /// More examples and more outputs are not drawn.
  private static let mostExamples = 24, mostOutputs = 4
  /// Matrices of more classes have no numbers in them.
  private static let mostNumberedClasses = 20

  /// All that there are.
  ///
  /// - Parameter suffix: what tells pictures of several runs apart.
  static func figures(_ run: ReportedRun, suffix: String) -> [ReportFigure] {
    [confusion(run, suffix), examples(run, suffix)].compactMap { $0 }
      + regression(run, suffix)
  }

  /// Which rows were reviewed: `10,000 test rows`.
  static func rows(_ evaluation: JSON) -> String {
    let kind = evaluation["rows_of"]?.text.map { "\($0) " } ?? ""
    return evaluation["rows"]?.int.map {
      "\(NumberFormat.grouped($0)) \(kind)\($0 == 1 ? "row" : "rows")"
    }
      ?? "\(kind)rows"
  }

  /// The matrix, `[actual, predicted]`; nil where there is none of at least one class.
  static func matrix(_ evaluation: JSON) -> [[Double]]? {
    let rows = (evaluation["confusion_matrix"]?.items ?? []).map { row in
      (row.items ?? []).compactMap(\.double)
    }
    return !rows.isEmpty && rows.allSatisfy { $0.count == rows.count } ? rows : nil
  }

  /// What classes are called: their texts, else their numbers.
  static func classNames(_ evaluation: JSON, count: Int) -> [String] {
    let names = evaluation["class_names"]?.items?.compactMap(\.text) ?? []
    return names.count == count ? names : (0..<count).map { "\($0)" }
  }

  private static func confusion(_ run: ReportedRun, _ suffix: String) -> ReportFigure? {
    let evaluation = run.history.evaluation
    guard let matrix = matrix(evaluation) else { return nil }
    let names = classNames(evaluation, count: matrix.count)
    let fractions = matrix.map { row in
      let sum = row.reduce(0, +)
      return row.map { sum > 0 ? $0 / sum : 0 }
    }
    // A few mistakes among thousands of rows would be invisible beside the rows that are right.
    var worst = (fraction: 0.0, actual: 0, predicted: 0)
    for (actual, row) in fractions.enumerated() {
      for (predicted, fraction) in row.enumerated()
      where actual != predicted && fraction > worst.fraction {
        worst = (fraction, actual, predicted)
      }
    }
    var (shades, notes, labels): ([Double], [String], [String]) = ([], [], [])
    for (actual, row) in fractions.enumerated() {
      for (predicted, fraction) in row.enumerated() {
        let count = matrix[actual][predicted]
        let isRight = actual == predicted
        shades.append(isRight ? -fraction : worst.fraction > 0 ? fraction / worst.fraction : 0)
        notes.append(
          "\(names[actual])\(isRight ? "" : " taken for \(names[predicted])"): \(LineChart.words(count)) "
            + "(\(percent(fraction)))")
        labels.append(count == 0 ? "" : LineChart.words(count))
      }
    }
    var map = HeatMap(
      rowNames: names, columnNames: names, shades: shades, notes: notes,
      labels: matrix.count <= mostNumberedClasses ? [labels] : [])
    (map.xTitle, map.yTitle) = ("predicted", "actual")
    let mistakes =
      worst.fraction == 0
      ? " None was wrong."
      : " Orange: of a class, the fraction taken for another; most often \(names[worst.actual]) for "
        + "\(names[worst.predicted]), \(percent(worst.fraction))."
    return ReportFigure(
      name: "confusion\(suffix)", title: "Confusion matrix",
      caption: "\(rows(evaluation)). Blue: of a class, the fraction predicted right.\(mistakes)",
      drawing: map.drawing)
  }

  /// A row whose prediction is wrong.
  struct Example {
    let row: Int
    let actual: String, predicted: String
    /// Of the class predicted, and of the row's own.
    let probability: Double, actualProbability: Double
    /// Its bytes; nil where rows are no images.
    let pixels: [UInt8]?
  }

  /// The rows that the network was surest of and wrong about.
  static func examples(_ evaluation: JSON) -> [Example] {
    (evaluation["confused"]?.items ?? []).compactMap { item in
      func name(_ key: String) -> String? { item[key]?.text ?? item[key]?.int.map { "\($0)" } }
      guard let row = item["row"]?.int, let actual = name("actual"),
        let predicted = name("predicted"), let probability = item["probability"]?.double,
        let actualProbability = item["actual_probability"]?.double
      else { return nil }
      return Example(
        row: row, actual: actual, predicted: predicted, probability: probability,
        actualProbability: actualProbability,
        pixels: item["pixels"]?.text.flatMap(Base64.decoded))
    }
  }

  private static func examples(_ run: ReportedRun, _ suffix: String) -> ReportFigure? {
    let evaluation = run.history.evaluation
    let shape = evaluation["row_shape"]?.items?.compactMap(\.int) ?? []
    guard let extents = ImageExtents(shape) else { return nil }
    let shown = examples(evaluation).filter { $0.pixels?.count == extents.count }
      .prefix(mostExamples)
    guard !shown.isEmpty else { return nil }
    let tiles = shown.map { example in
      let values = example.pixels!.map { Float($0) }
      return PictureSheet.Tile(
        png: extents.picture(values[...], range: 0...255, isSigned: false).encoded,
        name: example.actual,
        note:
          "row \(NumberFormat.grouped(example.row)): \(example.actual), predicted \(example.predicted) with "
          + "\(percent(example.probability)), \(example.actual) with \(percent(example.actualProbability))",
        remark: "→ \(example.predicted)")
    }
    let sheet = PictureSheet(
      tiles: tiles, ratio: Double(extents.height) / Double(extents.width), isNamed: true,
      perRow: 6)
    let counts = Set(shown.map { percent($0.probability) })
    let sureness =
      counts.count == 1
      ? "each with \(counts.first!)"
      : "with \(percent(shown.map(\.probability).min()!)) to \(percent(shown.map(\.probability).max()!))"
    return ReportFigure(
      name: "confused\(suffix)", title: "Most confused examples",
      caption:
        "Of \(rows(evaluation)), those predicted wrong with the most certainty: the class, and behind the arrow the "
        + "one predicted, \(sureness) probability.",
      drawing: sheet.drawing)
  }

  private static func regression(_ run: ReportedRun, _ suffix: String) -> [ReportFigure] {
    let evaluation = run.history.evaluation
    let sample = evaluation["sample"] ?? .null
    let residuals = evaluation["residuals"]?.items ?? []
    let outputs = evaluation["outputs"]?.int ?? 1
    let numbers = sample["rows"]?.items?.compactMap(\.int) ?? []
    return (0..<max(0, min(outputs, mostOutputs))).flatMap { output -> [ReportFigure] in
      let target = evaluation["target"]?.text
      let name = outputs == 1 ? target : "output \(output)"
      let title = name.map { ": \($0)" } ?? ""
      let mark = output == 0 ? suffix : "-output-\(output)\(suffix)"
      let more =
        outputs > mostOutputs ? " The first \(mostOutputs) of \(outputs) outputs are drawn." : ""
      var figures: [ReportFigure] = []
      let actual = sample["actual"]?[output]?.items?.compactMap(\.double) ?? []
      let predicted = sample["predicted"]?[output]?.items?.compactMap(\.double) ?? []
      if !actual.isEmpty, actual.count == predicted.count {
        let all = evaluation["rows"]?.int ?? numbers.count
        let part =
          actual.count < all
          ? "\(NumberFormat.grouped(actual.count)) of \(rows(evaluation)), spread evenly"
          : rows(evaluation)
        let plot = ScatterPlot(
          points: Array(zip(actual, predicted)), xTitle: "actual", yTitle: "predicted")
        figures.append(
          ReportFigure(
            name: "predicted\(mark)", title: "Predicted against actual\(title)",
            caption: "\(part). On the line the prediction is right.\(more)", drawing: plot.drawing))
      }
      if residuals.indices.contains(output), let bins = Histogram(residuals[output]) {
        figures.append(
          ReportFigure(
            name: "residuals\(mark)", title: "Residuals\(title)",
            caption: "Predicted less actual, of all \(rows(evaluation)).\(bins.words)",
            drawing: bins.drawing(xTitle: "residual", yTitle: "rows")))
      }
      return figures
    }
  }

  /// A fraction as a percentage, with as many digits as tell it from 0 and from all.
  static func percent(_ fraction: Double) -> String {
    guard fraction > 0, fraction < 1 else {
      return fraction == 0 ? "0\u{a0}%" : "\(LineChart.words(fraction * 100))\u{a0}%"
    }
    let distance = min(fraction, 1 - fraction)
    let digits = distance >= 0.001 ? 1 : min(8, Int((-log10(distance)).rounded(.up)) - 1)
    return "\(NumberFormat.fixed(fraction * 100, digits))\u{a0}%"
  }
}
