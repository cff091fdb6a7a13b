import ArgumentParser
import DTrainCore

/// A command whose runs a sweep makes: `mlp`, `kmeans`, `kmedians`.
protocol SweptCommand: ProgramCommand {
  associatedtype Configuration: RunConfiguration
  /// Whether its runs read targets and test rows, too.
  static var readsTargets: Bool { get }
  /// A run at its defaults.
  static var standard: Configuration { get }
  /// The option that says how many epochs or iterations a run has.
  static var lengthOption: String { get }
  /// What it counts.
  static var lengthUnit: String { get }
  /// An option with several values.
  static var example: (option: String, values: String) { get }
  /// Options with whose values the scale of results changes.
  static var incomparable: [String] { get }

  var run: RunOptions { get set }
  var output: OutputOptions { get }
  var machineOptions: MachineOptions { get }
  /// The texts of the options that the runs declare, as far as they are given.
  var texts: [String: String] { get }
  /// Takes other texts of such options.
  mutating func give(_ texts: [String: String])
  /// The run that the options describe.
  ///
  /// - Parameter file: that of `--config`; nil for none.
  func job(_ file: ConfigurationFile?) throws(TrainerError) -> RunJob<Configuration>
  /// Makes a run; collective.
  static func make(
    _ job: RunJob<Configuration>, world: Communicator, observer: PointObserver
  ) throws -> RunEnd
}

extension SweptCommand {
  /// The declaration of an option.
  static func option(_ name: String) -> RunOption<Configuration>? {
    Configuration.table.options.first { $0.name == name }
  }

  /// How many epochs or iterations the runs have at most.
  func length(_ file: ConfigurationFile?) throws(TrainerError) -> Int {
    let configuration = try job(file).configuration
    return Self.option(Self.lengthOption).flatMap { Int($0.text(configuration)) } ?? 1
  }
}

extension MLPCommand: SweptCommand {
  static let readsTargets = true
  static let lengthOption = "epochs"
  static let lengthUnit = "epoch"
  static let example = (option: "learning_rate", values: "1e-3,1e-2")
  static let incomparable: [String] = []
  static var standard: MLPConfiguration { MLPConfiguration() }

  var texts: [String: String] {
    let lists = [testData.columns.texts, network.texts, training.texts, updates.texts]
    return lists.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
  }

  mutating func give(_ texts: [String: String]) {
    testData.columns.give(texts)
    network.give(texts)
    training.give(texts)
    updates.give(texts)
  }

  static func make(_ job: MLPJob, world: Communicator, observer: PointObserver) throws -> RunEnd {
    try MLPRun.train(job, world: world, observer: observer)
  }
}

extension ClusteringCommand: SweptCommand {
  static var readsTargets: Bool { false }
  static var lengthOption: String { "max_iterations" }
  static var lengthUnit: String { "iteration" }
  static var example: (option: String, values: String) { ("clusters", "5,10,20") }
  static var incomparable: [String] { ["clusters", "metric", "scale"] }
  static var standard: ClusterConfiguration { List.configuration }

  var texts: [String: String] { clusters.texts }

  mutating func give(_ texts: [String: String]) { clusters.give(texts) }

  static func make(
    _ job: ClusterJob, world: Communicator, observer: PointObserver
  ) throws -> RunEnd {
    try ClusterRun.cluster(job, world: world, observer: observer)
  }
}

/// Watches the run of a point: warnings are said, each with the point's name, and the bar tells how much is done.
final class PointObserver: MLPObserver, ClusterObserver {
  private let point: String
  private let text: SweepText
  private let saysWarnings: Bool
  /// The steps of an epoch, and of the run.
  private var steps = (epoch: 1, all: 1)

  init(of point: String, by text: SweepText, saysWarnings: Bool) {
    self.point = point
    self.text = text
    self.saysWarnings = saysWarnings
  }

  func advise(_ advice: any Advice) {
    if saysWarnings { text.warn(advice, of: point) }
  }
  func started(_ start: MLPStart) {
    steps = (start.stepsPerEpoch, max(1, start.epochs * start.stepsPerEpoch))
  }
  func stepped(_ progress: @autoclosure () -> MLPProgress) {
    text.advanced(share(of: progress()))
  }
  private func share(of now: MLPProgress) -> Double {
    Double((now.epoch - 1) * steps.epoch + now.step) / Double(steps.all)
  }
  func finishedEpoch(_ epoch: MLPEpoch) {}
  func started(_ start: ClusterStart) {}
  func iterated(_ iteration: ClusterIteration, of part: ClusterPart) { text.advanced(0) }
  func compared(_ summary: JSON, of range: ClusterRange) {}
  func finished(_ summary: JSON, directory: String) {}
}
