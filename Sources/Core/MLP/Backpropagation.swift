import KernelTable

/// Forward and backward passes over one micro-batch: slices in, slices out, no communication.
///
/// Names follow MATH.md: `A[l]` holds a layer's input with a column of ones, `delta` the gradient in a
/// layer's output Z.
final class Backpropagation {
  let network: Network
  let capacity: Int
  private let kernels: KernelTable
  /// Inputs of each layer, `[capacity, sizes[l] + 1]`, the last column 1.
  private let A: [AlignedFloats]
  private let strides: [Int]
  /// The gradients in each layer's output; the last also holds the logits.
  private let delta: [AlignedFloats]
  private let deltaStrides: [Int]

  /// Buffers for micro-batches of up to `capacity` rows.
  init(network: Network, capacity: Int, kernels: KernelTable) {
    self.network = network
    self.capacity = max(capacity, 1)
    self.kernels = kernels
    let rows = self.capacity
    let strides = network.sizes.dropLast().map { AlignedFloats.stride($0 + 1) }
    let deltaStrides = network.sizes.dropFirst().map { AlignedFloats.stride($0) }
    A = strides.enumerated().map { layer, stride in
      let buffer = AlignedFloats(count: rows * stride)
      for row in 0..<rows { buffer.base[row * stride + network.sizes[layer]] = 1 }
      return buffer
    }
    delta = deltaStrides.map { AlignedFloats(count: rows * $0) }
    self.strides = strides
    self.deltaStrides = deltaStrides
  }

  /// Where the outputs of the last layer are: logits after `forward`, their gradient after a loss.
  var logits: UnsafeMutablePointer<Float> { delta[network.layerCount - 1].base }
  /// Elements from a row of logits to the next.
  var logitsStride: Int { deltaStrides[network.layerCount - 1] }

  /// Copies scaled rows into A1: those chosen, or the first `count` of `source` when `rows` is nil.
  func load(
    _ source: UnsafeRawPointer, _ element: StoredElement, rows: UnsafePointer<Int32>?, count: Int,
    scaling: ColumnScaling
  ) {
    let destination = A[0].base
    switch element {
    case .uint8:
      kernels.gatherAffineUInt8(
        destination, strides[0], source.assumingMemoryBound(to: UInt8.self), network.features, rows,
        count, scaling.shift, scaling.factor)
    case .float32:
      kernels.gatherAffineFloat(
        destination, strides[0], source.assumingMemoryBound(to: Float.self), network.features, rows,
        count, scaling.shift, scaling.factor)
    }
  }

  /// Computes the logits of the loaded rows.
  func forward(_ W: UnsafePointer<Float>, count: Int) {
    for layer in 0..<network.layerCount {
      multiplyForward(W, layer, count)
      if layer + 1 < network.layerCount { activate(layer + 1, count) }
    }
  }

  /// Writes the gradient of the loaded rows to `gradient`, or adds it; `logits` must hold dL/dZ.
  func backward(
    _ W: UnsafePointer<Float>, count: Int, into gradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    for layer in stride(from: network.layerCount - 1, through: 0, by: -1) {
      multiplyWeights(layer, count, gradient, accumulate)
      if layer > 0 {
        multiplyDelta(W, layer, count)
        differentiate(layer, count)
      }
    }
  }

  /// The matrix products of `forward` and `backward` alone, on whatever the buffers hold: what a step
  /// cannot do without, for measuring the rest.
  func multiplyOnly(
    _ W: UnsafePointer<Float>, count: Int, into gradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    for layer in 0..<network.layerCount { multiplyForward(W, layer, count) }
    for layer in stride(from: network.layerCount - 1, through: 0, by: -1) {
      multiplyWeights(layer, count, gradient, accumulate)
      if layer > 0 { multiplyDelta(W, layer, count) }
    }
  }

  /// Z = A W, into the next layer's input or the logits.
  private func multiplyForward(_ W: UnsafePointer<Float>, _ layer: Int, _ count: Int) {
    let isLast = layer + 1 == network.layerCount
    let outputs = network.sizes[layer + 1]
    MatrixMultiply.forward(
      .init(A[layer].base, stride: strides[layer]),
      .init(W + network.offsets[layer], stride: outputs),
      batch: count, outputs: outputs, inner: network.sizes[layer] + 1,
      into: isLast ? logits : A[layer + 1].base,
      stride: isLast ? logitsStride : strides[layer + 1], kernels)
  }

  /// dW = A^T dZ.
  private func multiplyWeights(
    _ layer: Int, _ count: Int, _ gradient: UnsafeMutablePointer<Float>, _ accumulate: Bool
  ) {
    let outputs = network.sizes[layer + 1]
    MatrixMultiply.weightGradient(
      .init(A[layer].base, stride: strides[layer]),
      .init(delta[layer].base, stride: deltaStrides[layer]),
      batch: count, inputs: network.sizes[layer] + 1, outputs: outputs,
      into: gradient + network.offsets[layer], accumulate: accumulate, kernels)
  }

  /// dA = dZ W^T without the bias, into the delta of the layer before.
  private func multiplyDelta(_ W: UnsafePointer<Float>, _ layer: Int, _ count: Int) {
    let outputs = network.sizes[layer + 1]
    MatrixMultiply.multiply(
      .init(delta[layer].base, stride: deltaStrides[layer]),
      .init(W + network.offsets[layer], stride: outputs, transposed: true),
      rows: count, columns: network.sizes[layer], inner: outputs,
      into: delta[layer - 1].base, stride: deltaStrides[layer - 1])
  }

  private func activate(_ layer: Int, _ count: Int) {
    let function =
      switch network.activation {
      case .tanh: kernels.tanhForward
      case .relu: kernels.reluForward
      case .sigmoid: kernels.sigmoidForward
      }
    function(A[layer].base, strides[layer], count, network.sizes[layer])
  }

  /// dZ = dA (x) f'(Z), from A = f(Z).
  private func differentiate(_ layer: Int, _ count: Int) {
    let function =
      switch network.activation {
      case .tanh: kernels.tanhBackward
      case .relu: kernels.reluBackward
      case .sigmoid: kernels.sigmoidBackward
      }
    function(
      delta[layer - 1].base, deltaStrides[layer - 1], A[layer].base, strides[layer], count,
      network.sizes[layer])
  }
}
