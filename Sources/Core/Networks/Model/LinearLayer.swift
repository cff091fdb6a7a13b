/// The tensors of one layer in a safetensors file, as PyTorch lays them out: y = x weightᵀ + bias.
struct LinearLayer {
  /// `[outputs, inputs]`.
  let weight: TensorFile.Tensor
  /// `[outputs]`; nil of a layer without biases, which is one whose biases are 0.
  let bias: TensorFile.Tensor?

  /// The numbers that a row has before the layer.
  var inputs: Int { weight.shape[1] }
  /// The numbers that a row has behind it.
  var outputs: Int { weight.shape[0] }
}

extension [LinearLayer] {
  /// `[features, hidden…, outputs]`, of layers each of which takes what the one before it gives.
  var sizes: [Int] { [self[0].inputs] + map(\.outputs) }

  /// The parameters in the order of ``Network``, as float32.
  ///
  /// - Throws: `TensorFileFault` that names the tensor and its first element beyond the range of float32.
  /// - Complexity: O(parameters).
  func parameters() throws(TensorFileFault) -> [Float] {
    var parameters: [Float] = []
    parameters.reserveCapacity(reduce(0) { $0 + ($1.inputs + 1) * $1.outputs })
    for layer in self {
      let weight = try layer.weight.roundedFloats()!
      for input in 0..<layer.inputs {
        for output in 0..<layer.outputs {
          parameters.append(weight[output * layer.inputs + input])
        }
      }
      parameters +=
        try layer.bias?.roundedFloats() ?? [Float](repeating: 0, count: layer.outputs)
    }
    return parameters
  }
}
