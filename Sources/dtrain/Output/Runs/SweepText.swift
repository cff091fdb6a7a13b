import DTrainCore

/// What a sweep says: its points, how each ended, and how they rank; on rank 0 with a bar, where a person watches.
final class SweepText {
  private let console: Console
  /// What other ranks have to write before a line so that it stands where the bar of rank 0 is, and where that is.
  private let cover: (erasure: String, stream: Int32)?
  private let isRoot: Bool
  /// The points that are being made; nil between rounds.
  private var round: Round?

  /// Points that are being made.
  private struct Round {
    let count: Int
    /// Runs side by side.
    let groups: Int
    /// What the bar says behind the number of points: `, round 1 of 3`; empty for one round.
    let name: String
    /// Counts those that are done.
    let countDone: () -> Int
    let began: Double
    var done = 0
    /// The part that is done of the point that this rank makes.
    var share = 0.0
    /// When they are counted again.
    var nextCount = 0.0
  }

  var isVerbose: Bool { console.isVerbose }

  /// - Parameter isRoot: whether this is rank 0, which draws the bar.
  init(_ options: OutputOptions, isRoot: Bool) {
    self.isRoot = isRoot
    let plan = ProgressPlan(options.progress, isQuiet: options.quiet)
    plan.expectBar()
    console =
      isRoot ? Console(options) : Console(.none, isQuiet: options.quiet, isVerbose: options.verbose)
    cover =
      isRoot || plan.bar?.takesOutput != true
      ? nil : plan.bar.map { (MPIRuntime.barErasure, $0.stream) }
    console.watch { [unowned self] _ in content }
  }

  /// Removes the bar for good.
  func end() { console.end() }

  // MARK: - The bar

  /// Seconds between two counts of the points that are done, and the part of all time that counting may take.
  private static let (patience, mostCounting) = (1.0, 0.02)

  /// Points are about to be made.
  ///
  /// - Parameter countDone: reads their directories, and counts those that are done.
  func makes(
    _ count: Int, by groups: Int, round: Int, of rounds: Int, countDone: @escaping () -> Int
  ) {
    self.round = Round(
      count: count, groups: groups, name: rounds > 1 ? ", round \(round) of \(rounds)" : "",
      countDone: countDone, began: console.elapsed)
  }

  /// The points of a round are made.
  func made() { round = nil }

  /// Tells how much of the point that this rank makes is done.
  func advanced(_ share: @autoclosure () -> Double) {
    guard console.isDue, round != nil else { return }
    round?.share = share()
    if let content { console.draw(content) }
  }

  /// What the bar says while points are made; nil before and after.
  private var content: BarContent? {
    guard var now = round else { return nil }
    let elapsed = console.elapsed
    if elapsed >= now.nextCount {
      let done = now.countDone()
      if done > now.done { now.share = 0 }
      now.done = done
      now.nextCount =
        console.elapsed + max(Self.patience, (console.elapsed - elapsed) / Self.mostCounting)
      round = now
    }
    // Each group is about as far with its point as this one.
    let making = Double(min(now.groups, now.count - now.done))
    let part = (Double(now.done) + now.share * making) / Double(max(1, now.count))
    var content = BarContent(
      label: "\(now.done) of \(TrainingText.count(now.count, "point"))\(now.name)", fraction: part,
      elapsed: elapsed)
    if part > 0 { content.left = (elapsed - now.began) / part * (1 - part) }
    return content
  }

  // MARK: - Lines

  private func say(_ line: String) {
    guard let cover, !console.isQuiet else { return console.say(line) }
    MPIRuntime.writeRaw(
      "\(cover.erasure)\(TerminalText.harmless(line))\n", to: cover.stream)
  }

  /// A warning about the run of a point.
  func warn(_ advice: any Advice, of point: String) {
    if !isRoot { MPIRuntime.writeRaw(MPIRuntime.barErasure) }
    console.warn(advice, of: point)
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
    say(
      "\(TrainingText.count(points, "point")) (\(counts.joined(separator: ", "))) on \(TrainingText.count(groups, "group")) of "
        + "\(TrainingText.count(groupSize, "rank")), in \(directory)")
  }

  func begins(
    _ round: Halving.Round, of unit: String, number: Int, rounds: Int, pending: Int
  ) {
    let goal = round.length.map { "to \(unit) \($0)" } ?? "to the end"
    say(
      "round \(number) of \(rounds): \(TrainingText.count(round.points, "point")) \(goal)"
        + (pending < round.points ? ", \(pending) left to make" : ""))
  }

  /// What somebody may have meant otherwise.
  func remark(_ words: String) { say("note: \(words)") }

  /// - Parameter end: nil where the run diverged.
  func ended(
    _ name: String, _ words: String, _ outcome: PointOutcome, end: RunEnd?, length: Int?
  ) {
    // The bar need not wait for the next count.
    round?.share = 0
    round?.nextCount = 0
    let score = (end == .paused ? outcome.score(at: length) : outcome.listed?.choosingScore)
      .map(RunTable.words)
    let seconds = outcome.listed?.seconds.map { " (\(NumberFormat.duration($0)))" }
    say(
      "\(name)  \(words)  \(end == nil ? "diverged" : (score ?? "-") + (seconds ?? ""))")
  }

  /// The runs, the best first.
  ///
  /// - Parameters:
  ///   - swept: the options that differ.
  ///   - apart: those of them with which results cannot be compared.
  func ranked(_ runs: [ListedRun], swept: [String], apart: [String], directory: String) {
    let table = RunTable(runs, showing: swept, score: \.choosingScore)
    let (lines, omitted, shared) = table.lines(width: Terminal(stream: 1)?.width)
    for line in lines { say(line) }
    if !shared.isEmpty { say("the same in all points: \(shared.joined(separator: ", "))") }
    if !omitted.isEmpty {
      say("no room for \(omitted.joined(separator: ", ")): widen the terminal")
    }
    if !apart.isEmpty {
      let flags = apart.map(Spelling.flag).joined(separator: " or ")
      say("compare only objectives of points that have the same \(flags)")
    } else if table.hasSeveralGroups {
      say(ComparableRuns.hint)
    }
    say("the best first; more in \(directory)/report.html and sweep.json")
  }

  func stopped(directory: String) {
    end()
    let lines = EndText.ofSweep(in: directory, width: Terminal(stream: 2)?.width)
    MPIRuntime.writeError("\(lines.joined(separator: "\n"))\n")
  }
}
