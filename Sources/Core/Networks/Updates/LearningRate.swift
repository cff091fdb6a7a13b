/// The learning rate of each step, from plain arithmetic: the same bits on every node.
public struct LearningRate: Sendable {
  let configuration: MLPConfiguration
  /// The steps of the run.
  let steps: Int

  /// The rate at step t = 0, 1, 2, …: that of the schedule, which rises linearly from L/warmup in the steps before
  /// `warmup`.
  public func at(step t: Int) -> Double {
    let rate = configuration.schedule.rate(configuration, t, steps)
    let warmup = configuration.warmup
    return t < warmup ? rate * Double(t + 1) / Double(warmup) : rate
  }

  /// How the rate falls with the step t from L, the configuration's `learningRate`.
  public struct Schedule: Choice {
    /// Those there are.
    public static let all: [Schedule] = [.exponential, .constant, .step, .cosine]

    /// What it is called on the command line and in files.
    public let name: String
    /// The options that it reads beside `learningRate` and `warmup`.
    public let uses: [String]
    /// The rate at step t of a run of that many steps.
    fileprivate let rate:
      @Sendable (_ configuration: MLPConfiguration, _ t: Int, _ steps: Int) -> Double

    /// L·exp(-decay·t).
    public static let exponential = Schedule(name: "exponential", uses: ["decay"]) {
      options, t, _ in
      options.learningRate * PortableMath.exp(-options.decay * Double(t))
    }
    /// L.
    public static let constant = Schedule(name: "constant", uses: []) { options, _, _ in
      options.learningRate
    }
    /// L·stepFactor^floor(t/stepEvery).
    public static let step = Schedule(name: "step", uses: ["step_every", "step_factor"]) {
      options, t, _ in
      // By repeated squaring, so that no library's pow is involved.
      var (rate, power) = (options.learningRate, options.stepFactor)
      var exponent = t / options.stepEvery
      while exponent > 0 {
        if exponent & 1 == 1 { rate *= power }
        power *= power
        exponent >>= 1
      }
      return rate
    }
    /// L·(1 + cos(π·t/steps))/2 over the steps of the run.
    public static let cosine = Schedule(name: "cosine", uses: ["epochs"]) { options, t, steps in
      let part = min(1, Double(t) / Double(max(1, steps)))
      return options.learningRate * ((1 + PortableMath.cosPi(part)) / 2)
    }
  }
}
