import DTrainCore

/// Runs side by side: as a table for people, as CSV, and as JSON.
struct RunTable {
  private(set) var runs: [ListedRun]
  /// The group of each run: those of one have results that can be compared.
  private var groups: [String?]
  /// The names of the options that differ among the runs of one command.
  let differing: [String]
  /// The column by which they are sorted; nil for none.
  private var sorted: String?
  /// The result that is shown of a run.
  private let score: (ListedRun) -> ListedRun.Score?

  /// - Parameter asked: options that are shown in any case.
  init(
    _ runs: [ListedRun], showing asked: [String] = [],
    score: @escaping (ListedRun) -> ListedRun.Score? = \.score
  ) {
    self.runs = runs
    self.score = score
    groups = ComparableRuns.groups(of: runs, by: score)
    var names: [String] = []
    for (_, alike) in Dictionary(grouping: runs.filter { $0.problem == nil }, by: \.command) {
      let options = alike.map { run in
        Dictionary(run.options.map { ($0.key, $0.value) }) { first, _ in first }
      }
      for name in alike.first?.options.map(\.key) ?? [] where !names.contains(name) {
        let values = options.map { $0[name] ?? .null }
        // Lists of fractions follow from other options: initial scales by layer.
        let isDerived = values.contains { $0.items?.contains { $0.int == nil } == true }
        if !isDerived, values.contains(where: { $0 != values[0] }) { names.append(name) }
      }
    }
    differing = (names + asked.filter { !names.contains($0) }).sorted()
  }

  /// Whether some results cannot be compared with others.
  var hasSeveralGroups: Bool { ComparableRuns.areSeveral(groups) }

  /// The columns that every table has.
  private static let leading = ["run", "state", "command", "data", "result", "time"]

  /// Sorts the runs by a column: one of the table's, or an option of any run. Results come best first, what has no value
  /// last.
  ///
  /// - Throws: `TrainerError(.usage)` where there is no such column.
  mutating func sort(by column: String, isReversed: Bool) throws(TrainerError) {
    let name = column.split(separator: "-").joined(separator: "_")
    let options = Set(runs.flatMap { $0.options.map(\.key) })
    let leading = Self.leading + ["group"]
    guard leading.contains(name) || options.contains(name) else {
      let names = leading + (differing.isEmpty ? options.sorted() : differing).map(Spelling.name)
      throw TrainerError(
        .usage,
        "--sort \(column): there is no such column; name one of \(names.joined(separator: ", "))")
    }
    let keyed = zip(runs, groups).map { run, group in
      (
        run: run, group: group,
        key: name == "group" ? group.map { Key.text($0) } : Self.key(run, name)
      )
    }
    // Sorting keeps the order of what is equal, and what has no value comes last either way.
    let sorted = keyed.enumerated().sorted { a, b in
      switch (a.element.key, b.element.key) {
      case (nil, nil): return a.offset < b.offset
      case (nil, _): return false
      case (_, nil): return true
      case (let x?, let y?):
        if x.precedes(y) { return !isReversed }
        if y.precedes(x) { return isReversed }
        return a.offset < b.offset
      }
    }
    runs = sorted.map(\.element.run)
    groups = sorted.map(\.element.group)
    self.sorted = name
  }

  /// What runs are sorted by.
  private enum Key {
    case number(Double)
    case text(String)

    func precedes(_ other: Key) -> Bool {
      switch (self, other) {
      case (.number(let a), .number(let b)): a < b
      case (.number, .text): true
      case (.text, .number): false
      case (.text(let a), .text(let b)): NaturalOrder.precedes(a, b)
      }
    }
  }

  private static func key(_ run: ListedRun, _ name: String) -> Key? {
    switch name {
    case "run": .text(run.path)
    case "state": .text(run.state.rawValue)
    case "command": run.command.map { .text($0) }
    case "data": run.data.map { .text($0) }
    case "result": run.score.map { .number($0.isGain ? -$0.value : $0.value) }
    case "time": run.seconds.map { .number($0) }
    default:
      run.options.first { $0.key == name }.flatMap { option in
        if option.value.isNull { return nil }
        return option.value.double.map { .number($0) } ?? .text(InfoText.scalar(option.value))
      }
    }
  }

  // MARK: - For people

  /// The lines, what found no room, and what was left out since it is the same on all lines.
  func lines(width: Int?) -> (lines: [String], omitted: [String], shared: [String]) {
    let isGrouped = ComparableRuns.areSeveral(groups)
    func isRepeated(_ name: String, _ cell: (ListedRun) -> String?) -> Bool {
      let whole = runs.filter { $0.problem == nil }
      return whole.count > 1 && name != sorted && Set(whole.map(cell)).count == 1
    }
    var columns: [TextTable.Column] = [
      .init(title: "run"),
      .init(title: "state", isRepeated: isRepeated("state") { $0.state.rawValue }),
      .init(title: "command", isRepeated: isRepeated("command", \.command)),
      .init(title: "data", isRepeated: isRepeated("data", \.data)), .init(title: "result"),
    ]
    if isGrouped { columns.append(.init(title: "group")) }
    columns.append(.init(title: "time", isNumeric: true))
    columns += differing.map {
      TextTable.Column(title: Spelling.name($0), isNumeric: true, isOptional: $0 != sorted)
    }
    var table = TextTable(columns: columns)
    table.rows = zip(runs, groups).map { run, group in
      if let problem = run.problem {
        return .sentence(run.path, "\(run.state.rawValue): \(problem)")
      }
      let options = differing.map { name in
        run.options.first { $0.key == name }.map { InfoText.brief($0.value) } ?? ""
      }
      return .cells(
        [
          run.path, run.state.rawValue, run.command ?? "-", run.data ?? "-",
          score(run).map(Self.words) ?? "-",
        ] + (isGrouped ? [group ?? "-"] : [])
          + [run.seconds.map(NumberFormat.duration) ?? "-"] + options)
    }
    return table.lines(width: width)
  }

  /// A score with its name: `test accuracy 0.9816`.
  static func words(_ score: ListedRun.Score) -> String {
    let name = score.name.split(separator: "_").map { $0 == "r2" ? "R^2" : $0 }
    let value =
      score.isGain ? NumberFormat.fixed(score.value, 4) : NumberFormat.significant(score.value, 5)
    return "\(name.joined(separator: " ")) \(value)"
  }

  // MARK: - For programs

  /// A line of titles and a line for each run, by RFC 4180 but with line feeds.
  var csv: [String] {
    let titles =
      ["run", "state", "command", "data", "result", "value", "group", "seconds"] + differing
      + ["problem"]
    return [titles.map(Self.quoted).joined(separator: ",")]
      + zip(runs, groups).map { run, group in
        let options = differing.map { name in
          run.options.first { $0.key == name }.map { Self.plain($0.value) } ?? ""
        }
        let cells =
          [
            run.path, run.state.rawValue, run.command ?? "", run.data ?? "",
            run.score?.name ?? "", run.score.map { "\($0.value)" } ?? "", group ?? "",
            run.seconds.map { "\($0)" } ?? "",
          ] + options + [run.problem ?? ""]
        return cells.map(Self.quoted).joined(separator: ",")
      }
  }

  private static func plain(_ value: JSON) -> String { value.text ?? value.compact }

  private static func quoted(_ cell: String) -> String {
    let isPlain = !cell.contains { $0 == "," || $0 == "\"" || $0.isNewline }
    return isPlain
      ? cell
      : "\""
        + cell.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\""
  }

  /// An array with an object for each run, all its options included.
  var json: JSON {
    .array(
      zip(runs, groups).map { run, group in
        [
          "run": .string(run.path), "state": .string(run.state.rawValue),
          "problem": run.problem.map { .string($0) } ?? .null,
          "command": run.command.map { .string($0) } ?? .null, "data": run.inputs["data"] ?? .null,
          "data_sha256": run.configuration["data_sha256"] ?? .null,
          "result": run.score.map { ["name": .string($0.name), "value": .number($0.value)] }
            ?? .null,
          "group": group.map { .string($0) } ?? .null,
          "seconds": run.seconds.map { .number($0) } ?? .null, "options": .object(run.options),
        ]
      })
  }
}
