import DTrainCore

/// Curves from `metrics.jsonl`, those of all runs in one picture.
enum CurveFigures {
  /// A picture of some members over epochs or iterations.
  private struct Plan {
    let name: String, title: String
    /// What is counted along the axis.
    let over: String
    let yTitle: String
    /// Members, and what they are called.
    let members: [(key: String, words: String)]
    var startsAtZero = false
    var isLogarithmic: Bool?
    /// Whether the lowest or the highest value of rows that were not trained on stands out.
    var best: Best?
    var caption = ""
    /// Whether runs of other rows, or by another function, have a picture of their own.
    var isOfScale = false

    enum Best { case lowest, highest }
  }

  private static func scores(_ suffix: String, _ kinds: [String]) -> [(String, String)] {
    kinds.map { ("\($0)_\(suffix)", $0 == "train" ? "training" : $0) }
  }

  private static let plans: [Plan] = {
    let all = ["train", "validation", "test"]
    return [
      Plan(
        name: "loss", title: "Loss", over: "epoch", yTitle: "mean loss per row",
        members: [("loss", "training")] + scores("loss", ["validation", "test"]), best: .lowest,
        caption: "The training loss is the mean over the steps of an epoch.", isOfScale: true),
      Plan(
        name: "accuracy", title: "Accuracy", over: "epoch", yTitle: "fraction correct",
        members: scores("accuracy", all), isLogarithmic: false, best: .highest),
      Plan(
        name: "r2", title: "R²", over: "epoch", yTitle: "explained variance",
        members: scores("r2", all), isLogarithmic: false, best: .highest),
      Plan(
        name: "rmse", title: "Root mean squared error", over: "epoch",
        yTitle: "error, in units of the target", members: scores("rmse", all), best: .lowest,
        isOfScale: true),
      Plan(
        name: "learning-rate", title: "Learning rate", over: "epoch", yTitle: "learning rate",
        members: [("learning_rate", "learning rate")], startsAtZero: true,
        caption: "At the end of each epoch."),
      Plan(
        name: "objective", title: "Objective", over: "iteration",
        yTitle: "summed cost of all rows",
        members: [("objective", "objective")], isOfScale: true),
      Plan(
        name: "changed", title: "Rows that changed cluster", over: "iteration", yTitle: "rows",
        members: [("changed", "rows")]),
      Plan(
        name: "movement", title: "Movement of the centers", over: "iteration",
        yTitle: "summed distance", members: [("movement", "movement")], isOfScale: true),
      Plan(
        name: "distances-skipped", title: "Distances skipped", over: "iteration",
        yTitle: "fraction of distances", members: [("distances_skipped", "skipped")],
        startsAtZero: true, isLogarithmic: false,
        caption: "Distances that bounds made unnecessary to compute."),
    ]
  }()

  /// The pictures that the runs have numbers for.
  ///
  /// - Complexity: O(lines of `metrics.jsonl`).
  static func figures(_ runs: [ReportedRun]) -> [ReportFigure] {
    plans.flatMap { plan -> [ReportFigure] in
      let drawn = runs.filter { run in
        plan.members.contains { !run.points($0.key, over: plan.over).isEmpty }
      }
      guard plan.isOfScale else { return [figure(plan, drawn, of: runs.count)].compactMap { $0 } }
      let groups = AlikeRuns.groups(drawn)
      return groups.enumerated().compactMap { index, group in
        let figure = figure(plan, group.runs, of: runs.count)
        return groups.count == 1
          ? figure : figure?.told(from: "-\(index + 1)", by: group.words)
      }
    }
  }

  /// - Parameter count: how many runs the report has.
  private static func figure(
    _ plan: Plan, _ runs: [ReportedRun], of count: Int
  ) -> ReportFigure? {
    // One run alone has its colours for its members, several have one each.
    let isAlone = count == 1
    let isWild = runs.contains { !$0.isDiverged } ? runs.map(\.isDiverged) : runs.map { _ in false }
    var lines: [LineChart.Line] = []
    var remarks: [String] = []
    for (run, isWild) in zip(runs, isWild) {
      for (dash, member) in plan.members.enumerated() {
        let points = run.points(member.key, over: plan.over)
        guard !points.isEmpty else { continue }
        let name =
          isAlone
          ? member.words : plan.members.count == 1 ? run.label : "\(run.name): \(member.words)"
        var line = LineChart.Line(
          name: name, color: isAlone ? dash : run.color, dash: isAlone ? 0 : dash, points: points,
          sign: run.sign, setsAxis: !isWild)
        if let best = plan.best, dash > 0, points.count > 1, !isWild {
          let point =
            best == .lowest
            ? points.min { $0.y < $1.y }! : points.max { $0.y < $1.y }!
          let words =
            "\(name) \(best == .lowest ? "lowest" : "highest") in epoch \(LineChart.words(point.x)): "
            + NumberFormat.significant(point.y, 4)
          line.emphasis = (point.x, point.y, words)
          remarks.append(words)
        }
        lines.append(line)
      }
    }
    guard !lines.isEmpty else { return nil }
    var chart = LineChart(lines: lines, xTitle: plan.over, yTitle: plan.yTitle)
    if !isAlone, plan.members.count > 1 {
      // Each run once, and each way of breaking a line once.
      let names = runs.map { ($0.label, "line c\($0.color)", $0.sign) }
      let dashes = plan.members.indices.filter { dash in lines.contains { $0.dash == dash } }
      chart.legend = names + dashes.map { (plan.members[$0].words, "line plain d\($0)", 0) }
    }
    chart.isLogarithmic = plan.isLogarithmic
    chart.startsAtZero = plan.startsAtZero
    chart.isNamed = !isAlone || plan.members.count > 1
    let rings = remarks.count <= 6 ? remarks : []
    let wild = zip(runs, isWild).filter { $0.1 }.map(\.0.name)
    let divergence =
      wild.isEmpty
      ? ""
      : "Diverged, and shown only within the axis of the others: \(wild.joined(separator: ", "))."
    let caption =
      ([plan.caption, divergence]
      + (rings.isEmpty
        ? [] : ["\(rings.count == 1 ? "Ring" : "Rings"): \(rings.joined(separator: "; "))."]))
      .filter { !$0.isEmpty }.joined(separator: " ")
    return ReportFigure(
      name: plan.name, title: plan.title, caption: caption, drawing: chart.drawing)
  }
}
