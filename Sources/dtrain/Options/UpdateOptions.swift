import ArgumentParser
import DTrainCore

private let standard = MLPConfiguration()

/// How a gradient becomes an update.
struct UpdateOptions: ParsableArguments {
  @Option(
    help: "How an update follows from the gradient (default: \(standard.optimizer.rawValue)).")
  var optimizer: UpdateRule?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Initial learning rate (default: \(standard.learningRate)).", valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: """
      The batch's gradient: the sum over its rows, or their mean, as other programs take it \
      (default: \(standard.gradient.rawValue)).
      """)
  var gradient: MLPConfiguration.GradientScale?

  @Option(help: "How the learning rate falls (default: \(standard.schedule.rawValue)).")
  var schedule: LearningRate.Schedule?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "k of the exponential schedule, L·exp(-k·t), t in steps (default: \(standard.decay)).",
      valueName: "k"))
  var decay: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps between the falls of the step schedule (default: \(standard.stepEvery)).",
      valueName: "steps"))
  var stepEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Factor of each fall of the step schedule (default: \(standard.stepFactor)).",
      valueName: "factor"))
  var stepFactor: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps in which the rate rises from nothing (default: \(standard.warmup)).",
      valueName: "steps"))
  var warmup: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Momentum, or AdamW's first moment factor (default: \(standard.momentum)).",
      valueName: "factor"))
  var momentum: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "L2 penalty; decoupled for AdamW (default: \(standard.weightDecay)).", valueName: "factor"))
  var weightDecay: Double?

  /// Carries what was given over to a configuration; refuses what the rest would leave unread.
  func apply(to configuration: inout MLPConfiguration) throws(TrainerError) {
    if let optimizer { configuration.optimizer = optimizer }
    if let learningRate { configuration.learningRate = learningRate }
    if let gradient { configuration.gradient = gradient }
    if let schedule { configuration.schedule = schedule }
    if let decay { configuration.decay = decay }
    if let stepEvery { configuration.stepEvery = stepEvery }
    if let stepFactor { configuration.stepFactor = stepFactor }
    if let warmup { configuration.warmup = warmup }
    if let momentum { configuration.momentum = momentum }
    if let weightDecay { configuration.weightDecay = weightDecay }

    try refuse(decay != nil, "--decay", needs: .exponential, has: configuration.schedule)
    try refuse(stepEvery != nil, "--step-every", needs: .step, has: configuration.schedule)
    try refuse(stepFactor != nil, "--step-factor", needs: .step, has: configuration.schedule)
    if momentum != nil, !configuration.optimizer.uses.contains("momentum") {
      throw TrainerError(
        .usage,
        "--momentum has no effect with --optimizer \(configuration.optimizer); add --optimizer momentum (or "
          + "nesterov)")
    }
  }

  private func refuse(
    _ isGiven: Bool, _ option: String, needs: LearningRate.Schedule,
    has schedule: LearningRate.Schedule
  ) throws(TrainerError) {
    guard isGiven, schedule != needs else { return }
    throw TrainerError(
      .usage,
      "\(option) has no effect with --schedule \(schedule.rawValue); add --schedule \(needs.rawValue)"
    )
  }
}
