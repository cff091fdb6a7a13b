extension UpdateRule {
  /// Adam (D. Kingma, J. Ba, 2015); `momentum` is its first-moment factor. The gradient of the L2 penalty enters both
  /// moments; without weight decay the bits are those of ``adamw``.
  public static let adam = UpdateRule(
    name: "adam", uses: ["momentum", "beta2", "epsilon"], stateVectors: 2
  ) { step in
    let (scale, decay) = (step.scale, step.weightDecay)
    guard decay > 0 else { return adamw.update(step) }
    let (W, state, rate) = (step.parameters, step.state, step.rate)
    let (kernel, coefficients) = (step.kernels.updates.adamW, adaptiveMoments(step))
    return Update { elements, gradient in
      // 1 KiB: more may come from the heap.
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { block in
        let penalized = block.baseAddress!
        for first in stride(from: elements.lowerBound, to: elements.upperBound, by: block.count) {
          let count = min(block.count, elements.upperBound - first)
          let (g, w) = (gradient + (first - elements.lowerBound), W + first)
          for i in 0..<count { penalized[i] = g[i] * scale + decay * w[i] }
          kernel(
            parameters: W, gradient: penalized, state: state, elements: first..<first + count,
            rate: rate, scale: 1, decay: 0, coefficients: coefficients)
        }
      }
    }
  }.rated(0.002, followsSize: false)
}
