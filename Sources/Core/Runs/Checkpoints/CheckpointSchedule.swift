/// Decides when a run saves a checkpoint. Counts are known to all ranks alike; the time is rank 0's, whose
/// decision travels with a step.
package struct CheckpointSchedule {
  private let interval: CheckpointInterval
  private let isRoot: Bool
  private var lastTime = MonotonicClock.seconds
  private var lastPosition: Int?

  /// A schedule that starts now.
  package init(_ interval: CheckpointInterval, isRoot: Bool) {
    self.interval = interval
    self.isRoot = isRoot
  }

  /// Whether rank 0 wants a checkpoint after the coming step for want of a recent one; never elsewhere.
  package var isDueByTime: Bool {
    guard isRoot, case .seconds(let seconds) = interval else { return false }
    return MonotonicClock.seconds - lastTime >= seconds
  }

  /// Whether a checkpoint is due by count.
  ///
  /// - Parameters:
  ///   - position: steps or iterations so far.
  ///   - round: the epoch or iteration that just ended; nil within one.
  ///   - isEnd: whether the run ends here.
  package func isDue(at position: Int, round: Int?, isEnd: Bool) -> Bool {
    guard lastPosition != position else { return false }
    switch interval {
    case .never: return false
    case .steps(let count): return isEnd || position % count == 0
    case .rounds(let count): return isEnd || round.map { $0 % count == 0 } ?? false
    case .seconds: return isEnd
    }
  }

  /// Notes that a checkpoint was saved, or that one is what the run continues from.
  package mutating func saved(at position: Int) {
    lastTime = MonotonicClock.seconds
    lastPosition = position
  }
}
