import CKernels

extension KernelTable.Activation {
  /// x = f(x), on `[rows, columns]` values whose rows lie `stride` elements apart.
  ///
  /// tanh and sigmoid are within 3 ulp over all of Float; NaN gives NaN. A value's bits do not depend on its place.
  /// - Complexity: O(rows · columns).
  @inlinable
  public func apply(to x: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int) {
    forward(x, stride, rows, columns)
  }

  /// delta *= f'(z), from the outputs a = f(z).
  ///
  /// Both are `[rows, columns]` with their own strides. relu's derivative at 0 is 0, and at NaN 1.
  /// - Complexity: O(rows · columns).
  @inlinable
  public func applyDerivative(
    to delta: UnsafeMutablePointer<Float>, stride: Int, outputs a: UnsafePointer<Float>,
    outputStride: Int, rows: Int, columns: Int
  ) {
    backward(delta, stride, a, outputStride, rows, columns)
  }
}

extension KernelTable.LabelLoss {
  /// Turns logits into the loss's gradient in them, and adds up the loss and the rows that are wrong.
  ///
  /// A row is wrong where its largest logit (lowest column on ties) is not the label's, or where it holds a NaN, whose
  /// loss is not finite.
  /// - Parameters:
  ///   - z: `[rows, columns]` logits, rows `stride` elements apart.
  ///   - labels: `[rows]`, in `0..<columns`.
  ///   - coefficients: the loss's own numbers; `[]` where it has none.
  ///   - loss: the sum over all rows is added to it.
  ///   - wrong: their number is added to it.
  /// - Complexity: O(rows · columns).
  @inlinable
  public func callAsFunction(
    logits z: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
    labels: UnsafePointer<Int32>, coefficients: UnsafePointer<Float>,
    loss: UnsafeMutablePointer<Double>, wrong: UnsafeMutablePointer<Int>
  ) {
    run(z, stride, rows, columns, labels, coefficients, loss, wrong)
  }
}

extension KernelTable.TargetLoss {
  /// Turns logits into the loss's gradient in them, and adds up the loss and, where the loss knows of any, the rows that
  /// are wrong.
  ///
  /// - Parameters:
  ///   - z: `[rows, columns]` logits, rows `stride` elements apart.
  ///   - targets: `[rows, columns]`, rows `targetStride` elements apart.
  ///   - coefficients: the loss's own numbers; `[]` where it has none.
  ///   - loss: the sum over all rows is added to it.
  ///   - wrong: their number is added to it.
  /// - Complexity: O(rows · columns).
  @inlinable
  public func callAsFunction(
    logits z: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
    targets: UnsafePointer<Float>, targetStride: Int, coefficients: UnsafePointer<Float>,
    loss: UnsafeMutablePointer<Double>, wrong: UnsafeMutablePointer<Int>
  ) {
    run(z, stride, rows, columns, targets, targetStride, coefficients, loss, wrong)
  }
}

extension KernelTable.Update {
  /// Updates some elements of the parameters and of the optimizer's state.
  ///
  /// - Parameters:
  ///   - w: all parameters.
  ///   - g: the gradient of the chosen ones, `[elements.count]`.
  ///   - state: the vectors of state, each as long as the parameters; `[]` where there are none.
  ///   - elements: the chosen ones.
  ///   - scale: what the gradient is multiplied by first.
  ///   - coefficients: the rule's own numbers, in the order that its kernel states; `[]` where it has none.
  /// - Complexity: O(elements.count).
  @inlinable
  public func callAsFunction(
    parameters w: UnsafeMutablePointer<Float>, gradient g: UnsafePointer<Float>,
    state: UnsafePointer<UnsafeMutablePointer<Float>>, elements: Range<Int>, rate: Float,
    scale: Float, decay: Float, coefficients: UnsafePointer<Float>
  ) {
    run(w, g, state, elements.lowerBound, elements.count, rate, scale, decay, coefficients)
  }
}
