extension UpdateRule {
  /// Layer-wise adaptive rates (Y. You, I. Gitman, B. Ginsburg, 2017): scales each layer's gradient by
  /// trust·‖W‖ / (‖g‖ + decay·‖W‖), then takes a step with momentum.
  public static let lars = UpdateRule(
    name: "lars", uses: ["momentum"], stateVectors: 2, passingVectors: 1,
    scratch: { 2 * LARS.blocks($0).count }
  ) { step in
    // The second vector carries the gradient to the passes.
    let (W, velocity, gradient) = (step.parameters, step.state[0], step.state[1])
    let (squares, network, kernels) = (step.scratch, step.network, step.kernels)
    let (rate, momentum) = (step.rate, step.momentum)
    let (scale, decay) = (step.scale, step.weightDecay)
    let blocks = LARS.blocks(network)
    func own(_ part: Int, _ parts: Int) -> Range<Int> {
      part * blocks.count / parts..<(part + 1) * blocks.count / parts
    }
    func norms(part: Int, parts: Int) {
      for index in own(part, parts) {
        let elements = blocks[index].elements
        squares[2 * index] = kernels.squaredNorm(
          W + elements.lowerBound, count: elements.count)
        squares[2 * index + 1] = kernels.squaredNorm(
          gradient + elements.lowerBound, count: elements.count)
      }
    }
    func move(part: Int, parts: Int) {
      let ratios = LARS.ratios(network, blocks, squares, scale: scale, decay: decay)
      for index in own(part, parts) {
        let (elements, ratio) = (blocks[index].elements, ratios[blocks[index].layer])
        kernels.updates.momentum(
          parameters: W, gradient: gradient + elements.lowerBound, state: [velocity],
          elements: elements, rate: rate, scale: ratio * scale, decay: ratio * decay,
          coefficients: [momentum])
      }
    }
    // A step without rows leaves no gradient, only that of an earlier one.
    return Update(
      apply: { (gradient + $0.lowerBound).update(from: $1, count: $0.count) },
      passes: step.rows == 0 ? [] : [norms, move])
  }.rated(1, tables: 0.1, followsSize: false)
}

private enum LARS {
  /// The authors' trust coefficient.
  static let trust = 0.001

  /// A part of a layer's parameters.
  struct Block {
    let layer: Int
    let elements: Range<Int>
  }

  /// The blocks over which norms are summed: fixed parts of each layer, so that the order of additions does not
  /// depend on the number of ranks.
  static func blocks(_ network: Network) -> [Block] {
    let length = 4096
    return (0..<network.layerCount).flatMap { layer in
      let range = network.range(of: layer)
      return stride(from: range.lowerBound, to: range.upperBound, by: length).map {
        Block(layer: layer, elements: $0..<min($0 + length, range.upperBound))
      }
    }
  }

  /// What each layer's gradient is scaled by, from each block's squared norms of parameters and gradient.
  static func ratios(
    _ network: Network, _ blocks: [Block], _ squares: UnsafePointer<Double>, scale: Float,
    decay: Float
  ) -> [Float] {
    var sums = [(weights: Double, gradient: Double)](
      repeating: (0, 0), count: network.layerCount)
    for (index, block) in blocks.enumerated() {
      sums[block.layer].weights += squares[2 * index]
      sums[block.layer].gradient += squares[2 * index + 1]
    }
    return sums.map {
      let weights = $0.weights.squareRoot()
      let denominator = $0.gradient.squareRoot() * Double(scale) + Double(decay) * weights
      return Float(weights > 0 && denominator > 0 ? trust * weights / denominator : 1)
    }
  }
}
