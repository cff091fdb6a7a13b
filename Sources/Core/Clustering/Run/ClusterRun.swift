/// A clustering run as asked for.
public typealias ClusterJob = RunJob<ClusterConfiguration>

/// A whole clustering run, from the data files to the run directory.
public enum ClusterRun {
  /// Clusters as asked, on all ranks of `world`; collective.
  ///
  /// - Returns: whether it finished, had nothing to do, or was stopped on request (see ``StopRequest``).
  /// - Throws: `TrainerError` or `AgreedFailure`; the run directory then has no `summary.json`.
  @discardableResult
  public static func cluster(
    _ job: ClusterJob, world: Communicator, observer: (any ClusterObserver)? = nil
  ) throws -> RunEnd {
    try job.traced(among: world) { try made(job, world: world, observer: observer) }
  }

  private static func made(
    _ job: ClusterJob, world: Communicator, observer: (any ClusterObserver)?
  ) throws -> RunEnd {
    let load = Span(.load)
    let kernels = try world.agree {
      try job.validate(unit: .iteration)
      return try KernelTable.select()
    }
    let topology = try NodeTopology(of: world)
    let observer = topology.world.isRoot ? observer : nil
    let node = try CrowdedNode(topology)
    if let advice = try node.advice() { observer?.advise(advice) }
    let run = try Run(job, on: topology, began: load.start, observer: observer)
    let configuration = run.job.configuration
    if let rest = run.rest {
      for path in configuration.resultPaths(in: job.resume?.directory ?? "") {
        try run.export(from: path)
      }
      return rest
    }
    let data = try ClusterData.load(
      run.job.data, metric: configuration.metric, scale: configuration.scale, topology: topology)
    if let advice = try node.adviceOnOthers() { observer?.advise(advice) }
    try checkRows(data, clusters: configuration.range?.values.last ?? configuration.clusters)
    for advice in data.advice { observer?.advise(advice) }
    if let advice = data.rows.mergedNumbers(of: data.source) { observer?.advise(advice) }
    if configuration.scale == .none, !configuration.metric.isOfDirections,
      let advice = data.counted.unevenness(of: data.source)
    {
      observer?.advise(advice)
    }
    let rows = ClusterScene(
      data: data, kernels: kernels, began: load.start, secondsLoad: load.end())
    if let range = configuration.range {
      return try ClusterRangeRun(run: run, range: range, scene: rows, observer: observer).perform()
    }
    return try cluster(run, rows, observer: observer)
  }

  /// Throws where there are fewer rows than clusters.
  private static func checkRows(_ data: ClusterData, clusters: Int) throws {
    try data.world.require(
      clusters <= data.count, .badData,
      "\(parameter: "clusters") \(clusters): \(data.source.nameHaving) only \(data.count.counted("row"))"
    )
    if let positive = data.weights?.positive, clusters > positive {
      throw data.world.failure(
        .badData,
        "\(parameter: "clusters") \(clusters): only \(positive.counted("row")) with a positive weight"
      )
    }
  }

  /// Clusters rows that are there, in a run that is claimed; collective.
  static func cluster(
    _ run: Run<ClusterConfiguration>, _ scene: ClusterScene, observer: (any ClusterObserver)?
  ) throws -> RunEnd {
    let configuration = run.job.configuration.recorded(of: scene.data)
    try run.check(configuration)
    return try run.perform(LloydMethod(run, scene, observer: observer), configuration)
  }
}

/// Rows that are read, of which one run or several are made.
struct ClusterScene {
  let data: ClusterData
  let kernels: KernelTable
  /// When the process began its work, by the monotonic clock, and what it took to read the rows.
  let began: Double
  let secondsLoad: Double

  /// What an observer learns before the first iteration.
  func start(
    of run: Run<ClusterConfiguration>, resumedFrom: String? = nil
  ) -> ClusterStart {
    let configuration = run.job.configuration
    return ClusterStart(
      directory: run.directory?.path ?? "", dataName: data.source.name, rows: data.count,
      columns: data.columns, storedType: data.source.storedType, isRounded: data.source.isRounded,
      metric: configuration.metric, scale: data.scaling.kind, clusters: configuration.clusters,
      range: configuration.range,
      ranks: run.world.size, resumedFrom: resumedFrom,
      restarts: configuration.restarts,
      secondsTotal: run.secondsTotal)
  }
}

extension ClusterConfiguration {
  /// The directories that hold the centers of a run in `directory`: of a range those of its members.
  fileprivate func resultPaths(in directory: String) -> [String] {
    range.map { $0.values.map { "\(directory)/\(RunDirectory.membersFolder)/\($0)" } } ?? [
      directory
    ]
  }

  /// What `config.json` says beside the options.
  public static let facts: [String: RecordedType] = [
    "rows": .integer, "features": .integer, "weighted": .flag, "data_sha256": .text,
    "scaling_offset": .list, "scaling_shift": .list, "scaling_factor": .list,
    "row_shape": .list, "columns": .object,
  ]

  /// `config.json`: nothing in it depends on the number of ranks, the host or the time.
  func recorded(of data: ClusterData) -> JSON {
    .object(
      [
        .init("format", 1), .init("command", .string(commandName)),
        .init("version", .string(Version.current)),
      ] + members + [
        .init("rows", .integer(data.count)), .init("features", .integer(data.columns)),
        .init("weighted", .bool(data.weights != nil)),
        .init("data_sha256", .string(data.fingerprint.hex)),
        // The kind of scaling is one of the options.
      ] + data.scaling.members.dropFirst()
        + (data.source.rowShape.isEmpty
          ? [] : [.init("row_shape", .array(data.source.rowShape.map { .integer($0) }))])
        + (data.schema.map { [.init("columns", $0.json)] } ?? []))
  }
}
