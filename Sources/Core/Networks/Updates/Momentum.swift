import KernelTable

extension UpdateRule {
  /// Heavy-ball momentum.
  public static let momentum = withVelocity("momentum") { $0.momentum }

  /// Nesterov's momentum.
  public static let nesterov = withVelocity("nesterov") { $0.nesterov }

  private static func withVelocity(
    _ name: String, _ kernel: @escaping @Sendable (KernelTable) -> KernelTable.Momentum
  ) -> UpdateRule {
    UpdateRule(name: name, uses: ["momentum"], stateVectors: 1) { step in
      let (W, velocity, kernel) = (step.parameters, step.state[0], kernel(step.kernels))
      let (rate, momentum) = (step.rate, step.momentum)
      let (scale, decay) = (step.scale, step.weightDecay)
      return Update { elements, gradient in
        kernel(
          W + elements.lowerBound, gradient, velocity + elements.lowerBound, elements.count, rate,
          momentum, scale, decay)
      }
    }
  }
}
