import DTrainBase
import DTrainDist
import DTrainRuns

/// The starts of a clustering run in this process: draw centers, iterate, record, save, and keep the best.
///
/// A checkpoint stands behind an iteration and holds its decision whether that was the last of its start.
final class ClusterSession {
  /// What checkpoints count.
  static let unit = "iteration"

  /// When this process began, by the monotonic clock.
  let began: Double
  /// What the phases took so far.
  private(set) var seconds: ClusterRecord.Seconds

  private let job: ClusterJob
  private let problem: ClusterProblem
  /// The centers of a start file.
  private let given: [Float]?
  private let directory: RunDirectory?
  private let observer: (any ClusterObserver)?
  private var schedule: CheckpointSchedule
  private var best: ClusterOutcome?
  private var restart = 0
  /// The driver of the start that is under way, and the one whose labels the assigner holds.
  private var driver: LloydDriver?
  private var labelledStart: Int?
  private var lastCheckpoint = ""
  private var metricsFailure: TrainerError?
  private var announcer: StopAnnouncer?
  private var notice: StopNotice?

  private var configuration: ClusterConfiguration { job.configuration }
  private var data: ClusterData { problem.data }

  /// A run at its beginning.
  ///
  /// - Parameter directory: rank 0's; nil elsewhere.
  init(
    _ job: ClusterJob, _ problem: ClusterProblem, given: [Float]?, seconds: ClusterRecord.Seconds,
    began: Double, directory: RunDirectory?, observer: (any ClusterObserver)?
  ) {
    self.job = job
    self.problem = problem
    self.given = given
    self.seconds = seconds
    self.began = began
    self.directory = directory
    self.observer = observer
    schedule = CheckpointSchedule(
      job.checkpoints.wantedInterval, isRoot: problem.data.world.isRoot)
  }

  /// Goes on from a checkpoint; collective.
  ///
  /// - Throws: `TrainerError(.noCheckpoint)` where it is of another run, `TrainerError(.usage)` where it has
  ///   gone further than the run shall; agreed by all ranks.
  func restore(_ point: ResumePoint) throws {
    let count = configuration.clusters * data.columns
    let hasBest = point.state["best"]?.isNull == false
    let bestCenters = hasBest ? try point.floats("best", count: count) : []
    guard let state = ClusterState(json: point.state, bestCenters: bestCenters),
      state.restart < configuration.restarts
    else {
      throw data.world.unanimous(
        TrainerError(
          .noCheckpoint, "the checkpoint \(point.name) is of another run or another version"))
    }
    guard state.iteration <= configuration.maximumIterations else {
      throw data.world.unanimous(
        TrainerError(
          .usage,
          "--max-iterations \(configuration.maximumIterations): the run has \(state.iteration) "
            + "iterations already (\(point.name))"))
    }
    let driver = try makeDriver(centers: try point.floats("centers", count: count))
    try driver.restore(previous: try point.floats("previous", count: count), state)
    self.driver = driver
    restart = state.restart
    best = state.best
    let load = seconds.load
    seconds = state.seconds
    seconds.load += load
    schedule.saved(at: state.position)
  }

  /// Runs every start to its end, or until a stop is requested; collective.
  ///
  /// - Returns: the start with the smallest objective, the first of equals; nil when stopped.
  func run() throws -> ClusterOutcome? {
    announcer = directory.map { _ in StopAnnouncer(in: stopPaths) }
    while restart < configuration.restarts {
      let driver =
        try self.driver
        ?? Activity.perform("preparing a start") { try firstDriver() }
      self.driver = driver
      guard try Activity.perform("clustering", { try iterate(driver) })
      else { return nil }
      try Activity.perform("evaluating the centers") { try conclude(driver) }
      self.driver = nil
      restart += 1
    }
    announcer?.withdraw()
    return best
  }

  /// The directories in which a stop is noted: this rank's, if any, and that of the range it is a part of.
  private var stopPaths: [String] {
    directory.map { [$0.path] + (job.whole.map { [$0] } ?? []) } ?? []
  }

  private func makeDriver(centers: [Float]) throws -> LloydDriver {
    try LloydDriver(problem, centers: centers)
  }

  private func firstDriver() throws -> LloydDriver {
    let seeded = MonotonicClock.seconds
    let centers = try given ?? problem.initialCenters(restart: restart)
    seconds.initialization += MonotonicClock.seconds - seeded
    return try makeDriver(centers: centers)
  }

  private func iterate(_ driver: LloydDriver) throws -> Bool {
    try driver.run(
      asking: {
        LloydDriver.Requests(
          stop: StopRequest.signal != nil, save: schedule.isDueByTime,
          isBroken: metricsFailure != nil)
      }
    ) { iteration, requests in
      if requests.isBroken { try reportMetricsFailure() }
      record(iteration)
      observer?.iterated(iteration, restart: restart)
      if requests.stop { try announceStop() }
      let isLastStart = restart == configuration.restarts - 1
      let isEnd =
        isLastStart
        && (driver.stopped != nil || driver.iterations == configuration.maximumIterations)
      let state = state(driver)
      if requests.stop || requests.save
        || schedule.isDue(at: state.position, round: state.position, isEnd: isEnd)
      {
        try save(driver, state)
      }
      return !requests.stop
    }
  }

  /// Appends a line to the metrics, on rank 0. A failure waits for the next iteration's message, which costs nothing.
  private func record(_ iteration: ClusterIteration) {
    do {
      try directory?.appendMetrics(ClusterRecord.line(iteration))
    } catch {
      metricsFailure = metricsFailure ?? error
    }
  }

  /// Lets all ranks know of a line that could not be written; collective.
  private func reportMetricsFailure() throws {
    try data.world.onRoot { if let metricsFailure { throw metricsFailure } }
  }

  /// Notes how a start ended, and whether it is the best so far.
  private func conclude(_ driver: LloydDriver) throws {
    try reportMetricsFailure()
    let evaluated = MonotonicClock.seconds
    let (objective, sizes) = try driver.finish()
    seconds.evaluation += MonotonicClock.seconds - evaluated
    seconds.training += driver.seconds
    seconds.communication += driver.secondsCommunication
    seconds.iterations += driver.iterations
    if let best, objective >= best.objective { return }
    labelledStart = restart
    best = ClusterOutcome(
      objective: objective, centers: driver.centers, sizes: sizes, iterations: driver.iterations,
      stopped: driver.stopped ?? "max-iterations", refilled: driver.refilled, restart: restart)
  }

  /// The labels of this rank's rows with the centers that are written.
  func labels(of best: ClusterOutcome) -> [Int32] {
    let assigner = problem.assigner
    // The last start's are there already.
    if labelledStart != configuration.restarts - 1 {
      assigner.reset()
      assigner.assign(to: best.centers) { _ in }
    }
    return assigner.labels
  }

  // MARK: Checkpoints

  private func state(_ driver: LloydDriver) -> ClusterState {
    var state = ClusterState()
    state.restart = restart
    state.iteration = driver.iterations
    state.stopped = driver.stopped
    state.refilled = driver.refilled
    state.secondsOfStart = driver.seconds
    state.seconds = seconds
    state.seconds.earlier += MonotonicClock.seconds - began
    state.seconds.communication += driver.secondsCommunication
    state.best = best
    return state
  }

  /// Saves where the run stands; collective.
  private func save(_ driver: LloydDriver, _ state: ClusterState) throws {
    try reportMetricsFailure()
    try driver.centers.withUnsafeBytes {
      try ReplicaAgreement.check(
        $0, what: "centers after iteration \(driver.iterations)", on: data.topology)
    }
    // The same on all ranks by now.
    guard driver.centers.allSatisfy(\.isFinite) else {
      throw data.world.unanimous(
        TrainerError(
          .diverged,
          "a center is not finite after iteration \(driver.iterations): check the memory of these machines"
        ))
    }
    let name = try Activity.perform("saving a checkpoint") {
      try data.world.onRoot { try directory.map { try write(driver, state, to: $0) } }
    }
    schedule.saved(at: state.position)
    lastCheckpoint = (name ?? nil) ?? ""
  }

  private func write(
    _ driver: LloydDriver, _ state: ClusterState, to directory: RunDirectory
  ) throws -> String {
    try driver.centers.withUnsafeBufferPointer { centers in
      try driver.previous.withUnsafeBufferPointer { previous in
        try (state.best?.centers ?? []).withUnsafeBufferPointer { best in
          var tensors = [TensorView("centers", centers), TensorView("previous", previous)]
          if !best.isEmpty { tensors.append(TensorView("best", best)) }
          return try directory.save(
            unit: Self.unit, position: state.position, state: state.json, tensors: tensors,
            keep: job.checkpoints.wantedNumber)
        }
      }
    }
  }

  /// Notes early that a stop was asked for; collective.
  private func announceStop() throws {
    let notice = try StopNotice(among: data.world)
    announcer?.end()
    notice.announce(in: stopPaths)
    self.notice = notice
  }

  /// Records a stop on request; collective. Rank 0's words say how to go on.
  func recordStop() throws -> String {
    let starts = configuration.restarts > 1 ? " of start \(restart + 1)" : ""
    let words = try data.world.onRoot {
      try directory.flatMap {
        try notice?.record(
          in: $0, command: configuration.command.rawValue, checkpoint: lastCheckpoint,
          place: "iteration \(driver?.iterations ?? 0)\(starts)", run: job.whole)
      }
    }
    return (words ?? nil) ?? ""
  }
}
