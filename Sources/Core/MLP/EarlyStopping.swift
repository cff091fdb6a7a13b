/// Decides after each evaluation whether a run goes on.
struct EarlyStopping {
  /// The best model so far, kept only when a patience was given.
  private(set) var best: (epoch: Int, score: Double, parameters: [Float], report: MLPEpoch)?
  private let patience: Int?
  private let target: Double?
  private var withoutImprovement = 0

  init(_ configuration: MLPConfiguration) {
    patience = configuration.earlyStop
    target = configuration.targetAccuracy
  }

  /// Why to stop after this epoch: `target`, `early-stop`, or nil to go on.
  ///
  /// What is watched is the accuracy of the validation rows, or else of the test rows; without classes,
  /// their loss. The target is of the test rows, or else of the validation rows.
  mutating func decide(_ report: MLPEpoch, parameters: () -> [Float]) -> String? {
    if let target, report.hasClasses, let reached = report.test ?? report.validation,
      reached.accuracy >= target
    {
      best = nil
      return "target"
    }
    guard let patience, let watched = report.validation ?? report.test else { return nil }
    let score = report.hasClasses ? watched.accuracy : -watched.loss
    if let best, score <= best.score {
      withoutImprovement += 1
    } else {
      withoutImprovement = 0
      best = (report.epoch, score, parameters(), report)
    }
    return withoutImprovement >= patience ? "early-stop" : nil
  }
}
