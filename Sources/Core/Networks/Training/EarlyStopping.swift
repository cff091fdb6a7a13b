/// Decides after each evaluation whether a run goes on.
struct EarlyStopping {
  /// The best epoch so far, kept only when a patience was given.
  private(set) var best: MLPEpoch?
  /// Evaluations since the best one.
  private(set) var withoutImprovement: Int
  private let patience: Int?
  private let target: Double?
  private let minImprovement: Double

  /// At the beginning of a run, or with what a checkpoint holds.
  init(_ configuration: MLPConfiguration, best: MLPEpoch? = nil, withoutImprovement: Int = 0) {
    self.best = best
    self.withoutImprovement = withoutImprovement
    patience = configuration.earlyStop
    target = configuration.targetAccuracy
    minImprovement = configuration.minImprovement
  }

  /// Refuses a criterion that could never hold: there must be rows to watch, and classes for an accuracy.
  ///
  /// - Throws: `TrainerError(.usage)`.
  static func check(
    _ configuration: MLPConfiguration, hasTest: Bool, hasClasses: Bool
  ) throws(TrainerError) {
    let watches = hasTest || configuration.validation > 0
    let hasTarget = configuration.targetAccuracy != nil
    try require(
      watches || !hasTarget, .usage,
      "\(parameter: "target_accuracy") has no rows to watch: add \(parameter: "validation") FRACTION or "
        + "\(parameter: "test_data") PATH")
    try require(
      hasClasses || !hasTarget, .usage,
      "\(parameter: "target_accuracy") needs classes, but these targets are numbers; use \(parameter: "early_stop")"
    )
  }

  /// Why to stop after this epoch; nil to go on.
  ///
  /// What is watched is the accuracy of the validation rows, or else of the test rows, and of equal accuracies the loss;
  /// without classes, their loss; without such rows, the loss of the training rows. What is not finite is no improvement.
  /// The target is of the test rows, or else of the validation rows.
  ///
  /// - Parameter keep: keeps the present parameters as the best ones.
  mutating func decide(_ report: MLPEpoch, keep: () throws -> Void) rethrows -> StopReason? {
    if let target, report.hasClasses, let reached = report.test ?? report.validation,
      reached.accuracy >= target
    {
      best = nil
      return .target
    }
    guard let patience, let score = Self.score(report) else { return nil }
    if score.value.isFinite, best.flatMap(Self.score).map({ isBetter(score, $0) }) ?? true {
      withoutImprovement = 0
      best = report
      try keep()
    } else {
      withoutImprovement += 1
    }
    return withoutImprovement >= patience ? .earlyStop : nil
  }

  /// What is to be high: the accuracy of the rows that are watched, or minus a loss; and minus the loss.
  private typealias Score = (value: Double, tie: Double)

  private func isBetter(_ score: Score, _ best: Score) -> Bool {
    score.value > best.value + minImprovement
      || (score.value == best.value && score.tie > best.tie + minImprovement)
  }

  private static func score(_ report: MLPEpoch) -> Score? {
    guard let watched = report.validation ?? report.test else {
      return report.training.map { (-$0.loss, -$0.loss) }
    }
    return (report.hasClasses ? watched.accuracy : -watched.loss, -watched.loss)
  }
}
