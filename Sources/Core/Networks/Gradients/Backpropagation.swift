/// Forward and backward passes over micro-batches: slices in, slices out, no communication.
///
/// The rows of one or several micro-batches stand one behind the other in ``activations``. Bits depend
/// only on each micro-batch by itself, not on what else is passed along.
final class Backpropagation {
  let network: Network
  let activations: Activations
  private let kernels: KernelTable
  private let deltaProduct: DeltaProduct
  /// The memory of the activations, where it is this object's own.
  private let storage: AlignedFloats?

  /// Passes over rows that are kept in `activations`.
  ///
  /// - Parameter storage: their memory, where nobody else keeps it.
  init(
    network: Network, activations: Activations, kernels: KernelTable,
    storage: AlignedFloats? = nil
  ) {
    self.network = network
    self.activations = activations
    self.kernels = kernels
    self.storage = storage
    deltaProduct = DeltaProduct(outputs: network.widestOutput, kernels: kernels)
  }

  /// Passes over up to `capacity` rows in memory of its own.
  convenience init(network: Network, capacity: Int, kernels: KernelTable) {
    let rows = max(capacity, 1)
    let storage = AlignedFloats(count: Activations.byteCount(network, rows: rows) / 4)
    let activations = Activations(at: storage.base, network, rows: rows)
    activations.setOnes(network, rows: rows)
    self.init(network: network, activations: activations, kernels: kernels, storage: storage)
  }

  private var lastLayer: Int { network.layerCount - 1 }

  /// The outputs of the last layer for some rows: logits after `forward`, their gradient after a loss.
  func logits(of rows: Range<Int>) -> Logits {
    let stride = activations.deltaStrides[lastLayer]
    return Logits(
      base: activations.delta[lastLayer] + rows.lowerBound * stride, stride: stride,
      rows: rows.count, outputs: network.outputs)
  }

  /// Copies scaled rows into A1 from row `start` on: those chosen, or the first `count` of `source` when
  /// `rows` is nil.
  func load(
    _ source: UnsafeRawPointer, _ element: StoredElement, rows: UnsafePointer<Int32>?, count: Int,
    scaling: ColumnScaling, at start: Int = 0
  ) {
    let stride = activations.strides[0]
    let destination = activations.A[0] + start * stride
    switch element {
    case .uint8:
      kernels.gather(
        source.assumingMemoryBound(to: UInt8.self), columns: network.features, rows: rows,
        count: count, shift: scaling.shift, factor: scaling.factor, into: destination,
        stride: stride)
    case .float32:
      kernels.gather(
        source.assumingMemoryBound(to: Float.self), columns: network.features, rows: rows,
        count: count, shift: scaling.shift, factor: scaling.factor, into: destination,
        stride: stride)
    }
  }

  /// Computes the logits of loaded micro-batches, which follow each other.
  func forward(_ W: UnsafePointer<Float>, _ batches: [Range<Int>]) {
    for layer in 0..<network.layerCount {
      multiplyForward(W, layer, batches)
      if layer < lastLayer { activate(layer + 1, batches) }
    }
  }

  /// Carries the gradients in the logits back to all layers' outputs.
  func backward(_ W: UnsafePointer<Float>, _ batches: [Range<Int>]) {
    for layer in stride(from: lastLayer, to: 0, by: -1) {
      multiplyDelta(W, layer, batches)
      differentiate(layer, batches)
    }
  }

  /// The matrix products of `forward` and `backward` alone, on whatever the buffers hold: what a step
  /// cannot do without, for measuring the rest.
  func multiplyOnly(_ W: UnsafePointer<Float>, _ batches: [Range<Int>]) {
    for layer in 0..<network.layerCount { multiplyForward(W, layer, batches) }
    for layer in stride(from: lastLayer, to: 0, by: -1) { multiplyDelta(W, layer, batches) }
  }

  /// Z = A W, into the next layer's input or the logits.
  private func multiplyForward(
    _ W: UnsafePointer<Float>, _ layer: Int, _ batches: [Range<Int>]
  ) {
    let isLast = layer == lastLayer
    let outputs = network.sizes[layer + 1]
    let target = isLast ? activations.delta[layer] : activations.A[layer + 1]
    let targetStride = isLast ? activations.deltaStrides[layer] : activations.strides[layer + 1]
    for batch in MatrixMultiply.batches(batches, outputs: outputs) {
      Progress.beat()
      let rows = batch.rows
      MatrixMultiply.forward(
        .init(
          activations.A[layer] + rows.lowerBound * activations.strides[layer],
          stride: activations.strides[layer]),
        .init(W + network.offsets[layer], stride: outputs),
        rows: rows.count, outputs: outputs, inner: network.sizes[layer] + 1,
        isDirect: batch.isDirect,
        into: target + rows.lowerBound * targetStride, stride: targetStride, kernels)
    }
  }

  /// dA = dZ W^T without the bias, into the delta of the layer before.
  private func multiplyDelta(_ W: UnsafePointer<Float>, _ layer: Int, _ batches: [Range<Int>]) {
    let outputs = network.sizes[layer + 1]
    let (stride, before) = (activations.deltaStrides[layer], activations.deltaStrides[layer - 1])
    for batch in MatrixMultiply.batches(batches) {
      Progress.beat()
      let rows = batch.rows
      let dZ = activations.delta[layer] + rows.lowerBound * stride
      let dA = activations.delta[layer - 1] + rows.lowerBound * before
      let W = W + network.offsets[layer]
      if batch.isDirect {
        deltaProduct.multiply(
          dZ, stride: stride, W, rows: rows.count, inputs: network.sizes[layer], outputs: outputs,
          into: dA, stride: before)
      } else {
        MatrixMultiply.multiply(
          .init(dZ, stride: stride), .init(W, stride: outputs, transposed: true), rows: rows.count,
          columns: network.sizes[layer], inner: outputs, into: dA, stride: before)
      }
    }
  }

  private func activate(_ layer: Int, _ batches: [Range<Int>]) {
    guard let rows = batches.union else { return }
    let stride = activations.strides[layer]
    function.apply(
      to: activations.A[layer] + rows.lowerBound * stride, stride: stride, rows: rows.count,
      columns: network.sizes[layer])
  }

  /// dZ = dA (x) f'(Z), from A = f(Z).
  private func differentiate(_ layer: Int, _ batches: [Range<Int>]) {
    guard let rows = batches.union else { return }
    let (stride, deltaStride) = (activations.strides[layer], activations.deltaStrides[layer - 1])
    function.applyDerivative(
      to: activations.delta[layer - 1] + rows.lowerBound * deltaStride, stride: deltaStride,
      outputs: activations.A[layer] + rows.lowerBound * stride, outputStride: stride,
      rows: rows.count, columns: network.sizes[layer])
  }

  private var function: KernelTable.Activation { network.activation.function(kernels) }
}

extension [Range<Int>] {
  /// From the first range's start to the last one's end; nil without any range.
  fileprivate var union: Range<Int>? {
    guard let first, let last else { return nil }
    return first.lowerBound..<last.upperBound
  }
}
