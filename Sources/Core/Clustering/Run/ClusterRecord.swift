import DTrainBase
import DTrainDist

/// What a clustering run writes about itself: configuration, metrics and summary.
struct ClusterRecord {
  let configuration: ClusterConfiguration
  let data: ClusterData
  /// Where several numbers of clusters are compared.
  var range: ClusterRange?

  /// `config.json`: nothing in it depends on the number of ranks, the host or the time.
  var config: JSON {
    .object(
      [
        .init("format", 1), .init("command", .string(configuration.command.rawValue)),
        .init("version", .string(Version.current)),
        .init("clusters", range.map { .string("\($0)") } ?? .integer(configuration.clusters)),
        .init("init", .string(configuration.seeding.name)),
        .init("max_iterations", .integer(configuration.maximumIterations)),
        .init("tolerance", .number(configuration.tolerance)),
        .init("restarts", .integer(configuration.restarts)),
        .init("empty", .string(configuration.empty.rawValue)),
        .init("save_labels", .bool(configuration.savesLabels)),
        .init("seed", .integer(Int(configuration.seed))), .init("rows", .integer(data.count)),
        .init("features", .integer(data.columns)), .init("weighted", .bool(data.weights != nil)),
        .init("data_sha256", .string(data.fingerprint.hex)),
      ] + configuration.update.members + data.scaling.members)
  }

  /// What is clustered, into what, by how many, on one line.
  var description: String {
    let ranks = data.world.size
    return
      "\(data.source.name): \(data.count) rows of \(data.columns) columns, \(data.source.storedType)"
      + (data.source.isRounded ? " read as float32, " : ", ")
      + (data.scaling.kind == .none ? "" : "scaled (\(data.scaling.kind)), ")
      + "\(range?.description ?? "\(configuration.clusters)") clusters on \(ranks) \(ranks == 1 ? "rank" : "ranks")"
  }

  /// A line of `metrics.jsonl`.
  static func line(_ iteration: ClusterIteration) -> JSON {
    .object([
      .init("iteration", .integer(iteration.iteration)),
      .init("objective", .number(iteration.objective)),
      .init("changed", .integer(iteration.changed)), .init("movement", .number(iteration.movement)),
      .init("distances_skipped", .number(iteration.distancesSkipped)),
      .init("seconds", .number(iteration.seconds)),
    ])
  }

  /// Seconds of the run's phases, on rank 0.
  struct Seconds: Equatable {
    var load = 0.0, initialization = 0.0, training = 0.0, evaluation = 0.0
    /// Of all of them, those in which this rank waited for others or exchanged messages.
    var communication = 0.0
    /// All seconds of the processes that worked on the run before this one.
    var earlier = 0.0
    /// Of all starts that ended together.
    var iterations = 0
  }

  /// `summary.json`.
  ///
  /// - Parameters:
  ///   - started: when the run started.
  ///   - rows, peaks: the rows and the most memory of each rank.
  ///   - indices: how well the clusters are parted; nil where nobody asked.
  ///   - modelHash: of `centers.npy`.
  func summary(
    _ outcome: ClusterOutcome, _ seconds: Seconds, started: Double, rows: [Int], peaks: [Int],
    indices: ClusterIndices?, modelHash: String, resumedFrom: String?
  ) -> JSON {
    let members: [JSON.Member] = [
      .init("command", .string(configuration.command.rawValue)),
      .init("version", .string(Version.current)),
      .init("ranks", .integer(data.world.size)), .init("nodes", .integer(data.topology.nodeCount)),
      .init("shards", .null),
      .init("seed", .integer(Int(configuration.seed))), .init("rows", .integer(data.count)),
      .init("rows_per_rank", .array(rows.map { .integer($0) })),
      .init("features", .integer(data.columns)),
      .init("clusters", .integer(configuration.clusters)),
      .init("iterations", .integer(outcome.iterations)),
      .init("converged", .bool(outcome.stopped != "max-iterations")),
      .init("objective", .number(outcome.objective)),
      .init("total_weight", .number(data.totalWeight)),
      .init("sizes", .array(outcome.sizes.map { .integer($0) })),
      .init("restart", .integer(outcome.restart)),
      .init("seconds_total", .number(seconds.earlier + MonotonicClock.seconds - started)),
      .init("seconds_load", .number(seconds.load)),
      .init("seconds_init", .number(seconds.initialization)),
      .init("seconds_train", .number(seconds.training)),
      .init("seconds_evaluate", .number(seconds.evaluation)),
      .init("seconds_communication", .number(seconds.communication)),
      .init("seconds_per_iteration", .number(seconds.training / Double(seconds.iterations))),
      .init("peak_rss_bytes", .array(peaks.map { .integer($0) })),
      .init("model_sha256", .string(modelHash)), .init("stopped", .string(outcome.stopped)),
      .init("resumed_from", resumedFrom.map { .string($0) } ?? .null),
    ]
    return .object(members + (indices?.members ?? []))
  }
}
