/// What centers in a file were made for: the metric, scaling and columns of the run whose `config.json` stands beside
/// them, else L2 and no scaling.
struct CenterMaking {
  private(set) var metric = ClusterMetric.l2
  /// Nil where nothing is known of it: then there is none.
  private(set) var scaling: ColumnScaling?
  private(set) var schema: TableSchema?
  /// The extents of a row; empty where there is one alone.
  private(set) var rowShape: [Int] = []
  /// The `config.json` that says so; nil where there is none.
  private(set) var config: String?
  /// The shape of the run's centers, as far as it is recorded; a range has several.
  private var clusters: Int?, features: Int?
  /// The file of centers, as it was named.
  let centers: String
  /// Whether another program's `config.json` stands beside them.
  private var isForeign = false

  /// Reads what stands beside centers; collective.
  ///
  /// - Throws: `TrainerError(.badData)`, agreed upon by all ranks, where a run lost its `config.json`, or that makes no
  ///   sense.
  init(of centers: String, among world: Communicator) throws {
    self.centers = centers
    let folder = centers.lastIndex(of: "/").map { String(centers[..<$0]) } ?? "."
    let path = "\(folder)/config.json"
    let elsewhere =
      "copy \(centers) elsewhere to use it in L2, or as \(parameter: "metric") says, without scaling"
    let text = try world.fromRoot {
      // A file can be empty, too.
      if FileSystem.exists(path) { return try [0x20] + FileContents.read(path) }
      try require(
        !RunDirectory.holdsRun(folder), .badData,
        "\(folder) holds a run without its config.json, which says in which metric and scaling its centers were "
          + "made: restore it, or \(elsewhere)")
      return []
    }
    guard !text.isEmpty else { return }
    guard let json = try? JSON(parsing: text) else {
      throw world.failure(
        .badData,
        "\(path) is damaged: it says in which metric and scaling the centers beside it were made; restore it, or "
          + elsewhere)
    }
    guard let command = json["command"]?.text.flatMap({ ClusterCommand(rawValue: $0) }) else {
      // Others than dtrain write files of this name, too, but none that say nothing.
      isForeign =
        try json.members?.isEmpty == false && json["command"] == nil
        && world.fromRoot({ [RunDirectory.holdsRun(folder) ? 1 : 0] }) == [0]
      if isForeign { return }
      throw world.failure(
        .badData,
        "\(path) does not say in which metric and scaling the centers beside it were made: restore it, or \(elsewhere)"
      )
    }
    let metric =
      json["metric"].map { $0.text.flatMap { ClusterMetric(rawValue: $0) } } ?? command.metric
    guard let metric, command.metrics.contains(metric) else {
      throw world.failure(
        .badData, "\(path): the metric that it tells makes no sense for \(command.rawValue)")
    }
    guard let scaling = ColumnScaling(recorded: json) else {
      throw world.failure(
        .badData, "\(path): the scaling of columns that it tells makes no sense")
    }
    try world.require(
      !metric.isOfDirections || scaling.kind == .none && scaling.offsets.isEmpty, .badData,
      "\(path) tells a scaling of columns, which \(metric.rawValue) does not go with")
    let schema = json["columns"].map { TableSchema(recorded: $0) }
    try world.require(
      schema == nil || schema! != nil, .badData,
      "\(path): the columns of the table that it tells make no sense")
    (self.metric, self.scaling, self.schema, config) = (metric, scaling, schema ?? nil, path)
    rowShape = (json["row_shape"]?.items ?? []).compactMap(\.int)
    (clusters, features) = (json["clusters"]?.int, json["features"]?.int)
    try world.agree {
      guard world.isRoot else { return }
      try checkIsResult(of: folder)
    }
  }

  /// Refuses centers that are not those that the run beside them says it wrote; nothing where it does not say.
  ///
  /// - Throws: `TrainerError(.badData)`.
  private func checkIsResult(of folder: String) throws(TrainerError) {
    let summary = "\(folder)/summary.json"
    guard FileSystem.exists(summary),
      let json = try? JSON(parsing: FileContents.read(summary)),
      let recorded = json["model_sha256"]?.text
    else { return }
    try require(
      SHA256.hexadecimal(of: try FileContents.read(centers)) == recorded, .badData,
      "\(centers) is not the file that the run beside it wrote (model_sha256 in \(summary)), so its config.json may not "
        + "say how these centers were made: restore the run's own, or copy these elsewhere with the config.json of their run"
    )
  }

  /// Refuses a file without centers, or that does not hold those of the run beside it.
  ///
  /// - Throws: `TrainerError(.badData)`.
  func check(_ file: ArraySource) throws(TrainerError) {
    try require(file.rows >= 1, .badData, "\(centers) holds no centers")
    guard let config else { return }
    let (rows, columns) = (clusters ?? file.rows, features ?? file.columns)
    try require(
      rows == file.rows && columns == file.columns, .badData,
      "\(config) is that of \(rows.counted("center")) of \(columns.counted("column")), but \(centers) beside it holds "
        + "\(file.rows) of \(file.columns): restore the run's own centers, or copy these elsewhere")
    let scaled = scaling?.shift.count ?? 0
    try require(
      [0, file.columns].contains(scaled), .badData,
      "the \(config) beside \(centers) scales \(scaled) columns, but the centers have \(file.columns)"
    )
  }

  /// The metric to use: that of the run; of centers without one, what is asked for.
  ///
  /// - Throws: `TrainerError(.usage)` where another one is asked for than the run's.
  func metric(asked: ClusterMetric?) throws(TrainerError) -> ClusterMetric {
    guard let asked, asked != metric else { return metric }
    if let config {
      throw TrainerError(
        .usage,
        "\(parameter: "metric") \(asked.rawValue): \(config) says that these centers were made in \(metric.rawValue); "
          + "omit \(parameter: "metric"), or copy the centers elsewhere, without their config.json, to use them in "
          + "another metric")
    }
    return asked
  }

  /// What a user should know of it: that nothing says what the centers were made for.
  ///
  /// - Parameter used: the metric that was asked for.
  func advice(using used: ClusterMetric?) -> ClusteringAdvice? {
    config == nil
      ? .unknownMaking(centers: centers, isForeign: isForeign, metric: used ?? metric) : nil
  }
}
