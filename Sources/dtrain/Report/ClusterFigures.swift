import DTrainCore

/// Pictures of what clusterings came to.
enum ClusterFigures {
  /// The sizes of the clusters of a run; nil where there are none.
  ///
  /// - Parameter suffix: what tells pictures of several runs apart.
  static func sizes(_ run: ReportedRun, suffix: String) -> ReportFigure? {
    guard let sizes = run.outcome["sizes"]?.items?.compactMap(\.double), !sizes.isEmpty else {
      return nil
    }
    let chart = BarChart(
      values: sizes, names: sizes.indices.map { "\($0)" }, xTitle: "cluster", yTitle: "rows")
    return ReportFigure(
      name: "sizes\(suffix)", title: "Sizes of the clusters", caption: "", drawing: chart.drawing)
  }

  /// Scores over the number of clusters, and which of them is best.
  private typealias Score = (key: String, name: String, title: String, caption: String)

  private static let scores: [Score] = [
    (
      "objective", "range-objective", "Objective by number of clusters",
      "It always falls; a bend is a hint."
    ),
    (
      "calinski_harabasz", "range-calinski-harabasz", "Calinski-Harabasz index",
      "Higher is better."
    ),
    ("davies_bouldin", "range-davies-bouldin", "Davies-Bouldin index", "Lower is better."),
    (
      "simplified_silhouette", "range-silhouette", "Simplified silhouette",
      "Higher is better; from -1 to 1."
    ),
  ]

  /// Curves over the numbers of clusters, those of ranges whose numbers can be compared in one picture.
  static func range(_ runs: [ReportedRun]) -> [ReportFigure] {
    let groups = AlikeRuns.groups(runs.filter { !$0.history.clusterings.isEmpty })
    return scores.flatMap { score in
      groups.enumerated().compactMap { index, group in
        let figure = figure(score, group.runs, of: runs.count)
        return groups.count == 1
          ? figure : figure?.told(from: "-\(index + 1)", by: group.words)
      }
    }
  }

  /// - Parameter count: how many runs the report has.
  private static func figure(
    _ score: Score, _ ranges: [ReportedRun], of count: Int
  ) -> ReportFigure? {
    let lines = ranges.compactMap { run -> LineChart.Line? in
      let points = run.history.clusterings.compactMap { item -> (x: Double, y: Double)? in
        guard let clusters = item["clusters"]?.double, let value = item[score.key]?.double else {
          return nil
        }
        return (clusters, value)
      }
      guard !points.isEmpty else { return nil }
      var line = LineChart.Line(
        name: run.label, color: run.color, dash: 0, points: points, sign: run.sign)
      let best =
        switch score.key {
        case "objective": nil as (x: Double, y: Double)?
        case "davies_bouldin": points.min { $0.y < $1.y }
        default: points.max { $0.y < $1.y }
        }
      if let best {
        line.emphasis = (best.x, best.y, "best with \(LineChart.words(best.x)) clusters")
      }
      return line
    }
    guard !lines.isEmpty else { return nil }
    var chart = LineChart(
      lines: lines, xTitle: "clusters",
      yTitle: score.key == "objective" ? "summed cost of all rows" : "index")
    chart.marksPoints = true
    chart.isLogarithmic = false
    chart.isNamed = count > 1
    let best = lines.compactMap { line in
      line.emphasis.map { lines.count == 1 ? $0.note : "\(line.name): \($0.note)" }
    }
    let caption =
      ([score.caption] + (best.isEmpty ? [] : ["Ring: \(best.joined(separator: "; "))."]))
      .joined(separator: " ")
    return ReportFigure(
      name: score.name, title: score.title, caption: caption, drawing: chart.drawing)
  }
}
