extension Loss {
  /// Softmax outputs and cross-entropy.
  public static let softmaxCrossEntropy = Loss(
    name: "softmax-ce", fits: [.oneClass], output: .softmax,
    probabilities: {
      $1.softmax(rowsOf: $0.base, stride: $0.stride, rows: $0.rows, columns: $0.outputs)
    },
    kernels: { $0.labelLosses.softmaxCrossEntropy })
}
