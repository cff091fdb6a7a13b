import DTrainCore

/// What a sweep says: its points, how each ended, and how they rank.
struct SweepText {
  private let console: Console
  var isVerbose: Bool { console.isVerbose }

  /// Says lines, and draws no bar.
  init(_ options: OutputOptions) {
    console = Console(.none, isQuiet: options.quiet, isVerbose: options.verbose)
  }

  /// The points, one a line.
  static func list<Swept>(_ points: [SweepPoint<Swept>]) -> [String] {
    var table = TextTable(
      columns: [.init(title: "point")]
        + (points.first?.options ?? []).map {
          .init(title: Spelling.name($0.name), isNumeric: true)
        }
    )
    table.rows = points.map { .cells([$0.name] + $0.options.map(\.text)) }
    return table.lines(width: nil).lines
  }

  /// - Parameter counts: how many values each option has.
  func begins(points: Int, of counts: [String], groups: Int, groupSize: Int, directory: String) {
    console.say(
      "\(TrainingText.count(points, "point")) (\(counts.joined(separator: ", "))) on \(TrainingText.count(groups, "group")) of "
        + "\(TrainingText.count(groupSize, "rank")), in \(directory)")
  }

  func begins(
    _ round: Halving.Round, of unit: String, number: Int, rounds: Int, pending: Int
  ) {
    let goal = round.length.map { "to \(unit) \($0)" } ?? "to the end"
    console.say(
      "round \(number) of \(rounds): \(TrainingText.count(round.points, "point")) \(goal)"
        + (pending < round.points ? ", \(pending) left to make" : ""))
  }

  /// What somebody may have meant otherwise.
  func remark(_ words: String) { console.say("note: \(words)") }

  /// - Parameter end: nil where the run diverged.
  func ended(
    _ name: String, _ words: String, _ outcome: PointOutcome, end: RunEnd?, length: Int?
  ) {
    let score = (end == .paused ? outcome.score(at: length) : outcome.listed?.choosingScore)
      .map(RunTable.words)
    let seconds = outcome.listed?.seconds.map { " (\(NumberFormat.duration($0)))" }
    console.say(
      "\(name)  \(words)  \(end == nil ? "diverged" : (score ?? "-") + (seconds ?? ""))")
  }

  /// The runs, the best first.
  ///
  /// - Parameters:
  ///   - swept: the options that differ.
  ///   - apart: those of them with which results cannot be compared.
  func ranked(_ runs: [ListedRun], swept: [String], apart: [String], directory: String) {
    let table = RunTable(runs, showing: swept, score: \.choosingScore)
    for line in table.lines(width: Terminal(stream: 1)?.width).lines { console.say(line) }
    if !apart.isEmpty {
      let flags = apart.map(Spelling.flag).joined(separator: " or ")
      console.say("compare only objectives of points that have the same \(flags)")
    } else if table.hasSeveralGroups {
      console.say(ComparableRuns.hint)
    }
    console.say("the best first; more in \(directory)/report.html and sweep.json")
  }

  func stopped(directory: String) {
    console.end()
    let lines = EndText.ofSweep(in: directory, width: Terminal(stream: 2)?.width)
    MPIRuntime.writeError("\(lines.joined(separator: "\n"))\n")
  }
}
