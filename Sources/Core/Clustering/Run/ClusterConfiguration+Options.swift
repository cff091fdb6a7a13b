extension ClusterConfiguration: RunConfiguration {
  /// Every option of a clustering run.
  public static let table = RunOptionTable<ClusterConfiguration>([
    RunOption(
      "clusters", in: .clusters,
      help: "Clusters, K; or a range of K to compare, each a run in OUT/clusterings/K",
      standard: nil, value: "K|A:B[:STEP]", \.wanted, absent: "none",
      .init { $0.fault }
    ).recorded(
      as: { .init("clusters", $0.wanted?.recorded ?? .null) },
      {
        guard let value = $1["clusters"].flatMap({ WantedClusters.value(recordedAs: $0) }) else {
          return false
        }
        $0.wanted = value
        return true
      }
    ).alias("k", "n_clusters"),
    RunOption(
      "metric", in: .clusters,
      help: """
        How distances are measured: kmeans takes l2, or cosine, which compares the directions of rows alone and gives \
        centers length 1 (spherical k-means); kmedians takes l1
        """, \.metric
    ).recorded(
      as: { .init("metric", $0.metric.recorded) },
      {
        // Runs of earlier versions had the metric of their command.
        guard let recorded = $1["metric"] else { return true }
        guard let metric = ClusterMetric.value(recordedAs: recorded) else { return false }
        $0.metric = metric
        return true
      }),
    RunOption(
      "init", in: .clusters,
      help: """
        First centers: random rows, k-means++ (greedy), k-means-parallel (for many clusters), or a file of centers \
        [K, columns], or the run that made them; with --metric cosine they are divided by their lengths
        """, value: "random|k-means++|k-means-parallel|FILE|RUN", \.seeding,
      .init {
        // Where ranks have no common disk, only the first need see a run.
        guard case .file(let path) = $0, !path.contains("."), !path.contains("/"),
          Launcher.declaredRank == 0
        else { return nil }
        return
          "\(path.isEmpty ? "is empty" : path): give random, k-means++, k-means-parallel, a file such as start.npy, or the directory of a run"
      }),
    RunOption(
      "scale", in: .clusters,
      help: """
        Scaling of the columns, in which distances are measured: unit divides bytes by 255 and floats by their largest \
        magnitude, standard makes mean 0 and deviation 1; centers are written unscaled
        """, \.scale),
    RunOption(
      "max_iterations", in: .clusters, help: "The most iterations", \.maximumIterations, .atLeast(1)
    ).changeable.alias("max_iter"),
    RunOption(
      "tolerance", in: .clusters,
      help: """
        Stop when the summed movement of the centers falls below T times the rows' mean distance to the global center; \
        0: when no row changes
        """, standard: "1e-4", value: "T", \.tolerance, .atLeast(0)
    ).alias("tol"),
    RunOption(
      "restarts", in: .clusters, help: "Runs from different first centers; the best is kept",
      value: "R",
      \.restarts, .atLeast(1)
    ).alias("n_init"),
    RunOption(
      "empty", in: .clusters,
      help:
        "A cluster without rows takes the row farthest from its center, keeps its center, or is an error",
      \.empty),
    RunOption(
      "median", in: .clusters,
      help:
        "Which number is the median of an even count: half the sum of the two in the middle, or the lower",
      \.median
    ).only { $0.update.hasMedian },
    RunOption(
      "seed", in: .clusters, help: "Seed of all random draws", value: "S", \.seed,
      .init("must be at most \(Int.max)") { $0 <= UInt64(Int.max) }),
    RunOption(
      "save_labels", in: .clusters, help: "Write labels.npy, the cluster of each row (int32)",
      \.savesLabels),
  ])

  /// The files that hold the result.
  public static let results =
    ["centers.npy", "labels.npy"] + ModelExports.fileNames(ExportedCenters.stem)
  /// The centers in the directory of a run.
  public static func model(in directory: String) throws -> ExportedModel {
    try ClusterInference.exported("\(directory)/centers.npy")
  }

  /// The command that makes such runs.
  public var commandName: String { command.rawValue }

  /// The file of first centers.
  public var startPath: String? {
    if case .file(let path) = seeding { path } else { nil }
  }
  /// The same kind of run, at its defaults.
  public var defaults: ClusterConfiguration { ClusterConfiguration(command, clusters: 0) }

  /// Finds the file of first centers where the run found it.
  public mutating func adapt(
    to stated: Set<String>, recorded json: JSON, elsewhere directory: String?
  ) throws(TrainerError) {
    guard !stated.contains("init"), let directory, case .file(let path) = seeding,
      !path.hasPrefix("/")
    else { return }
    seeding = .file("\(directory)/\(path)")
  }

  /// Throws `TrainerError(.usage)` for options that exclude each other.
  public func checkTogether() throws(TrainerError) {
    let fitting = ClusterCommand.allCases.filter { $0.metrics.contains(metric) }
    try require(
      fitting.contains(command), .usage,
      "\(parameter: "metric") \(metric.rawValue) is for \(fitting.map(\.rawValue).joined(separator: ", ")); "
        + "\(command.rawValue) takes \(command.metrics.map(\.rawValue).joined(separator: " or "))")
    try require(
      !metric.isOfDirections || scale == .none, .usage,
      "\(parameter: "scale") \(scale.rawValue) with \(parameter: "metric") \(metric.rawValue): directions are those "
        + "of the rows as they are, and scaling would turn them; omit \(parameter: "scale"), or scale the data file "
        + "itself")
    guard case .file(let path) = seeding else { return }
    if restarts > 1 {
      throw TrainerError(
        .usage,
        "\(parameter: "restarts") \(restarts) with \(parameter: "init") \(path) would repeat one run: a file gives "
          + "each restart the same first centers")
    }
    try require(
      range == nil, .usage,
      "\(parameter: "init") \(path): a file holds one number of centers; a range of \(parameter: "clusters") wants "
        + "random, k-means++ or k-means-parallel")
  }

  /// Restarts that ended at the old limit cannot go on.
  public func checkChange(
    of name: String, to asked: ClusterConfiguration
  ) throws(TrainerError) {
    guard restarts > 1 || range != nil else { return }
    throw TrainerError(
      .usage,
      "\(parameter: "max_iterations") cannot change in a run with "
        + (range.map { "\(parameter: "clusters") \($0)" }
          ?? "\(parameter: "restarts") \(restarts)")
        + ": its earlier restarts are over")
  }

  /// How far a finished run came that has nothing left to do.
  public func rest(of summary: JSON) throws(TrainerError) -> RunEnd.Rest? {
    if let range {
      return .init(done: 0, unit: .iteration, reason: .range, range: range.description)
    }
    let done = summary["iterations"]?.int ?? 0
    try require(
      restarts > 1 || maximumIterations >= done, .usage,
      "\(parameter: "max_iterations") \(maximumIterations): the run has \(done.counted("iteration")) already; give at least \(done)"
    )
    let reason = summary["stopped"]?.text.flatMap { StopReason(rawValue: $0) } ?? .settled
    if reason == .iterations, restarts == 1, maximumIterations > done { return nil }
    return .init(done: done, unit: .iteration, reason: reason)
  }

  /// K or several; never nil.
  fileprivate var wanted: WantedClusters? {
    get { range.map { .range($0) } ?? .one(clusters) }
    set {
      switch newValue {
      case .one(let count): (clusters, range) = (count, nil)
      case .range(let all): (clusters, range) = (all.first, all)
      case nil: (clusters, range) = (0, nil)
      }
    }
  }
}

/// A number of clusters, or a range of numbers.
private enum WantedClusters: OptionValue {
  case one(Int)
  case range(ClusterRange)

  init?(optionText text: String) {
    if let range = ClusterRange(text) {
      self = .range(range)
    } else if let count = Int(text) {
      self = .one(count)
    } else {
      return nil
    }
  }
  static var optionForm: String? { "a number, or a range such as 2:10 or 2:10:2" }
  var optionText: String {
    switch self {
    case .one(let count): "\(count)"
    case .range(let range): "\(range)"
    }
  }
  static func value(recordedAs json: JSON) -> Self? {
    .init(optionText: json.text ?? json.int.map { "\($0)" } ?? "")
  }
  var recorded: JSON {
    switch self {
    case .one(let count): .integer(count)
    case .range(let range): .string("\(range)")
    }
  }

  var fault: String? {
    let most = ClusterConfiguration.mostClusters
    switch self {
    case .one(let count):
      return (1...most).contains(count) ? nil : "must be from 1 to \(most), not \(count)"
    case .range(let range):
      if range.first >= 1, range.last >= range.first, range.step >= 1, range.last <= most {
        return nil
      }
      return
        "\(range): a range is A:B or A:B:STEP, with A from 1, B from A to \(most), STEP from 1"
    }
  }
}

extension ClusterConfiguration.Seeding: OptionValue {
  /// A file, or the directory of a run, by its path.
  package init?(optionText text: String) {
    switch text {
    case "random": self = .random
    case "k-means++": self = .plusPlus
    case "k-means-parallel": self = .parallel
    // A directory is told from a misspelled word by its slash.
    default: self = .file(!text.contains("/") && FileSystem.isDirectory(text) ? "\(text)/" : text)
    }
  }
  package var optionText: String {
    switch self {
    case .random: "random"
    case .plusPlus: "k-means++"
    case .parallel: "k-means-parallel"
    case .file(let path): path
    }
  }
}

extension ClusterMetric: NamedOptionValue {}
extension ClusterConfiguration.EmptyPolicy: NamedOptionValue {}
extension ClusterConfiguration.Median: NamedOptionValue {}
