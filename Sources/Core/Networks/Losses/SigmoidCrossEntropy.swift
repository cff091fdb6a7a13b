extension Loss {
  /// Sigmoid outputs and cross-entropy of each, which allows several ones a row.
  public static let sigmoidCrossEntropy = Loss(
    name: "sigmoid-ce", fits: [.oneClass, .labels], output: .sigmoid,
    probabilities: {
      $1.activations.sigmoid.apply(
        to: $0.base, stride: $0.stride, rows: $0.rows, columns: $0.outputs)
    },
    kernels: { $0.labelLosses.sigmoidCrossEntropy }, { $0.targetLosses.sigmoidCrossEntropy })
}
