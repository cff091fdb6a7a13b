import DTrainCore

/// Where the time of runs went, by `summary.json`.
enum TimeFigure {
  private static let parts = [
    "loading", "starting", "computing", "communicating and waiting", "evaluating", "writing",
    "other",
  ]

  /// - Returns: nil where no run has finished.
  static func figure(_ runs: [ReportedRun]) -> ReportFigure? {
    let bars = runs.compactMap { run -> StackedBars.Bar? in
      // What a range does not say itself, its clusterings do.
      func seconds(_ name: String) -> Double {
        let key = "seconds_\(name)"
        let parts = run.history.clusterings.reduce(0) { $0 + ($1[key]?.double ?? 0) }
        return max(0, run.outcome[key]?.double ?? parts)
      }
      guard run.outcome["seconds_total"]?.double != nil else { return nil }
      // Messages and waiting lie within steps and iterations, whose time is that of training.
      let communication = min(seconds("communication"), seconds("train"))
      let known = [
        seconds("load"), seconds("init"), seconds("train") - communication, communication,
        seconds("evaluate"), seconds("save"),
      ]
      return .init(
        name: run.name, values: known + [max(0, seconds("total") - known.reduce(0, +))])
    }
    guard !bars.isEmpty else { return nil }
    let chart = StackedBars(
      bars: bars, parts: parts, xTitle: "seconds of rank 0", words: NumberFormat.duration)
    let words =
      bars.count > 1
      ? []
      : zip(parts, bars[0].values).map {
        "\($0) \(NumberFormat.duration($1))"
      }
    return ReportFigure(
      name: "time", title: "Where the time went",
      caption: words.isEmpty ? "" : words.joined(separator: ", ") + ".", drawing: chart.drawing)
  }
}
