/// Applying centers to rows.
public enum ClusterInference {
  /// What is written for each row.
  public enum Output: String, CaseIterable, Sendable {
    /// The nearest center (int32 `[rows]`).
    case labels
    /// The distance to every center (float32 `[rows, clusters]`); in the cosine metric 1 less the cosine.
    case distances
    /// The simplified silhouette (float32 `[rows]`), from -1 to 1: see ``ClusterIndices``.
    case silhouette

    /// What columns of it are called in a table.
    fileprivate func columnNames(_ clusters: Int) -> [String] {
      switch self {
      case .labels: ["cluster"]
      case .distances: WrittenColumns.numbered("distance", clusters)
      case .silhouette: ["silhouette"]
      }
    }
  }

  /// Where the centers of a `--model` are: an NPY file, or `centers.npy` in a run directory; nil when the
  /// path is something else, such as a network.
  public static func centersFile(_ path: String) -> String? {
    if path.hasSuffix(".npy") { return path }
    let file = FileSystem.path(of: "centers.npy", in: path)
    return FileSystem.isDirectory(path) && FileSystem.exists(file) ? file : nil
  }

  /// Whether a path is the directory of a range of clusterings, which has no centers of its own.
  public static func isRange(_ path: String) -> Bool {
    FileSystem.isDirectory("\(path)/\(RunDirectory.membersFolder)")
  }

  /// The centers in a file as other programs take them, with the metric and scaling that the `config.json` beside
  /// them says; reads on this rank alone.
  ///
  /// - Throws: `TrainerError(.badData)` for a file that is missing, damaged or empty, or does not fit its scaling.
  package static func exported(
    _ path: String, metric: ClusterMetric? = nil, advise: (any Advice) -> Void = { _ in }
  ) throws -> ExportedModel {
    let topology = NodeTopology.solo()
    let making = try CenterMaking(of: path, among: topology.world)
    let file = try DataCatalog.open(.init(data: [path]), topology: topology).train
    let scaling = making.scaling ?? .none(file.columns)
    try making.check(file)
    let used = try making.metric(asked: metric)
    if let advice = making.advice(using: metric) { advise(advice) }
    var values = try file.readWhole(topology: topology, less: scaling.offsets)
    try scaling.checkScaled(values, columns: file.columns, of: path)
    if used.isOfDirections {
      values = try RowDirections(columns: file.columns).directions(of: values, named: path)
    }
    return .centers(
      ExportedCenters(
        scaling: scaling, values: values, columns: file.columns,
        metric: used.exported, schema: making.schema,
        rowShape: making.rowShape))
  }

  /// Writes the nearest center of each row, or its distances, to `output`; collective.
  ///
  /// - Parameter metric: nil for that of the run whose `config.json` stands beside the centers, else L2; another one than
  ///   the run's is refused.
  /// - Parameter numbersRows: whether a table begins with the numbers of the rows.
  /// - Parameter advise: told of what a user should know; on rank 0.
  /// - Returns: the name of the rows' file, their number, that of the centers, and how distances are measured.
  /// - Throws: `TrainerError`, agreed upon by all ranks.
  public static func predict(
    centers path: String, metric: ClusterMetric? = nil, data options: DataCatalog.Options,
    output: String,
    kind: Output, numbersRows: Bool = false, world: Communicator,
    advise: (any Advice) -> Void = { _ in }
  ) throws -> (
    name: String, rows: Int, clusters: Int, metric: ClusterMetric, scale: ColumnScaling.Kind
  ) {
    let fitted = try Fitted(path, metric, options, dropsMissing: false, world, advise: advise)
    let clusters = fitted.clusters
    let labels = fitted.assigner.labels
    let silhouettes =
      kind == .silhouette
      ? try ClusterIndices.silhouettes(
        fitted.metric, fitted.assigner, clusters, among: fitted.data.world) : nil
    let names = try fitted.data.ids.map {
      try $0.readNames(fitted.data.rows.rows, topology: fitted.data.topology)
    }
    func values(_ rows: Range<Int>) -> [Float] {
      switch kind {
      // One cluster alone is apart from nothing.
      case .silhouette: rows.map { Float(silhouettes?($0) ?? 0) }
      case .labels: labels[rows].map { Float($0) }
      case .distances:
        rows.flatMap { row in
          (0..<clusters).map {
            Float(fitted.metric.reported(fitted.assigner.cost(row: row, center: $0)))
          }
        }
      }
    }
    try Activity.perform("writing \(output)") {
      try RowWriter(
        path: output, rows: fitted.data.count,
        names: .init(
          kind.columnNames(clusters), numbersRows: numbersRows,
          rowNames: names.map { $0.column ?? "id" }),
        isVector: kind != .distances, isInteger: kind == .labels, rowNames: names?.values ?? []
      ).write(rows: fitted.data.rows.count, among: fitted.data.world, values)
    }
    return (
      fitted.data.source.name, fitted.data.count, clusters, fitted.metric, fitted.data.scaling.kind
    )
  }

  /// Scores centers on rows: the objective, how well the clusters are parted (see
  /// ``ClusterIndices``), and their sizes; collective.
  ///
  /// - Parameters:
  ///   - metric: nil for that of the run whose `config.json` stands beside the centers, else L2; another one than the
  ///     run's is refused.
  ///   - output: a JSON file to write as well, or nil.
  ///   - advise: told of what a user should know; on rank 0.
  /// - Throws: `TrainerError`, agreed upon by all ranks.
  public static func evaluate(
    centers path: String, metric: ClusterMetric? = nil, data options: DataCatalog.Options,
    output: String?, world: Communicator, advise: (any Advice) -> Void = { _ in }
  ) throws -> JSON {
    let fitted = try Fitted(path, metric, options, dropsMissing: true, world, advise: advise)
    let world = fitted.data.world
    var sizes = [Int](repeating: 0, count: fitted.clusters)
    for label in fitted.assigner.labels { sizes[Int(label)] += 1 }
    try world.allReduce(&sizes, .sum)
    let objective = fitted.metric.objective(try fitted.assigner.totalCost(of: fitted.data))
    let indices = try ClusterIndices(
      fitted.data.measured, fitted.metric, fitted.assigner, clusters: fitted.clusters)
    let totals: [JSON.Member] = [
      .init("data", .string(fitted.data.source.name)), .init("rows", .integer(fitted.data.count)),
      .init("metric", .string(fitted.metric.rawValue)),
      .init("scale", .string(fitted.data.scaling.kind.rawValue)),
      // Without one, both are assumed.
      .init("config", fitted.config.map { .string($0) } ?? .null),
      .init("clusters", .integer(fitted.clusters)), .init("objective", .number(objective)),
      .init(
        fitted.metric.meanCostName, .number(objective / fitted.data.totalWeight)),
    ]
    let report = JSON.object(
      totals + indices.members + [.init("sizes", .array(sizes.map { .integer($0) }))])
    if let output {
      try Activity.perform("writing \(output)") {
        _ = try world.onRoot { try AtomicFile.write(Array(report.pretty.utf8), to: output) }
      }
    }
    return report
  }

  /// Rows with the labels that centers from a file give them.
  private struct Fitted {
    let data: ClusterData
    let metric: ClusterMetric
    /// What says in which metric and scaling; nil where nothing does.
    let config: String?
    let assigner: any RowAssigner
    let clusters: Int

    init(
      _ path: String, _ metric: ClusterMetric?, _ options: DataCatalog.Options,
      dropsMissing: Bool, _ world: Communicator, advise: (any Advice) -> Void
    ) throws {
      let topology = try NodeTopology(of: world)
      let kernels = try topology.world.agree { try KernelTable.select() }
      try KernelAgreement.check(among: topology.world)
      let making = try CenterMaking(of: path, among: topology.world)
      let file = try Activity.perform("reading the centers") {
        try DataCatalog.open(.init(data: [path]), topology: topology).train
      }
      let scaling = making.scaling
      let asked = metric
      let metric = try topology.world.agree {
        try making.check(file)
        return try making.metric(asked: asked)
      }
      var options = options
      options.schema = making.schema
      if !dropsMissing { options.schema?.dropsMissing = false }
      let data = try ClusterData.load(
        options, metric: metric, known: scaling, columns: (file.columns, "the centers in \(path)"),
        topology: topology)
      let centers = try data.centers(from: file)
      if topology.world.isRoot {
        data.advice.forEach(advise)
        if let advice = making.advice(using: metric) { advise(advice) }
        if data.hasDirectedCenters { advise(ClusteringAdvice.directedCenters(file: path)) }
      }
      assigner = metric.makeAssigner(
        data, clusters: file.rows, kernels: kernels, pruning: false)
      (self.metric, config) = (metric, making.config)
      assigner.assign(to: centers) { _ in }
      self.data = data
      clusters = file.rows
    }
  }
}
