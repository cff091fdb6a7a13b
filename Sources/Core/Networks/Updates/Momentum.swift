extension UpdateRule {
  /// Heavy-ball momentum.
  public static let momentum = kernel(
    "momentum", uses: ["momentum"], stateVectors: 1, { $0.updates.momentum },
    coefficients: { [$0.momentum] }
  ).rated(0.0384)

  /// Nesterov's momentum.
  public static let nesterov = kernel(
    "nesterov", uses: ["momentum"], stateVectors: 1, { $0.updates.nesterov },
    coefficients: { [$0.momentum] }
  ).rated(0.0384)
}
