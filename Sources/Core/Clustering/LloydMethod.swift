/// A clustering as a run makes it: in each restart choose centers, iterate, record; keep the best restart.
///
/// A checkpoint stands behind an iteration and holds its decision whether that was the last of its restart.
final class LloydMethod: Method {
  let unit = RunUnit.iteration
  let activity = "clustering"
  /// Iterations of all restarts.
  var position: Int { seconds.iterations + (driver?.iterations ?? 0) }
  var recordedRounds: Int { position }
  var hasMore: Bool {
    restart < configuration.restarts - 1
      || (restart < configuration.restarts && driver?.hasMore ?? true)
  }
  var place: RunPlace {
    RunPlace(
      .iteration, driver?.iterations ?? 0,
      cycle: configuration.restarts > 1 ? restart + 1 : nil)
  }

  private let run: Run<ClusterConfiguration>
  let scene: ClusterScene
  private let observer: (any ClusterObserver)?
  private let problem: ClusterProblem
  /// The centers of a file, for a new run.
  private var given: [Float]?
  /// What the phases took so far, in all processes that worked on the run.
  private var seconds = Seconds()
  private var best: RestartOutcome?
  /// Which of the restarts is under way, from 0, and its driver, once its centers are chosen.
  private var restart = 0
  private var driver: LloydDriver?

  private var configuration: ClusterConfiguration { run.job.configuration }
  private var data: ClusterData { scene.data }

  /// Seconds of the phases, and iterations of the restarts that are over.
  private struct Seconds {
    var load = 0.0, initialization = 0.0, training = 0.0, evaluation = 0.0
    /// Of all of them, those in which this rank waited for others or exchanged messages.
    var communication = 0.0
    /// Of those of training and of communication, what this process took.
    var own = (training: 0.0, communication: 0.0)
    /// The fractions of distances that this process' iterations skipped, added up, and how many these were.
    var skipped = (shares: 0.0, iterations: 0)
    var iterations = 0
  }

  /// A run at its beginning; collective. A file of centers is read before anything is written: one that is wrong
  /// leaves no run behind.
  init(
    _ run: Run<ClusterConfiguration>, _ scene: ClusterScene, observer: (any ClusterObserver)?
  ) throws {
    let configuration = run.job.configuration
    self.run = run
    self.scene = scene
    self.observer = observer
    let span = Span(.seed)
    problem = try ClusterProblem(scene.data, configuration, kernels: scene.kernels)
    seconds.initialization = span.end()
    seconds.load = scene.secondsLoad
    if case .file = configuration.seeding, !run.isContinued {
      given = try problem.initialCenters(restart: 0)
    }
  }

  func begin() {}

  func started(resumedFrom: String?) {
    observer?.started(scene.start(of: run, resumedFrom: resumedFrom))
    if data.hasDirectedCenters, let path = configuration.startPath {
      observer?.advise(ClusteringAdvice.directedCenters(file: path))
    }
  }

  func advance(_ own: RankSignals) throws -> Milestone? {
    while restart < configuration.restarts {
      let driver = try driver ?? Activity.perform("preparing a start") { try begunDriver() }
      self.driver = driver
      if driver.hasMore {
        let (iteration, signals) = try driver.iterate(raising: own)
        let isEnd = restart == configuration.restarts - 1 && !driver.hasMore
        run.record(iteration.line, step: position, isLast: isEnd) { [unowned self] in
          exhibits(of: driver.centers)
        }
        observer?.iterated(iteration, of: part)
        return Milestone(signals, round: position, isEnd: isEnd)
      }
      try Activity.perform("evaluating the centers") { try conclude(driver) }
      self.driver = nil
      restart += 1
    }
    return nil
  }

  /// What is under way, for an observer.
  private var part: ClusterPart {
    ClusterPart(clusters: configuration.clusters, restart: restart)
  }

  private func begunDriver() throws -> LloydDriver {
    observer?.began(part)
    let span = Span(.seed)
    defer { seconds.initialization += span.end() }
    let centers = try given ?? problem.initialCenters(restart: restart)
    return try LloydDriver(problem, centers: centers)
  }

  /// Notes how a restart ended, and whether it is the best so far.
  private func conclude(_ driver: LloydDriver) throws {
    let span = Span(.evaluate)
    let (objective, sizes) = try driver.finish()
    seconds.evaluation += span.end()
    seconds.training += driver.seconds
    seconds.communication += driver.secondsCommunication
    seconds.own.training += driver.ownSeconds
    seconds.own.communication += driver.secondsCommunication
    seconds.skipped.shares += driver.skippedShares
    seconds.skipped.iterations += driver.ownIterations
    seconds.iterations += driver.iterations
    if let best, objective >= best.objective { return }
    best = RestartOutcome(
      objective: objective, centers: driver.centers, sizes: sizes, iterations: driver.iterations,
      stopped: driver.stopped ?? .iterations, refilled: driver.refilled,
      balanced: driver.balanced, restart: restart)
  }
}

// MARK: - Checkpoints

extension LloydMethod {
  var state: [JSON.Member] {
    [
      .init("restart", .integer(restart)), .init("iteration", .integer(driver?.iterations ?? 0)),
      .init("stopped", (driver?.stopped).map { .string($0.rawValue) } ?? .null),
      .init("refilled", .integer(driver?.refilled ?? 0)),
      .init("balanced", .integer(driver?.balanced ?? 0)),
      .init("seconds_of_start", .number(driver?.seconds ?? 0)),
      .init("seconds_load", .number(seconds.load)),
      .init("seconds_init", .number(seconds.initialization)),
      .init("seconds_train", .number(seconds.training)),
      .init("seconds_evaluate", .number(seconds.evaluation)),
      .init(
        "seconds_communication",
        .number(seconds.communication + (driver?.secondsCommunication ?? 0))),
      .init("iterations_before", .integer(seconds.iterations)),
      .init("best", best?.recorded ?? .null),
    ]
  }

  func tensors() throws -> [TensorView] {
    guard let driver else { preconditionFailure("nothing was iterated yet") }
    try driver.centers.withUnsafeBytes {
      try ReplicaAgreement.check(
        $0, what: "centers after iteration \(driver.iterations)", on: data.topology)
    }
    // The same on all ranks by now.
    try data.world.require(
      driver.centers.allSatisfy(\.isFinite), .diverged,
      "a center is not finite after iteration \(driver.iterations): check the memory of these machines"
    )
    return [
      TensorView("centers", keeping: driver.centers),
      TensorView("previous", keeping: driver.previous),
    ] + (best.map { [TensorView("best", keeping: $0.centers)] } ?? [])
  }

  func restore(_ point: ResumePoint) throws {
    let count = configuration.clusters * data.columns
    let state = point.state
    let hasBest = state["best"]?.isNull == false
    let bestCenters = hasBest ? try point.floats("best", count: count) : []
    guard let restart = state["restart"]?.int, (0..<configuration.restarts).contains(restart),
      let iteration = state["iteration"]?.int, iteration >= 1, let stopped = state["stopped"],
      let refilled = state["refilled"]?.int,
      let secondsOfRestart = state["seconds_of_start"]?.double,
      let load = state["seconds_load"]?.double,
      let initialization = state["seconds_init"]?.double,
      let training = state["seconds_train"]?.double,
      let evaluation = state["seconds_evaluate"]?.double,
      let communication = state["seconds_communication"]?.double,
      state["seconds_total"]?.double != nil,
      let iterations = state["iterations_before"]?.int, iterations >= 0,
      let best = state["best"],
      best.isNull || RestartOutcome(recorded: best, centers: bestCenters) != nil
    else { throw data.world.unanimous(point.isForeign) }
    try data.world.require(
      iteration <= configuration.maximumIterations, .usage,
      "\(parameter: "max_iterations") \(configuration.maximumIterations): the run has \(iteration.counted("iteration")) "
        + "already (\(point.name))")
    let driver = try LloydDriver(problem, centers: point.floats("centers", count: count))
    try driver.restore(
      previous: point.floats("previous", count: count), iterations: iteration,
      stopped: stopped.text.flatMap { StopReason(rawValue: $0) }, refilled: refilled,
      balanced: state["balanced"]?.int ?? 0, seconds: secondsOfRestart)
    self.driver = driver
    self.restart = restart
    self.best = RestartOutcome(recorded: best, centers: bestCenters)
    seconds = Seconds(
      load: load + seconds.load, initialization: initialization, training: training,
      evaluation: evaluation, communication: communication, iterations: iterations)
  }
}

// MARK: - The result

extension LloydMethod {
  /// Writes the centers and, where they are asked for, the labels.
  func conclude() throws -> Conclusion {
    guard let best else { preconditionFailure("no restart has ended") }
    for advice in best.advice(configuration) { observer?.advise(advice) }
    if configuration.savesLabels {
      let labels = labels(of: best)
      try Activity.perform("writing the labels") {
        try run.saving {
          try RowWriter(
            path: run.world.broadcast(run.directory?.file("labels.npy") ?? ""), rows: data.count,
            names: .init(["cluster"]), isVector: true, isInteger: true, isDurable: true
          ).write(labels.map { Float($0) }, among: run.topology)
        }
      }
    }
    let indices = try run.job.rangeDirectory.map { _ in
      try Activity.perform("evaluating the centers") { try self.indices(of: best) }
    }
    let hash = try Activity.perform("writing the centers") {
      try run.saving { try writeCenters(best) }
    }
    return Conclusion(
      summary(of: best) + (indices?.members ?? []),
      rowsPerRank: try run.world.allGather(data.rows.count),
      seconds: RankSeconds(
        train: seconds.own.training, waiting: 0, messages: seconds.own.communication),
      stopped: best.stopped, modelHash: hash)
  }

  private func summary(of best: RestartOutcome) -> [JSON.Member] {
    [
      .init("shards", .null), .init("seed", .integer(Int(configuration.seed))),
      .init("rows", .integer(data.count)), .init("features", .integer(data.columns)),
      .init("clusters", .integer(configuration.clusters)),
      .init("iterations", .integer(best.iterations)),
      .init("converged", .bool(best.stopped != .iterations)),
      .init("objective", .number(best.objective)),
      .init("total_weight", .number(data.totalWeight)),
      .init("sizes", .array(best.sizes.map { .integer($0) })),
      .init("restart", .integer(best.restart)),
      .init("leading_coordinates", .integer(problem.leading?.coordinates.axes.count ?? 0)),
      .init(
        "distances_skipped",
        .number(seconds.skipped.shares / Double(max(1, seconds.skipped.iterations)))),
      .init("seconds_load", .number(seconds.load)),
      .init("seconds_init", .number(seconds.initialization)),
      .init("seconds_train", .number(seconds.training)),
      .init("seconds_evaluate", .number(seconds.evaluation)),
      .init("seconds_communication", .number(seconds.communication)),
      .init("seconds_per_iteration", .number(seconds.training / Double(seconds.iterations))),
    ]
  }

  /// How well the centers that are written divide the rows; collective.
  private func indices(of best: RestartOutcome) throws -> ClusterIndices {
    let span = Span(.evaluate)
    defer { seconds.evaluation += span.end() }
    _ = labels(of: best)
    return try ClusterIndices(
      data.measured, configuration.metric, problem.assigner, clusters: configuration.clusters)
  }

  /// The labels of this rank's rows with the centers that are written.
  private func labels(of best: RestartOutcome) -> [Int32] {
    let assigner = problem.assigner
    // The last restart's are there already.
    if best.restart != configuration.restarts - 1 {
      assigner.reset()
      assigner.assign(to: best.centers) { _ in }
    }
    return assigner.labels
  }

  /// Writes `centers.npy`; its hash on rank 0.
  private func writeCenters(_ best: RestartOutcome) throws -> String {
    let hash = try run.world.onRoot { () -> String? in
      guard let path = run.directory?.file("centers.npy") else { return nil }
      let shape = [configuration.clusters, data.columns]
      if data.hasDoubleCenters {
        try NPYWriter.write(doubles: data.scaling.withOffsets(best.centers), shape: shape, to: path)
      } else {
        try NPYWriter.write(best.centers, shape: shape, to: path)
      }
      return SHA256.hexadecimal(of: try FileContents.read(path))
    }
    return (hash ?? nil) ?? ""
  }
}
