import DTrainCore

/// Runs as one page that needs nothing else, and as single pictures.
struct ReportPage {
  let runs: [ReportedRun]
  /// The sweep whose points they are; nil where they are of none, or not of one alone.
  private let sweep: ReportedSweep?
  /// What is to be known besides what is to be known of each run.
  private let notes: [String]
  /// Those of all runs, then those of each run.
  private let common: [ReportFigure]
  private let own: [[ReportFigure]]

  /// Draws the runs.
  ///
  /// - Parameters:
  ///   - sweep: the one whose points they are.
  ///   - notes: what is to be known first.
  /// - Complexity: O(bytes of metrics and models).
  init(_ runs: [ReportedRun], of sweep: ReportedSweep? = nil, notes: [String] = []) {
    (self.runs, self.sweep, self.notes) = (runs, sweep, notes)
    let isAlone = runs.count == 1
    let time = TimeFigure.figure(runs)
    common =
      CurveFigures.figures(runs) + ClusterFigures.range(runs)
      + (isAlone ? [] : [time].compactMap { $0 })
    let keys = Self.keys(of: runs)
    own = zip(runs, keys).map { run, key in
      let suffix = isAlone ? "" : "-\(key)"
      let rest = [
        ClusterFigures.sizes(run, suffix: suffix), RowFigures.figure(run, suffix: suffix),
        isAlone ? time : nil, TimeFigure.ranks(run, suffix: suffix),
      ]
      let figures = EvaluationFigures.figures(run, suffix: suffix) + rest.compactMap { $0 }
      return figures.map { figure in
        var figure = figure
        figure.subject = isAlone ? nil : run.name
        return figure
      }
    }
  }

  /// What the runs are called in names of files: letters, digits and hyphens, no two alike.
  private static func keys(of runs: [ReportedRun]) -> [String] {
    var seen: Set<String> = []
    return runs.map { run in
      let words = run.name.split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
      let name = words.joined(separator: "-")
      // Pictures of outputs have such names.
      let isTaken = name.isEmpty || name.hasPrefix("output-")
      let plain = isTaken ? "run\(name.isEmpty ? "" : "-")\(name)" : name
      var key = plain
      var number = 2
      while !seen.insert(key.lowercased()).inserted {
        key = "\(plain)-\(number)"
        number += 1
      }
      return key
    }
  }

  /// All pictures; no two have the same name.
  var figures: [ReportFigure] { common + own.flatMap { $0 } }

  /// The page.
  var html: String {
    let title =
      sweep?.title ?? (runs.count == 1 ? "Run \(runs[0].name)" : "\(runs.count) runs")
    let notes = (self.notes + runs.flatMap(\.notes)).map {
      Markup.element("p", ["class": "note"], text: $0)
    }
    var parts = notes
    if runs.count > ReportStyle.looks {
      parts.append(
        Markup.element(
          "p", ["class": "note"],
          text:
            "Only \(ReportStyle.looks) runs look different in the pictures: those that follow look like the first "
            + "ones. Name fewer runs to tell them apart."))
    }
    if runs.count > 1 { parts.append(ReportTables.comparison(runs)) }
    parts.append(Self.grid(common + (runs.count == 1 ? own[0] : [])))
    for (index, run) in runs.enumerated() {
      if runs.count > 1 {
        parts.append(Markup.element("h2", text: run.label))
        parts.append(Markup.element("p", ["class": "soft"], text: Self.words(run)))
        parts.append(Self.grid(own[index]))
      }
      if !run.history.clusterings.isEmpty { parts.append(ReportTables.range(run)) }
      parts.append(ReportTables.predictions(run))
      parts.append(ReportTables.results(run))
      parts.append(ReportTables.configuration(run))
      parts.append(ReportTables.execution(run))
      if let repetition = run.repetition {
        parts.append("<p>The same run once more:</p>")
        parts.append(Markup.element("pre", text: repetition))
      }
    }
    return ReportTemplate.page.filled([
      "title": Markup.escaped(title), "style": ReportStyle.page,
      "subtitle": Markup.escaped(
        sweep?.subtitle
          ?? (runs.count == 1 ? Self.words(runs[0]) : runs.map(\.name).joined(separator: ", "))),
      "version": Markup.escaped(Version.current),
      "body": parts.filter { !$0.isEmpty }.joined(separator: "\n"),
    ])
  }

  private static func grid(_ figures: [ReportFigure]) -> String {
    figures.isEmpty
      ? ""
      : "<div class=\"figures\">\n" + figures.map(\.markup).joined(separator: "\n") + "\n</div>"
  }

  /// A run in a line.
  private static func words(_ run: ReportedRun) -> String {
    let listed = run.history.listed
    let rows = listed.configuration["rows"]?.int.map { TrainingText.count($0, "row") }
    let parts = [
      listed.command, listed.data, rows.map { "\($0)" }, listed.state.rawValue,
      listed.score.map(RunTable.words), listed.seconds.map(NumberFormat.duration),
      listed.configuration["version"]?.text.map { "dtrain \($0)" },
    ]
    return parts.compactMap { $0 }.joined(separator: " · ")
  }
}
