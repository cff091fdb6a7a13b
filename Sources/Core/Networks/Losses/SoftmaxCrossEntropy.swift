extension Loss {
  /// Softmax outputs and cross-entropy.
  public static let softmaxCrossEntropy = Loss(
    name: "softmax-ce", fits: [.oneClass],
    probabilities: { $1.softmaxRows($0.base, $0.stride, $0.rows, $0.outputs) }
  ) { z, targets, _, kernels in
    var (loss, wrong) = (0.0, 0)
    kernels.softmaxCrossEntropyLabels(
      z.base, z.stride, z.rows, z.outputs, targets.classes, &loss, &wrong)
    return (loss, wrong)
  }
}
