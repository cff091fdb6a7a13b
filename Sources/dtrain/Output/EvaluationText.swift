import DTrainCore

/// The result of an evaluation, as people read it.
enum EvaluationText {
  /// The lines: totals, then a line a class or label where there are few.
  static func lines(_ report: JSON) -> [String] {
    var lines = report["data"]?.text.map { ["data: \($0)"] } ?? []
    var parts = report["rows"]?.int.map { [TrainingText.count($0, "row")] } ?? []
    for (key, words) in [
      ("accuracy", "accuracy"), ("exact_match_accuracy", "rows with all labels right"),
    ] {
      guard let accuracy = report[key]?.double else { continue }
      let errors = report["errors"]?.int.map { " (\(NumberFormat.grouped($0)) wrong)" } ?? ""
      parts.append("\(words) \(NumberFormat.fixed(accuracy, 4))\(errors)")
    }
    if let loss = report["loss"]?.double { parts.append("loss \(NumberFormat.significant(loss))") }
    lines.append(parts.joined(separator: ", "))
    if let objective = report["objective"]?.double, let clusters = report["clusters"]?.int {
      lines.append(
        "\(TrainingText.count(clusters, "cluster")), objective \(NumberFormat.significant(objective))"
          + " (\(measure(report["metric"]?.text ?? "", report["scale"]?.text ?? "")))")
    }
    let indices = [
      ("calinski_harabasz", "Calinski-Harabasz"), ("davies_bouldin", "Davies-Bouldin"),
      ("simplified_silhouette", "simplified silhouette"),
    ].compactMap { key, words in
      report[key]?.double.map { "\(words) \(NumberFormat.significant($0))" }
    }
    if !indices.isEmpty { lines.append(indices.joined(separator: ", ")) }
    let errors = [("rmse", "RMSE"), ("mae", "MAE"), ("r2", "R^2")].compactMap { key, words in
      report[key]?.double.map { "\(words) \(NumberFormat.significant($0))" }
    }
    if !errors.isEmpty { lines.append(errors.joined(separator: ", ")) }
    for name in ["class", "label"] {
      guard let entries = report["per_\(name)"]?.items, entries.count <= 40 else { continue }
      var table = TextTable(columns: [
        .init(title: name), .init(title: "precision", isNumeric: true),
        .init(title: "recall", isNumeric: true), .init(title: "rows", isNumeric: true),
      ])
      table.rows = entries.map { .cells(cells(of: $0, name)) }
      lines += table.lines(width: nil).lines
    }
    if let limit = report["most_classes_of_matrix"]?.int,
      let classes = report["per_class"]?.items?.count
    {
      lines.append(
        "the confusion matrix is left out: there are \(NumberFormat.grouped(classes)) classes, more than "
          + NumberFormat.grouped(limit))
    }
    return lines
  }

  /// How distances are measured, from words that files have: `l2, unscaled`.
  static func measure(_ metric: String, _ scale: String) -> String {
    "\(metric), \(scale == ColumnScaling.Kind.none.rawValue ? "unscaled" : "scaled: \(scale)")"
  }

  /// Which number is which of some names, of many the first: `0 = setosa, 1 = versicolor`.
  static func numbered(_ names: [String]) -> String {
    let most = 20
    let shown = names.prefix(most).enumerated().map { "\($0) = \($1.printable)" }
    return (shown + (names.count > most ? ["…"] : [])).joined(separator: ", ")
  }

  /// The name of a class or label, its precision and recall, and how many rows have it.
  private static func cells(of entry: JSON, _ key: String) -> [String] {
    func number(_ key: String) -> String {
      entry[key]?.double.map { NumberFormat.fixed($0, 4) } ?? "-"
    }
    let rows =
      entry["support"]?.int.map(NumberFormat.grouped)
      ?? entry["support"]?.double.map { NumberFormat.significant($0) }
    return [
      entry[key].map(InfoText.scalar) ?? "?", number("precision"), number("recall"), rows ?? "-",
    ]
  }
}
