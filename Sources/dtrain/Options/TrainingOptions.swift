import ArgumentParser
import DTrainCore

private let standard = MLPConfiguration()

/// How long and on what portions the network trains.
struct TrainingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Passes over the training rows (default: \(standard.epochs)).", valueName: "number"))
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Rows in a step, over all ranks together (default: \(standard.batch)).", valueName: "rows"))
  var batch: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Fraction of the training rows held out to watch (default: 0).", valueName: "fraction"))
  var validation: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop after so many evaluations without improvement (default: never).", valueName: "number"))
  var earlyStop: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop when the test (or else validation) accuracy reaches this, such as 0.97.",
      valueName: "fraction"))
  var targetAccuracy: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Epochs between evaluations (default: \(standard.evaluateEvery)).", valueName: "epochs"))
  var evaluateEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of all random draws (default: \(standard.seed)).", valueName: "number")
  )
  var seed: UInt64?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Virtual shards that the rows are cut into; the result depends on them, never on the ranks; \
      use a multiple of the ranks (default: by batch, \(standard.resolvedShards) for \(standard.batch)).
      """, valueName: "number"))
  var shards: Int?

  /// Carries what was given over to a configuration.
  func apply(to configuration: inout MLPConfiguration) {
    if let epochs { configuration.epochs = epochs }
    if let batch { configuration.batch = batch }
    if let validation { configuration.validation = validation }
    configuration.earlyStop = earlyStop
    configuration.targetAccuracy = targetAccuracy
    if let evaluateEvery { configuration.evaluateEvery = evaluateEvery }
    if let seed { configuration.seed = seed }
    configuration.shards = shards
  }
}
