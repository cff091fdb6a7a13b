extension UpdateRule {
  /// Plain descent.
  public static let sgd = UpdateRule(name: "sgd") { step in
    let (W, kernels) = (step.parameters, step.kernels)
    let (rate, scale, decay) = (step.rate, step.scale, step.weightDecay)
    return Update { elements, gradient in
      kernels.sgd(W + elements.lowerBound, gradient, elements.count, rate, scale, decay)
    }
  }
}
