import DTrainCore

/// Tables and texts of a report.
enum ReportTables {
  /// A table.
  ///
  /// - Parameter cells: markup, a row each.
  static func table(_ titles: [String], _ cells: [[String]], style: String = "") -> String {
    let head = titles.map { Markup.element("th", text: $0) }.joined()
    // Where there is no room for columns, each cell says its title.
    let rows = cells.map { row in
      "<tr>"
        + zip(titles, row).map { title, cell in
          title.isEmpty
            ? Markup.element("td", [:], cell) : Markup.element("td", ["data-title": title], cell)
        }.joined() + "</tr>"
    }
    return """
      <div class="wide"><table class="\(style)">
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody>
      </table></div>
      """
  }

  /// More columns find no room on paper, where each run becomes a paragraph.
  private static let mostPrinted = 10

  /// The runs side by side, with the options that differ.
  static func comparison(_ runs: [ReportedRun]) -> String {
    let differing = RunTable(runs.map(\.history.listed)).differing
    let groups = ComparableRuns.groups(of: runs.map(\.history.listed), by: \.score)
    let isGrouped = ComparableRuns.areSeveral(groups)
    // The result stands next to the name: a phone shows no more without scrolling.
    let titles =
      ["run", "result"] + (isGrouped ? ["group"] : [])
      + ["loss or objective", "time", "state", "command", "data"] + differing.map(Spelling.name)
    let rows = zip(runs, groups).map { run, group -> [String] in
      let listed = run.history.listed
      let cost = listed.outcome["objective"]?.double ?? listed.outcome["loss"]?.double
      let cells: [String] =
        [listed.score.map(RunTable.words) ?? "-"] + (isGrouped ? [group ?? "-"] : []) + [
          cost.map { NumberFormat.significant($0, 5) } ?? "-",
          listed.seconds.map(NumberFormat.duration) ?? "-", listed.state.rawValue,
          listed.command ?? "-", listed.data ?? "-",
        ]
        + differing.map { name in
          listed.options.first { $0.key == name }.map { InfoText.brief($0.value) } ?? ""
        }
      return [run.key + Markup.escaped(run.name)] + cells.map(Markup.escaped)
    }
    return table(titles, rows, style: titles.count > mostPrinted ? "runs many" : "runs")
      + (isGrouped
        ? "\n" + Markup.element("p", ["class": "soft"], text: "Groups: \(ComparableRuns.hint).")
        : "")
  }

  /// Members of `summary.json` that are facts of where a run went.
  private static let executionMembers = [
    "ranks", "nodes", "shards", "passes_per_step", "samples_per_second", "resumed_from", "exported",
  ]

  /// What a run came to. Members that say nothing, or that have a picture, are left out.
  static func results(_ run: ReportedRun) -> String {
    let drawn = ["sizes", "clusterings", "seconds", "command", "version", "seed"]
    let perRank = ["rows_per_rank", "rows_copied_per_rank", "peak_rss_bytes"]
    let members = (run.outcome.members ?? []).filter { member in
      !member.value.isNull && !(drawn + perRank + executionMembers).contains(member.key)
        && !member.key.hasPrefix("seconds_")
    }
    return details("Results", members, isOpen: true)
  }

  /// How each class or label was predicted, and which rows that are no images were confused most.
  static func predictions(_ run: ReportedRun) -> String {
    let evaluation = run.history.evaluation
    let isOfClasses = evaluation["per_class"] != nil
    let word = isOfClasses ? "class" : "label"
    let items = evaluation[isOfClasses ? "per_class" : "per_label"]?.items ?? []
    let rows = EvaluationFigures.rows(evaluation)
    var parts: [String] = []
    if !items.isEmpty {
      let cells = items.map { item in
        ["precision", "recall"].reduce([InfoText.scalar(item[word] ?? .null)]) { row, key in
          row + [item[key]?.double.map { NumberFormat.fixed($0, 4) } ?? "-"]
        } + [item["support"]?.double.map(LineChart.words) ?? "-"]
      }
      parts.append(
        folded(
          "\(isOfClasses ? "Classes" : "Labels") of \(rows)",
          table([word, "precision", "recall", "rows"], cells.map { $0.map(Markup.escaped) })))
    }
    let examples = EvaluationFigures.examples(evaluation)
    if !examples.isEmpty, examples.allSatisfy({ $0.pixels == nil }) {
      let cells = examples.prefix(12).map { example in
        [
          "\(example.row)", example.actual, example.predicted,
          EvaluationFigures.percent(example.probability),
          EvaluationFigures.percent(example.actualProbability),
        ].map(Markup.escaped)
      }
      let titles = ["row, from 0", "actual", "predicted", "probability", "of the actual class"]
      parts.append(folded("Most confused of \(rows)", table(titles, cells)))
    }
    return parts.joined(separator: "\n")
  }

  /// What is shown when its title is clicked.
  private static func folded(_ title: String, _ content: String) -> String {
    "<details><summary>\(Markup.escaped(title))</summary>\n\(content)\n</details>"
  }

  /// How a run went: ranks, memory, seconds.
  static func execution(_ run: ReportedRun) -> String {
    let members = (run.outcome.members ?? []).filter { member in
      !member.value.isNull && member.value != []
        && (executionMembers.contains(member.key) || member.key.hasPrefix("seconds_"))
        && !member.key.hasSuffix("_per_rank")
    }
    var parts = details("Execution", members, isOpen: false)
    let rows = run.outcome["rows_per_rank"]?.items ?? []
    let memory = run.outcome["peak_rss_bytes"]?.items ?? []
    if max(rows.count, memory.count) > 1 {
      let cells = (0..<min(256, max(rows.count, memory.count))).map { rank in
        [
          "\(rank)",
          rows.indices.contains(rank) ? rows[rank].int.map(NumberFormat.grouped) ?? "-" : "-",
          memory.indices.contains(rank) ? memory[rank].int.map(NumberFormat.bytes) ?? "-" : "-",
        ]
      }
      parts += folded("Ranks", table(["rank", "rows", "most memory"], cells))
    }
    return parts
  }

  /// The options of a run; those that the data decided are marked.
  static func configuration(_ run: ReportedRun) -> String {
    let chosen = Set(run.history.listed.configuration["chosen"]?.items?.compactMap(\.text) ?? [])
    let members = (run.history.listed.configuration.members ?? []).filter {
      !["format", "chosen"].contains($0.key) && !$0.value.isNull
    }
    return details("Configuration", members, isOpen: false, marked: chosen)
      + details(
        "Data",
        (run.history.listed.inputs.members ?? []).filter {
          !$0.value.isNull && $0.value != [] && $0.key != "directory"
        }, isOpen: false)
  }

  private static func details(
    _ title: String, _ members: [JSON.Member], isOpen: Bool, marked: Set<String> = []
  ) -> String {
    guard !members.isEmpty else { return "" }
    let rows = members.map { member in
      let name = member.key.split(separator: "_").joined(separator: " ")
      let mark = marked.contains(member.key) ? " <span class=\"soft\">(chosen)</span>" : ""
      return [Markup.escaped(name), Markup.escaped(words(member.value)) + mark]
    }
    let body = table(["", ""], rows, style: "members")
    return """
      <details\(isOpen ? " open" : "")><summary>\(Markup.escaped(title))</summary>
      \(body)
      </details>

      """
  }

  private static func words(_ value: JSON) -> String {
    if let features = value["features"]?.items {
      let names = features.prefix(40).map { $0["name"]?.text ?? "-" }.joined(separator: ", ")
      return features.count > 40 ? "\(names), … (\(features.count))" : names
    }
    let text = InfoText.brief(value)
    return text.count <= 400 ? text : "\(text.prefix(400))…"
  }

  /// The numbers of clusters of a range, side by side.
  static func range(_ run: ReportedRun) -> String {
    let keys = [
      "clusters", "objective", "calinski_harabasz", "davies_bouldin", "simplified_silhouette",
      "iterations", "stopped",
    ]
    let cells = run.history.clusterings.map { item in
      keys.map { key in
        let value = item[key] ?? .null
        if case .number(let number) = value {
          return Markup.escaped(NumberFormat.significant(number, 5))
        }
        return Markup.escaped(InfoText.scalar(value))
      }
    }
    return table(keys.map { $0.split(separator: "_").joined(separator: " ") }, cells)
  }
}
