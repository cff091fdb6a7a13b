import DTrainBase

extension UpdateRule {
  /// AdamW (I. Loshchilov, F. Hutter, 2019), with the authors' second-moment factor and denominator offset; `momentum`
  /// is its first-moment factor.
  public static let adamw = UpdateRule(name: "adamw", uses: ["momentum"], stateVectors: 2) { step in
    let (W, m, v, kernels) = (step.parameters, step.state[0], step.state[1], step.kernels)
    let (beta1, beta2, epsilon) = (Double(step.momentum), 0.999, Float(1e-8))
    let (rate, scale, decay) = (step.rate, step.scale, step.weightDecay)
    let correction1 = Float(1 / (1 - power(beta1, step.number)))
    let correction2 = Float(1 / (1 - power(beta2, step.number)))
    return Update { elements, gradient in
      let first = elements.lowerBound
      kernels.adamW(
        W + first, gradient, m + first, v + first, elements.count, Float(beta1), Float(beta2),
        Float(1 - beta1), Float(1 - beta2), correction1, correction2, epsilon, rate, decay, scale)
    }
  }

  /// base^exponent for base in [0, 1).
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    base == 0 ? 0 : PortableMath.exp(Double(exponent) * PortableMath.log(base))
  }
}
