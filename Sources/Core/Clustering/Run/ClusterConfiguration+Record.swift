import DTrainBase
import DTrainData

extension ClusterConfiguration {
  /// The options that decide the result, by their names on the command line, and their values as texts.
  static let options: [(name: String, value: @Sendable (ClusterConfiguration) -> String)] = [
    ("--init", { $0.seeding.name }),
    ("--tolerance", { "\($0.tolerance)" }), ("--restarts", { "\($0.restarts)" }),
    ("--empty", { $0.empty.rawValue }), ("--save-labels", { "\($0.savesLabels)" }),
    ("--median", { $0.median.rawValue }), ("--scale", { $0.scale.rawValue }),
    ("--seed", { "\($0.seed)" }),
  ]

  /// The configuration that a run recorded in its `config.json`.
  ///
  /// - Throws: `TrainerError(.badData)` that names what is missing or makes no sense.
  package init(recorded json: JSON, command: ClusterCommand) throws(TrainerError) {
    func member<Value>(
      _ name: String, _ read: (JSON) -> Value?
    ) throws(TrainerError) -> Value {
      guard let value = json[name].flatMap(read) else {
        throw TrainerError(
          .badData,
          "config.json does not say \(name) as this version of dtrain writes it: restore the file, or "
            + "start the run again")
      }
      return value
    }
    self.init(
      command,
      clusters: try member("clusters") { $0.int ?? $0.text.flatMap { ClusterRange($0) }?.first })
    seeding = Seeding(name: try member("init", \.text))
    maximumIterations = try member("max_iterations", \.int)
    tolerance = try member("tolerance", \.double)
    restarts = try member("restarts", \.int)
    empty = try member("empty") { $0.text.flatMap { EmptyPolicy(rawValue: $0) } }
    switch command {
    case .kmeans: break
    case .kmedians: median = try member("median") { $0.text.flatMap { Median(rawValue: $0) } }
    }
    scale = try member("scale") { $0.text.flatMap { ColumnScaling.Kind(rawValue: $0) } }
    savesLabels = try member("save_labels", \.flag)
    seed = UInt64(clamping: try member("seed", \.int))
    try validate()
  }
}

extension ClusterConfiguration.Seeding {
  /// As the command line and `config.json` name it: a file by its path.
  public init(name: String) {
    switch name {
    case "random": self = .random
    case "k-means++": self = .plusPlus
    case "k-means-parallel": self = .parallel
    default: self = .file(name)
    }
  }

  /// The name that `init(name:)` reads.
  public var name: String {
    switch self {
    case .random: "random"
    case .plusPlus: "k-means++"
    case .parallel: "k-means-parallel"
    case .file(let path): path
    }
  }
}
