/// A part of a layer's weight gradient that is computed at a time: some rows of W, all columns.
struct GradientTile {
  let layer: Int
  /// Inputs of the layer, the rows of W; the last input of a layer is its bias.
  let inputs: Range<Int>

  /// dW = A^T dZ for these rows of W over one micro-batch; written to `gradient` `[inputs, outputs]`, or
  /// added to it.
  ///
  /// - Parameter next: the same rows of W where they will be updated at once, else nil.
  func multiply(
    _ activations: Activations, rows: Range<Int>, outputs: Int,
    into gradient: UnsafeMutablePointer<Float>, accumulate: Bool, next: UnsafePointer<Float>?,
    _ kernels: KernelTable
  ) {
    let (stride, deltaStride) = (activations.strides[layer], activations.deltaStrides[layer])
    kernels.productOfTranspose(
      activations.A[layer] + rows.lowerBound * stride + inputs.lowerBound, stride: stride,
      activations.delta[layer] + rows.lowerBound * deltaStride, stride: deltaStride,
      rows: inputs.count, columns: outputs, inner: rows.count, into: gradient, stride: outputs,
      accumulate: accumulate, next: next)
  }
}

extension Network {
  /// Elements of a tile, about, so that it and what it is computed from stay in the first-level cache.
  private static let tileLength = 4800
  /// The kernels take six rows of W at a time, and read the deltas once for all rows of a tile: few rows
  /// would make that dear.
  private static let rowStep = 6, leastRows = 24
  /// But of a very wide layer they would take much memory, and several tiles are held at a time.
  private static let mostLength = 100_000

  /// The tiles of the gradient, in the order of the parameters.
  var gradientTiles: [GradientTile] {
    (0..<layerCount).flatMap { layer in
      let inputs = sizes[layer] + 1
      let fitting = Self.tileLength / sizes[layer + 1] / Self.rowStep * Self.rowStep
      let affordable = max(Self.mostLength / sizes[layer + 1], 1)
      let rows = max(fitting, min(Self.leastRows, affordable))
      return stride(from: 0, to: inputs, by: rows).map {
        GradientTile(layer: layer, inputs: $0..<min($0 + rows, inputs))
      }
    }
  }

  /// Where these tiles stand in the vector of parameters.
  var parameterTiles: VectorTiles {
    VectorTiles(
      offsets: gradientTiles.map { offsets[$0.layer] + $0.inputs.lowerBound * sizes[$0.layer + 1] }
        + [parameterCount])
  }
}
