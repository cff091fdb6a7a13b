extension UpdateRule {
  /// AdamW (I. Loshchilov, F. Hutter, 2019); `momentum` is its first-moment factor.
  public static let adamw = kernel(
    "adamw", uses: ["momentum", "beta2", "epsilon"], stateVectors: 2, { $0.updates.adamW },
    coefficients: adaptiveMoments
  ).rated(0.002, followsSize: false)

  /// What the kernel takes of a step.
  static func adaptiveMoments(_ step: UpdateStep) -> [Float] {
    let (beta1, beta2) = (Double(step.momentum), step.configuration.beta2)
    let epsilon = Float(step.configuration.epsilon)
    let correction1 = Float(1 / (1 - power(beta1, step.number)))
    let correction2 = Float(1 / (1 - power(beta2, step.number)))
    return [
      Float(beta1), Float(beta2), Float(1 - beta1), Float(1 - beta2), correction1, correction2,
      epsilon,
    ]
  }

  /// base^exponent for base in [0, 1).
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    base == 0 ? 0 : PortableMath.exp(Double(exponent) * PortableMath.log(base))
  }
}
