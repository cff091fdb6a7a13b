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
    let names = try fitted.data.ids.map {
      try $0.readNames(fitted.data.rows.rows, topology: fitted.data.topology)
    }
    let fill = try fitted.filler(of: kind)
    try Activity.perform("writing \(output)") {
      try RowWriter(
        path: output, rows: fitted.data.count,
        names: .init(
          kind.columnNames(clusters), numbersRows: numbersRows,
          rowNames: names.map { $0.column ?? "id" }),
        isVector: kind != .distances, isInteger: kind == .labels, rowNames: names?.values ?? [],
        isDurable: false
      ).write(rows: fitted.data.rows.count, among: fitted.data.topology, fill)
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
    let assigner = try fitted.assigner()
    var sizes = [Int](repeating: 0, count: fitted.clusters)
    for label in assigner.labels { sizes[Int(label)] += 1 }
    try world.allReduce(&sizes, .sum)
    let objective = fitted.metric.objective(try assigner.totalCost(of: fitted.data))
    let indices = try ClusterIndices(
      fitted.data.measured, fitted.metric, assigner, clusters: fitted.clusters)
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

  /// Rows, and centers from a file.
  private struct Fitted {
    let data: ClusterData
    let kernels: KernelTable
    let metric: ClusterMetric
    /// What says in which metric and scaling; nil where nothing does.
    let config: String?
    /// `[clusters, columns]`.
    let centers: [Float]
    var clusters: Int { centers.count / data.columns }

    init(
      _ path: String, _ metric: ClusterMetric?, _ options: DataCatalog.Options,
      dropsMissing: Bool, _ world: Communicator, advise: (any Advice) -> Void
    ) throws {
      let topology = try NodeTopology(of: world)
      kernels = try topology.world.agree { try KernelTable.select() }
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
      data = try ClusterData.load(
        options, metric: metric, known: scaling, columns: (file.columns, "the centers in \(path)"),
        topology: topology)
      centers = try data.centers(from: file)
      if topology.world.isRoot {
        data.advice.forEach(advise)
        if let advice = making.advice(using: metric) { advise(advice) }
        if data.hasDirectedCenters { advise(ClusteringAdvice.directedCenters(file: path)) }
      }
      (self.metric, config) = (metric, making.config)
    }

    /// Choosing axes for one assignment costs about as much as a fourth of this many differences of rows and centers in a
    /// column, and saves three fourths of the rest.
    private static let leastDifferencesForAxes = 1 << 36

    /// The rows with the labels that the centers give them; collective.
    func assigner() throws -> any RowAssigner {
      let isLong = data.count * clusters * data.columns >= Self.leastDifferencesForAxes
      let leading =
        isLong
        ? try metric.leadingRows(of: data, clusters: clusters, assignments: 1, kernels: kernels)
        : nil
      let assigner = metric.makeAssigner(
        data, clusters: clusters, leading: leading, kernels: kernels, pruning: false)
      assigner.assign(to: centers) { _ in }
      return assigner
    }

    /// What computes the values of some rows that are to be written, `[rows, columns]`; collective.
    func filler(of kind: Output) throws -> (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void {
      switch kind {
      case .labels:
        let assigner = try assigner()
        let labels = assigner.labelsInPlace
        return { rows, values in
          withExtendedLifetime(assigner) {
            for (place, row) in rows.enumerated() { values[place] = Float(labels[row]) }
          }
        }
      case .distances:
        let distances = CenterDistances(centers, of: data, metric, kernels)
        return { distances.measure($0, into: $1) }
      case .silhouette:
        let silhouettes = try ClusterIndices.silhouettes(
          metric, assigner(), clusters, among: data.world)
        return { rows, values in
          // One cluster alone is apart from nothing.
          for (place, row) in rows.enumerated() { values[place] = Float(silhouettes?(row) ?? 0) }
        }
      }
    }
  }
}
