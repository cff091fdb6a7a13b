import DTrainCore

/// Where the time of runs went, by `summary.json`: on rank 0, and in training on each rank.
enum TimeFigure {
  /// The parts, with the words of the terminal for what comes before the first step or iteration.
  private static func parts(of runs: [ReportedRun]) -> [String] {
    let starts = Set(
      runs.map { $0.command == MLPCommand._commandName ? "initialization" : "seeding" })
    return [
      "loading", starts.sorted().joined(separator: " or "), "computing",
      "communicating and waiting", "evaluating", "writing", "other",
    ]
  }

  /// - Returns: nil where no run has finished.
  static func figure(_ runs: [ReportedRun]) -> ReportFigure? {
    let bars = runs.compactMap { run -> StackedBars.Bar? in
      // Ranges of earlier versions left it to their clusterings.
      func seconds(_ name: String) -> Double {
        let key = "seconds_\(name)"
        let parts = run.history.clusterings.reduce(0) { $0 + ($1[key]?.double ?? 0) }
        return max(parts, run.outcome[key]?.double ?? 0)
      }
      // Before the end only the whole is recorded.
      guard run.history.listed.state == .finished, run.outcome["seconds_total"]?.double != nil
      else { return nil }
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
    let parts = parts(of: runs)
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
  /// More ranks are not drawn one by one.
  private static let mostRanks = 64

  /// What each rank of a run did while it trained; nil of one rank alone, and where it was not recorded.
  ///
  /// - Parameter suffix: what tells pictures of several runs apart.
  static func ranks(_ run: ReportedRun, suffix: String) -> ReportFigure? {
    let parts = ["computing", "waiting", "communicating"]
    let lists = parts.map { part in
      (run.outcome["seconds_\(part)_per_rank"]?.items ?? []).compactMap(\.double)
    }
    let ranks = lists[0].count
    guard ranks > 1, lists.allSatisfy({ $0.count == ranks }) else { return nil }
    let shown = min(ranks, mostRanks)
    let bars = (0..<shown).map { place -> StackedBars.Bar in
      let rank = place * ranks / shown
      return .init(name: "rank \(rank)", values: lists.map { max(0, $0[rank]) })
    }
    var chart = StackedBars(
      bars: bars, parts: parts, xTitle: "seconds of training", words: NumberFormat.duration)
    // Computing and communicating look as in the picture of all phases.
    chart.colors = [2, 7, 3]
    let all = lists.map { $0.reduce(0, +) }
    let sum = all.reduce(0, +)
    let shares = zip(parts, all).map { part, seconds in
      "\(part) \(EvaluationFigures.percent(sum > 0 ? seconds / sum : 0))"
    }
    let some = shown < ranks ? "\(shown) of \(ranks) ranks, spread evenly. " : ""
    return ReportFigure(
      name: "rank-time\(suffix)", title: "Training time by rank",
      caption: "\(some)All ranks together: \(shares.joined(separator: ", ")).",
      drawing: chart.drawing)
  }
}
