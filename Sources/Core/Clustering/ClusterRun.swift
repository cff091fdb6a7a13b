import DTrainDist
import KernelTable

/// A clustering run as asked for.
public struct ClusterJob: Sendable {
  /// The data files.
  public var data: DataCatalog.Options
  /// What is done.
  public var configuration: ClusterConfiguration
  /// The run directory; nil for a name made of the date.
  public var output: String?
  /// Whether an existing run may be replaced.
  public var overwrite = false
  /// Whether distances are skipped; nil where it pays. The result is the same.
  public var pruning: Bool?

  /// A run with the given data.
  public init(data: DataCatalog.Options, configuration: ClusterConfiguration) {
    self.data = data
    self.configuration = configuration
  }
}

/// Watches a clustering run; called on rank 0 alone.
public protocol ClusterObserver: AnyObject {
  /// Something that the user should know but that does not stop the run.
  func warn(_ message: String)
  /// Before the first iteration.
  func started(_ description: String, directory: String)
  /// After an iteration.
  func iterated(_ iteration: ClusterIteration, restart: Int)
  /// After everything is written.
  func finished(_ summary: JSON, directory: String)
}

/// A whole clustering run, from the data files to the run directory.
public enum ClusterRun {
  /// Clusters as asked, on all ranks of `world`; collective.
  ///
  /// - Throws: `TrainerError` or `AgreedFailure`; the run directory then has no `summary.json`.
  public static func cluster(
    _ job: ClusterJob, world: Communicator, observer: (any ClusterObserver)? = nil
  ) throws {
    let start = MonotonicClock.seconds
    let configuration = job.configuration
    let kernels = try world.agree {
      try configuration.validate()
      return try KernelTable.select()
    }
    let topology = try NodeTopology(of: world)
    let world = topology.world
    let observer = world.isRoot ? observer : nil
    let directory = try Activity.perform("preparing the run directory") {
      try world.onRoot {
        try RunDirectory.create(path: job.output, overwrite: job.overwrite, command: "kmeans")
      }
    }
    let data = try ClusterData.load(job.data, topology: topology)
    guard configuration.clusters <= data.count else {
      throw world.unanimous(
        TrainerError(
          .badData,
          "--clusters \(configuration.clusters): \(data.source.name) has only \(data.count) rows"))
    }
    let secondsLoad = MonotonicClock.seconds - start
    let assigner = try EuclideanAssigner(
      data, clusters: configuration.clusters, kernels: kernels, pruning: job.pruning)
    let meanDistance = try data.meanDistance(to: assigner.means)
    func firstCenters(restart: Int) throws -> [Float] {
      let seeding = CenterSeeding(
        data: data, clusters: configuration.clusters, assigner: assigner,
        generator: Philox(seed: configuration.seed, purpose: .centers), restart: restart)
      return try Activity.perform("choosing the first centres") {
        try seeding.centers(configuration.seeding)
      }
    }
    // A start file is read before anything is written: one that is wrong leaves no run behind.
    var given: [Float]?
    if case .file = configuration.seeding { given = try firstCenters(restart: 0) }
    try world.onRoot {
      try directory?.writeConfiguration(record(configuration, data))
    }
    observer?.started(
      "\(data.source.name): \(data.count) rows of \(data.columns) columns, \(data.source.storedType), "
        + "\(configuration.clusters) clusters on \(world.size) "
        + (world.size == 1 ? "rank" : "ranks"), directory: directory?.path ?? "")

    var best: Outcome?
    var secondsInit = 0.0
    var secondsTrain = 0.0
    var iterations = 0
    for restart in 0..<configuration.restarts {
      let seeded = MonotonicClock.seconds
      let centers = try given ?? firstCenters(restart: restart)
      secondsInit += MonotonicClock.seconds - seeded
      let driver = try LloydDriver(
        data, configuration, centers: centers, assigner: assigner, meanDistance: meanDistance)
      try Activity.perform("clustering") {
        try driver.run { iteration in
          try world.onRoot { try directory?.appendMetrics(line(iteration)) }
          observer?.iterated(iteration, restart: restart)
        }
      }
      let (objective, sizes) = try driver.finish()
      secondsTrain += driver.seconds
      iterations += driver.iterations
      if objective < best?.objective ?? .infinity {
        best = Outcome(
          objective: objective, centers: driver.centers, sizes: sizes,
          labels: configuration.savesLabels ? driver.labels : [], iterations: driver.iterations,
          stopped: driver.stopped, refilled: driver.refilled, restart: restart)
      }
    }
    guard let best else { return }
    for warning in best.warnings(configuration) { observer?.warn(warning) }
    let peaks = try world.allGather(ProcessMemory.peakResidentBytes)
    let rows = try world.allGather(data.rows.count)
    try Activity.perform("writing the centres") {
      if configuration.savesLabels {
        try RowWriter(
          path: world.fromRootText(directory?.file("labels.npy")), rows: data.count, columns: 1,
          isVector: true, isInteger: true
        ).write(best.labels.map { Float($0) }, among: world)
      }
      try world.onRoot {
        guard let directory else { return }
        try NPYWriter.write(
          best.centers, shape: [configuration.clusters, data.columns],
          to: directory.file("centers.npy"))
        let hash = SHA256.hexadecimal(of: try FileContents.read(directory.file("centers.npy")))
        let summary = JSON.object([
          .init("command", "kmeans"), .init("version", .string(Version.current)),
          .init("ranks", .integer(world.size)), .init("nodes", .integer(topology.nodeCount)),
          .init("seed", .integer(Int(configuration.seed))), .init("rows", .integer(data.count)),
          .init("rows_per_rank", .array(rows.map { .integer($0) })),
          .init("features", .integer(data.columns)),
          .init("clusters", .integer(configuration.clusters)),
          .init("iterations", .integer(best.iterations)),
          .init("converged", .bool(best.stopped != "max-iterations")),
          .init("objective", .number(best.objective)),
          .init("sizes", .array(best.sizes.map { .integer($0) })),
          .init("restart", .integer(best.restart)),
          .init("seconds_total", .number(MonotonicClock.seconds - start)),
          .init("seconds_load", .number(secondsLoad)), .init("seconds_init", .number(secondsInit)),
          .init("seconds_train", .number(secondsTrain)),
          .init("seconds_per_iteration", .number(secondsTrain / Double(iterations))),
          .init("peak_rss_bytes", .array(peaks.map { .integer($0) })),
          .init("model_sha256", .string(hash)), .init("stopped", .string(best.stopped)),
          .init("resumed_from", .null),
        ])
        try directory.writeSummary(summary)
        observer?.finished(summary, directory: directory.path)
      }
    }
  }

  private struct Outcome {
    let objective: Double
    let centers: [Float]
    let sizes: [Int]
    let labels: [Int32]
    let iterations: Int
    let stopped: String
    let refilled: Int
    let restart: Int

    /// What the user should know of clusters that lost their rows.
    func warnings(_ configuration: ClusterConfiguration) -> [String] {
      var warnings: [String] = []
      if refilled > 0 {
        warnings.append(
          refilled == 1
            ? "an empty cluster took the row farthest from its centre"
            : "\(refilled) times an empty cluster took the row farthest from its centre")
      }
      let empty = sizes.count { $0 == 0 }
      guard empty > 0 else { return warnings }
      let reason =
        if objective == 0 {
          // Every row is its own cluster's centre, and there are fewer of these than clusters.
          "there are fewer distinct rows than clusters; use --clusters \(sizes.count - empty) or fewer"
        } else if configuration.empty == .keep {
          "--empty keep leaves their centres where they are; --empty farthest gives them rows"
        } else {
          "the last movement of the centres took their rows; let it run on (--max-iterations, "
            + "--tolerance 0) or use fewer clusters"
        }
      warnings.append(
        "\(empty) of \(sizes.count) clusters \(empty == 1 ? "holds" : "hold") no row: \(reason)")
      return warnings
    }
  }

  private static func line(_ iteration: ClusterIteration) -> JSON {
    .object([
      .init("iteration", .integer(iteration.iteration)),
      .init("objective", .number(iteration.objective)),
      .init("changed", .integer(iteration.changed)), .init("shift", .number(iteration.shift)),
      .init("distances_skipped", .number(iteration.distancesSkipped)),
      .init("seconds", .number(iteration.seconds)),
    ])
  }

  private static func record(_ configuration: ClusterConfiguration, _ data: ClusterData) -> JSON {
    let seeding: JSON =
      switch configuration.seeding {
      case .random: "random"
      case .plusPlus: "k-means++"
      case .file(let path): .string(path)
      }
    return .object([
      .init("format", 1), .init("command", "kmeans"), .init("version", .string(Version.current)),
      .init("clusters", .integer(configuration.clusters)), .init("init", seeding),
      .init("max_iterations", .integer(configuration.maximumIterations)),
      .init("tolerance", .number(configuration.tolerance)),
      .init("restarts", .integer(configuration.restarts)),
      .init("empty", .string(configuration.empty.rawValue)),
      .init("save_labels", .bool(configuration.savesLabels)),
      .init("seed", .integer(Int(configuration.seed))), .init("rows", .integer(data.count)),
      .init("features", .integer(data.columns)),
      .init("data_sha256", .string(data.fingerprint.hex)),
    ])
  }
}

extension Communicator {
  /// A text that only rank 0 has, on all ranks; collective.
  fileprivate func fromRootText(_ text: String?) throws(MPIError) -> String {
    String(decoding: try broadcast(bytes: Array((text ?? "").utf8)), as: UTF8.self)
  }
}
