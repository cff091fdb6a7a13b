import DTrainBase

/// The learning rate of each step, from plain arithmetic: the same bits on every node.
public struct LearningRate: Equatable, Sendable {
  /// How the rate falls with the step t.
  public enum Schedule: Equatable, Sendable {
    /// L·exp(-k·t).
    case exponential(decay: Double)
    /// L.
    case constant
    /// L·factor^floor(t/every).
    case step(every: Int, factor: Double)
    /// L·(1 + cos(π·t/steps))/2.
    case cosine(steps: Int)
  }

  /// L.
  public let initial: Double
  /// What follows.
  public let schedule: Schedule
  /// Steps over which the rate rises linearly from L/warmup; 0 for none.
  public let warmup: Int

  /// The rate at step t = 0, 1, 2, ….
  public func at(step t: Int) -> Double {
    var rate = initial
    switch schedule {
    case .exponential(let decay): rate *= PortableMath.exp(-decay * Double(t))
    case .constant: break
    case .step(let every, let factor):
      // By repeated squaring, so that no library's pow is involved.
      var power = factor
      var exponent = t / every
      while exponent > 0 {
        if exponent & 1 == 1 { rate *= power }
        power *= power
        exponent >>= 1
      }
    case .cosine(let steps):
      rate *= (1 + PortableMath.cosPi(min(1, Double(t) / Double(max(1, steps))))) / 2
    }
    return t < warmup ? rate * Double(t + 1) / Double(warmup) : rate
  }
}
