extension Loss {
  /// Sigmoid outputs and cross-entropy of each, which allows several ones a row.
  public static let sigmoidCrossEntropy = Loss(
    name: "sigmoid-ce", fits: [.oneClass, .labels],
    probabilities: { $1.sigmoidForward($0.base, $0.stride, $0.rows, $0.outputs) }
  ) { z, targets, _, kernels in
    var (loss, wrong) = (0.0, 0)
    if targets.areClasses {
      kernels.sigmoidCrossEntropyLabels(
        z.base, z.stride, z.rows, z.outputs, targets.classes, &loss, &wrong)
    } else {
      kernels.sigmoidCrossEntropyTargets(
        z.base, z.stride, z.rows, z.outputs, targets.values, targets.columns, &loss, &wrong)
    }
    return (loss, wrong)
  }
}
