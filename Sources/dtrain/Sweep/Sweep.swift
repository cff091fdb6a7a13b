import DTrainCore

/// The runs of all points: groups of ranks make them side by side, over rows that all ranks have read together.
struct Sweep<Swept: SweptCommand> {
  let points: [SweepPoint<Swept>]
  let halving: Halving
  let directory: SweepDirectory
  let file: ConfigurationFile?
  /// All ranks, and those that make a run together: neighbours, so that a group lies on one node where it can.
  let world: Communicator
  let group: Communicator
  /// The number of this rank's group, and of all groups.
  let groupIndex: Int, groups: Int
  let text: SweepText

  /// Makes what is left of all runs; collective.
  ///
  /// - Parameter rows: those that are read already; nil to read them once they are needed.
  /// - Returns: whether all is done; false where a stop was requested.
  /// - Throws: `AgreedFailure` or `TrainerError` for what is wrong with more than a point's numbers.
  func make(over rows: inout HeldData?) throws -> Bool {
    var alive = Array(points.indices)
    for (index, round) in halving.rounds.enumerated() {
      if index > 0 { alive = try survivors(of: alive, round.points, before: index) }
      let pending = try list { alive.filter { !outcome($0).isDone(to: round.length) } }
      if world.isRoot, halving.rounds.count > 1 {
        text.begins(
          round, of: Swept.lengthUnit, number: index + 1, rounds: halving.rounds.count,
          pending: pending.count)
      }
      guard !pending.isEmpty else { continue }
      let held = try rows ?? read()
      rows = held
      let own = stride(from: groupIndex, to: pending.count, by: groups).map { pending[$0] }
      var isStopped = false
      if world.isRoot {
        text.makes(pending.count, by: groups, round: index + 1, of: halving.rounds.count) {
          pending.count {
            PointOutcome.isRecorded(directory.file(points[$0].name), to: round.length)
          }
        }
      }
      for point in own where !isStopped {
        isStopped = try make(points[point], to: round.length, over: held)
      }
      // Groups that are done wait asleep.
      try world.agree {}
      text.made()
      if try world.allReduce(isStopped ? 1 : 0, .maximum) == 1 { return false }
    }
    return true
  }

  /// Reads all rows; collective. A directory that was made for the sweep goes away where that fails.
  func read() throws -> HeldData {
    do {
      return try HeldData(
        points[0].command.job(file).data, hasTargets: Swept.readsTargets, among: world)
    } catch {
      directory.abandon()
      throw error
    }
  }

  /// Makes or continues a run; collective over the group.
  ///
  /// - Returns: whether it was stopped on request.
  private func make(
    _ point: SweepPoint<Swept>, to length: Int?, over rows: HeldData
  ) throws -> Bool {
    let path = directory.file(point.name)
    let isBegun = try group.broadcast(RunDirectory.newestCheckpoint(in: path) == nil ? 0 : 1) == 1
    var job = try point.command.job(file)
    job.data.held = rows
    job.output = path
    job.overwrite = true
    job.resume = isBegun ? .init(path) : nil
    job.pause = length
    job.tensorboard = job.tensorboard.map { "\($0)/\(point.name)" }
    let observer = PointObserver(
      of: point.name, by: text, saysWarnings: point.number == 1 || text.isVerbose)
    var end: RunEnd?
    do {
      end = try Activity.perform("making \(point.name)") {
        try Swept.make(job, world: group, observer: observer)
      }
    } catch let failure as AgreedFailure
      where failure.exitCode == TrainerError.Kind.diverged.rawValue
    {
      // The run's directory says so.
    } catch let failure as AgreedFailure {
      guard let error = failure.own as? TrainerError else { throw failure }
      throw TrainerError(error.kind, "\(point.name) (\(point.words)): \(error.template)")
    }
    if case .stopped? = end { return true }
    if group.isRoot {
      text.ended(point.name, point.words, outcome(point.number - 1), end: end, length: length)
    }
    return false
  }

  /// The points that go on to a round, by what they came to in the one before; collective.
  private func survivors(of alive: [Int], _ count: Int, before round: Int) throws -> [Int] {
    let length = halving.rounds[round - 1].length
    return try list {
      PointOutcome.best(count, of: alive.map { ($0, outcome($0).score(at: length)) })
    }
  }

  /// How far a point came; on ranks that see the directory.
  func outcome(_ point: Int) -> PointOutcome {
    PointOutcome(directory.file(points[point].name), name: points[point].name)
  }

  /// Places of points that rank 0 makes out, on all ranks; collective.
  private func list(_ body: () throws -> [Int]) throws -> [Int] {
    let text = try world.onRoot { try body().map(String.init).joined(separator: " ") }
    return try world.broadcast(text ?? "").split(separator: " ").compactMap { Int($0) }
  }
}

extension Sweep {
  /// `sweep.json`: the same for every number of ranks once all is done, but for the arguments.
  ///
  /// - Parameter arguments: those of the program, with which the sweep is continued.
  func record(isFinished: Bool, arguments: [String]) -> JSON {
    let outcomes = points.indices.map(outcome)
    let entries = zip(points, outcomes).map { point, outcome -> JSON in
      let score = outcome.listed?.choosingScore
      return [
        "name": .string(point.name),
        "options": .object(point.options.map { .init($0.name, .string($0.text)) }),
        "state": .string(outcome.listed?.state.rawValue ?? "not begun"),
        "\(Swept.lengthUnit)s": .integer(outcome.length),
        "score": score.map { ["name": .string($0.name), "value": .number($0.value)] } ?? .null,
      ]
    }
    let ranking = PointOutcome.ranking(outcomes).filter { outcomes[$0].listed != nil }
    let rounds = halving.rounds.map { round -> JSON in
      [
        "points": .integer(round.points),
        "length": round.length.map { .integer($0) } ?? .null,
      ]
    }
    return [
      "format": 1, "command": "sweep", "version": .string(Version.current),
      "method": .string(Swept._commandName), "finished": .bool(isFinished),
      "directory": .string(FileSystem.workingDirectory),
      "arguments": .array(arguments.map { .string($0) }), "rounds": .array(rounds),
      "points": .array(entries),
      "ranking": .array(ranking.map { .string(points[$0].name) }),
    ]
  }

  /// The runs that are there, the best first.
  var rankedRuns: [ListedRun] {
    let outcomes = points.indices.map(outcome)
    return PointOutcome.ranking(outcomes).compactMap { outcomes[$0].listed }
  }
}
