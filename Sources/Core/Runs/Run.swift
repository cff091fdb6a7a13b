/// A run whose directory is claimed: it begins or is resumed, advances, is saved, stops or finishes, and is recorded.
package final class Run<Configuration: RunConfiguration> {
  /// What is done; of a run that is continued what it was asked to do.
  package let job: RunJob<Configuration>
  package let topology: NodeTopology
  /// Rank 0's; nil on all other ranks.
  package let directory: RunDirectory?
  /// Why there is nothing to do.
  package let rest: RunEnd?
  /// Whether an earlier run is continued.
  package var isContinued: Bool { earlier != nil }

  private let earlier: RunRecord?
  /// When this process began, by the monotonic clock, and what earlier ones took.
  private let began: Double
  private var secondsEarlier = 0.0
  /// Seconds in which checkpoints and results were written, by all processes that worked on the run.
  private var secondsSave = 0.0
  private let observer: (any RunObserver)?
  private var schedule: CheckpointSchedule
  private var lastCheckpoint = ""
  /// Rank 0's, where TensorBoard is to be told.
  private let events: EventLog?
  private var metricsFailure: TrainerError?

  package var world: Communicator { topology.world }

  /// Claims the run directory, and takes what an earlier run was asked to do; collective.
  ///
  /// - Parameter began: when the process began, by the monotonic clock.
  package init(
    _ job: RunJob<Configuration>, on topology: NodeTopology, began: Double,
    observer: (any RunObserver)?
  ) throws {
    let world = topology.world
    var events: EventLog?
    let directory = try Activity.perform("preparing the run directory") {
      try world.onRoot {
        let directory = try job.openDirectory()
        events = try job.eventDirectory(of: directory).map {
          EventLog(in: $0, isContinued: job.resume != nil, overwrite: job.overwrite)
        }
        return directory
      }
    }
    self.events = events
    if let directory, directory.hasNoLocks {
      observer?.advise(RunAdvice.noLocks(directory: directory.path))
    }
    let earlier = try job.resume.map { _ in
      try RunRecord(of: directory, data: job.data, among: world)
    }
    let wanted = try world.agree { try earlier.map { try job.continuing($0) } ?? job }
    let rest = try world.agree {
      try earlier?.summary.flatMap { try wanted.configuration.rest(of: $0) }
    }
    self.job = wanted
    self.topology = topology
    self.directory = directory
    self.earlier = earlier
    self.began = began
    self.observer = observer
    self.rest = rest.map { .complete($0, directory: job.resume?.directory ?? "") }
    schedule = CheckpointSchedule(wanted.checkpoints.wantedInterval, isRoot: world.isRoot)
  }

  /// Refuses to continue as something else than the run was; collective.
  package func check(_ configuration: JSON) throws {
    try world.agree {
      try earlier?.check(
        against: configuration, changeable: job.configuration.changeableMembers,
        of: job.resume?.directory ?? "")
    }
  }

  /// Writes what a new run is; collective.
  package func begin(_ configuration: JSON) throws {
    if job.rangeDirectory == nil, let advice = job.origin?.advice(on: configuration) {
      observer?.advise(advice)
    }
    try world.onRoot {
      try directory?.writeConfiguration(configuration)
      try directory?.writeInputs(job.inputs)
    }
  }

  /// Makes a continued run without checkpoints of its own one that is under way; collective.
  package func reopen() throws {
    try world.onRoot {
      try directory?.removeOwned(["stopped.json"])
      try directory?.writeInputs(job.inputs)
    }
  }

  /// Makes the run, or goes on with it, to its end or until a stop is requested; collective.
  ///
  /// - Parameter configuration: what `config.json` is to say, checked already.
  package func perform(_ method: some Method, _ configuration: JSON) throws -> RunEnd {
    var resumedFrom: String?
    if isContinued {
      resumedFrom = try Activity.perform("reading a checkpoint") {
        try resume(method, configuration)
      }
    } else {
      try method.begin()
      try begin(configuration)
    }
    method.started(resumedFrom: resumedFrom)
    let conclusion: Conclusion
    do {
      if let end = try Activity.perform(method.activity, { try advance(method) }) { return end }
      conclusion = try method.conclude()
    } catch let failure as AgreedFailure {
      noteDivergence(failure)
      throw failure
    }
    let exported = try export()
    try Activity.perform("writing the summary") {
      try finish(
        conclusion.members + conclusion.seconds.members(among: world),
        rowsPerRank: conclusion.rowsPerRank, stopped: conclusion.stopped,
        more: [
          .init("model_sha256", .string(conclusion.modelHash)),
          .init("exported", .array(exported.map { .string($0) })),
          .init("resumed_from", resumedFrom.map { .string($0) } ?? .null),
        ])
    }
    return .finished
  }

  /// Writes the result in the forms that were asked for; collective.
  ///
  /// - Parameter path: the directory that holds the result; nil for the run's.
  /// - Returns: the names of the files, on rank 0.
  @discardableResult
  package func export(from path: String? = nil) throws -> [String] {
    guard job.exports?.isEmpty == false else { return [] }
    return try saving {
      try Activity.perform("exporting the model") {
        try world.onRoot { () -> [String] in
          guard let place = path ?? directory?.path else { return [] }
          let model = try Configuration.model(in: place)
          return try job.forms.map { form in
            let name = ModelExports.fileName(of: model, as: form)
            try ModelExports.write(model, as: form, to: "\(place)/\(name)")
            return name
          }
        } ?? []
      }
    }
  }

  /// Goes on until nothing is left to do, then nil, or until the run is to be continued later.
  private func advance(_ method: some Method) throws -> RunEnd? {
    // A stop, or a kill, may have come just when the run was to be paused.
    if isContinued, method.hasMore, isToPause(method) { return try pause() }
    let announcer = try directory.map { _ in try StopAnnouncer(in: stopPaths) }
    while let milestone = try method.advance(signals) {
      if milestone.signals.contains(.broken) { try reportFailure() }
      let notice = milestone.signals.contains(.stop) ? try StopNotice(among: world) : nil
      if let notice {
        announcer?.end()
        notice.announce(in: stopPaths)
      }
      let isPaused = !milestone.isEnd && isToPause(method)
      if notice != nil || isPaused || milestone.signals.contains(.save)
        || schedule.isDue(at: method.position, round: milestone.round, isEnd: milestone.isEnd)
      {
        try save(method)
      }
      if let notice { return .stopped(try stop(notice, at: method.place)) }
      if isPaused { return try pause() }
    }
    try reportFailure()
    announcer?.withdraw()
    return nil
  }

  /// Whether a run has the epochs or iterations after which it is to be continued later.
  private func isToPause(_ method: some Method) -> Bool {
    method.recordedRounds >= job.pause ?? .max
  }

  /// What this rank raises.
  private var signals: RankSignals {
    var signals: RankSignals = StopRequest.signal == nil ? [] : .stop
    if schedule.isDueByTime { signals.insert(.save) }
    if metricsFailure != nil { signals.insert(.broken) }
    return signals
  }

  /// Takes the newest checkpoint, and makes the directory what it was then; the checkpoint's name.
  private func resume(_ method: some Method, _ configuration: JSON) throws -> String {
    let point = try ResumePoint(
      newestOf: directory?.checkpoints(unit: method.unit), of: configuration,
      changeable: job.configuration.changeableMembers, among: world
    ) { observer?.advise($0) }
    try method.restore(point)
    secondsEarlier = point.state["seconds_total"]?.double ?? 0
    // Checkpoints of earlier versions do not say it.
    secondsSave = point.state["seconds_save"]?.double ?? 0
    schedule.saved(at: method.position)
    lastCheckpoint = point.name
    let advice = try world.onRoot {
      try directory?.rewind(
        to: point.metrics, configuration: configuration, inputs: job.inputs,
        removing: Configuration.results.filter(ModelExports.isExport))
    }
    if let advice = advice ?? nil { observer?.advise(advice) }
    return point.name
  }

  /// Saves where the run stands; collective.
  private func save(_ method: some Method) throws {
    try reportFailure()
    let name = try saving {
      let tensors = try method.tensors()
      let state = JSON.object(
        method.state + [
          .init("seconds_save", .number(secondsSave)),
          .init("seconds_total", .number(secondsTotal)),
        ])
      return try Activity.perform("saving a checkpoint") {
        try world.onRoot {
          try directory?.save(
            unit: method.unit, position: method.position, state: state, tensors: tensors,
            keep: job.checkpoints.wantedNumber)
        }
      }
    }
    schedule.saved(at: method.position)
    lastCheckpoint = (name ?? nil) ?? ""
  }

  /// Records a stop on request; collective.
  private func stop(_ notice: StopNotice, at place: RunPlace) throws -> RunEnd.Stop {
    let stop = try world.onRoot {
      try directory.map {
        try notice.record(
          in: $0, command: job.configuration.commandName, checkpoint: lastCheckpoint, place: place,
          run: job.rangeDirectory)
      }
    }
    return (stop ?? nil) ?? notice.stop(at: place, command: job.configuration.commandName)
  }

  /// Records that the run is to be continued later; collective.
  private func pause() throws -> RunEnd {
    try world.onRoot {
      try directory?.writeStop(["reason": "paused", "checkpoint": .string(lastCheckpoint)])
    }
    return .paused
  }

  /// Notes in `stopped.json` that the run ended because its numbers ran away, where they did; rank 0's.
  private func noteDivergence(_ failure: AgreedFailure) {
    guard failure.exitCode == TrainerError.Kind.diverged.rawValue else { return }
    for path in stopPaths {
      // The failure itself is what the user must hear of.
      try? RunDirectory.writeStop(
        ["reason": "diverged", "message": .string(failure.description), "checkpoint": .null],
        in: path)
    }
  }

  /// The directories in which a stop is noted: rank 0's, and that of the range that the run is of.
  private var stopPaths: [String] {
    directory.map { [$0.path] + (job.rangeDirectory.map { [$0] } ?? []) } ?? []
  }

  /// Seconds of all processes that worked on the run so far.
  package var secondsTotal: Double { secondsEarlier + MonotonicClock.seconds - began }

  /// Counts what `body` takes as the time in which checkpoints and results are written.
  package func saving<R>(_ body: () throws -> R) rethrows -> R {
    let span = Span(.save)
    defer { secondsSave += span.end() }
    return try body()
  }
}

extension Run {
  /// Counts the seconds in which runs that belong to this one wrote their checkpoints and results.
  package func countSaving(_ seconds: Double) { secondsSave += seconds }

  /// Appends a line to the metrics, with the seconds of the run so far, on rank 0. A failure is raised with the next signals, which costs nothing.
  ///
  /// - Parameters:
  ///   - step: the epoch, or the iteration of all restarts.
  ///   - exhibits: what can be shown of the model as it now is, besides numbers; called where somebody wants to see it.
  package func record(
    _ line: JSON, step: Int, isLast: Bool, exhibits: (() -> [Event.Member])?
  ) {
    let line = JSON.object((line.members ?? []) + [.init("seconds_total", .number(secondsTotal))])
    do {
      try directory?.appendMetrics(line)
      try events?.append(line, step: step, isLast: isLast, exhibits: exhibits)
    } catch {
      metricsFailure = metricsFailure ?? error
    }
  }

  /// Lets all ranks know of a line that could not be written; collective.
  private func reportFailure() throws {
    try world.onRoot { if let metricsFailure { throw metricsFailure } }
  }

  /// Writes the summary that makes a run a finished one; collective.
  package func finish(
    _ members: [JSON.Member], rowsPerRank: [Int]? = nil, stopped: StopReason,
    more: [JSON.Member] = []
  ) throws {
    let peaks = try world.allGather(ProcessMemory.peakResidentBytes)
    try world.onRoot {
      guard let directory else { return }
      let head: [JSON.Member] = [
        .init("command", .string(job.configuration.commandName)),
        .init("version", .string(Version.current)), .init("ranks", .integer(world.size)),
        .init("nodes", .integer(topology.nodeCount)),
      ]
      let rows = rowsPerRank.map {
        [JSON.Member("rows_per_rank", .array($0.map { .integer($0) }))]
      }
      let tail: [JSON.Member] = [
        .init("seconds_save", .number(secondsSave)), .init("seconds_total", .number(secondsTotal)),
        .init("peak_rss_bytes", .array(peaks.map { .integer($0) })),
        .init("stopped", .string(stopped.rawValue)),
      ]
      let summary = JSON.object(head + (rows ?? []) + members + tail + more)
      try directory.writeSummary(summary)
      observer?.finished(summary, directory: directory.path)
    }
  }
}
