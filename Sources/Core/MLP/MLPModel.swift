import DTrainDist

/// A trained multilayer perceptron as it is kept in `model.safetensors`.
///
/// Tensors have PyTorch's layout: `layers.L.weight` `[outputs, inputs]` and `layers.L.bias` `[outputs]`.
/// The metadata says the rest that is needed to use the model: `layers` (sizes), `activation`, `loss`,
/// `targets` (see ``TargetKind``), `classes` (their number, if any), and `scaling` with `scaling_shift` and `scaling_factor`, where
/// an input is (x - shift) * factor; when these differ by column they are tensors `scaling.shift` and
/// `scaling.factor` `[features]`.
public struct MLPModel {
  /// The shape.
  public let network: Network
  /// What was minimised; decides what the outputs mean.
  public let loss: LossFunction
  /// What a row's targets are.
  public let targets: TargetKind
  /// How inputs are scaled.
  public let scaling: ColumnScaling
  /// The parameters in the order of ``Network``.
  public let parameters: [Float]

  /// The file's content.
  public func encoded() -> TensorFile {
    var metadata = [
      "format": "pt", "dtrain": Version.current,
      "layers": network.sizes.map(String.init).joined(separator: ","),
      "activation": network.activation.rawValue, "loss": loss.rawValue,
      "targets": targets.rawValue, "scaling": scaling.kind.rawValue,
    ]
    if targets != .numbers { metadata["classes"] = "\(network.outputs)" }
    var tensors: [TensorFile.Tensor] = []
    for layer in 0..<network.layerCount {
      let (inputs, outputs) = (network.sizes[layer], network.sizes[layer + 1])
      let W = parameters[network.range(of: layer)]
      var weight = [Float](repeating: 0, count: inputs * outputs)
      for input in 0..<inputs {
        for output in 0..<outputs {
          weight[output * inputs + input] = W[W.startIndex + input * outputs + output]
        }
      }
      tensors.append(.init("layers.\(layer).weight", shape: [outputs, inputs], floats: weight))
      tensors.append(
        .init("layers.\(layer).bias", shape: [outputs], floats: Array(W.suffix(outputs))))
    }
    if let shift = scaling.shift.uniform, let factor = scaling.factor.uniform {
      metadata["scaling_shift"] = "\(shift)"
      metadata["scaling_factor"] = "\(factor)"
    } else {
      tensors.append(
        .init("scaling.shift", shape: [scaling.shift.count], floats: scaling.shift))
      tensors.append(
        .init("scaling.factor", shape: [scaling.factor.count], floats: scaling.factor))
    }
    return TensorFile(metadata: metadata, tensors: tensors)
  }

  /// A model from a file's content.
  ///
  /// - Throws: `TrainerError(.badData)` when something is missing or does not fit.
  public init(decoding file: TensorFile, name: String) throws(TrainerError) {
    func fail(_ what: String) -> TrainerError {
      TrainerError(.badData, "\(name) is not a model of dtrain mlp: \(what)")
    }
    func metadata(_ key: String) throws(TrainerError) -> String {
      guard let value = file.metadata[key] else { throw fail("its metadata has no '\(key)'") }
      return value
    }
    func floats(_ tensor: String, _ shape: [Int]) throws(TrainerError) -> [Float] {
      guard let found = file[tensor] else { throw fail("tensor \(tensor) is missing") }
      guard found.shape == shape, let values = found.floats else {
        throw fail("tensor \(tensor) is \(found.type) \(found.shape), expected F32 \(shape)")
      }
      return values
    }
    let layers = try metadata("layers")
    let sizes = layers.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard sizes.count >= 2, sizes.allSatisfy({ (1...1 << 31).contains($0) }) else {
      throw fail("layers are '\(layers)'")
    }
    guard let activation = Activation(rawValue: try metadata("activation")) else {
      throw fail("activation is '\(try metadata("activation"))'")
    }
    guard let loss = LossFunction(rawValue: try metadata("loss")) else {
      throw fail("loss is '\(try metadata("loss"))'")
    }
    guard let kind = ColumnScaling.Kind(rawValue: try metadata("scaling")) else {
      throw fail("scaling is '\(try metadata("scaling"))'")
    }
    // The tensors prove the sizes before anything is allocated for them.
    var layerTensors: [(weight: [Float], bias: [Float])] = []
    for layer in 0..<sizes.count - 1 {
      layerTensors.append(
        (
          try floats("layers.\(layer).weight", [sizes[layer + 1], sizes[layer]]),
          try floats("layers.\(layer).bias", [sizes[layer + 1]])
        ))
    }
    network = Network(sizes: sizes, activation: activation)
    var parameters: [Float] = []
    parameters.reserveCapacity(network.parameterCount)
    for (layer, tensors) in layerTensors.enumerated() {
      let (inputs, outputs) = (sizes[layer], sizes[layer + 1])
      for input in 0..<inputs {
        for output in 0..<outputs { parameters.append(tensors.weight[output * inputs + input]) }
      }
      parameters += tensors.bias
    }
    self.parameters = parameters
    self.loss = loss
    guard let targets = TargetKind(rawValue: try metadata("targets")) else {
      throw fail("targets are '\(try metadata("targets"))'")
    }
    self.targets = targets
    let classes = file.metadata["classes"]
    if let classes, Int(classes) != network.outputs {
      throw fail("it has '\(classes)' classes and \(network.outputs) outputs")
    }
    if let shift = file.metadata["scaling_shift"], let factor = file.metadata["scaling_factor"] {
      guard let shift = Float(shift), let factor = Float(factor), shift.isFinite, factor.isFinite,
        factor > 0
      else { throw fail("scaling is by '\(shift)' and '\(factor)'") }
      scaling = ColumnScaling(
        kind: kind, shift: [Float](repeating: shift, count: sizes[0]),
        factor: [Float](repeating: factor, count: sizes[0]))
    } else {
      scaling = ColumnScaling(
        kind: kind, shift: try floats("scaling.shift", [sizes[0]]),
        factor: try floats("scaling.factor", [sizes[0]]))
      guard scaling.shift.allSatisfy(\.isFinite),
        scaling.factor.allSatisfy({ $0.isFinite && $0 > 0 })
      else {
        throw fail("scaling.shift or scaling.factor is not finite, or a factor is not positive")
      }
    }
  }

  init(
    network: Network, loss: LossFunction, targets: TargetKind, scaling: ColumnScaling,
    parameters: [Float]
  ) {
    self.network = network
    self.loss = loss
    self.targets = targets
    self.scaling = scaling
    self.parameters = parameters
  }

  /// Reads `model.safetensors`, or the one in a run directory, on rank 0, and copies it to all ranks.
  ///
  /// - Throws: `TrainerError(.badData)`, agreed upon by all ranks.
  public static func read(_ path: String, among world: Communicator) throws -> MLPModel {
    var name = path
    let bytes = try world.fromRoot {
      name = RunDirectory.isDirectory(path) ? "\(path)/model.safetensors" : path
      let bytes = try FileContents.read(name)
      _ = try MLPModel(decoding: TensorFile.decode(bytes, name: name), name: name)
      return bytes
    }
    return try MLPModel(decoding: TensorFile.decode(bytes, name: name), name: name)
  }
}

extension [Float] {
  /// The one value that all elements have, or nil.
  fileprivate var uniform: Float? {
    guard let first, allSatisfy({ $0 == first }) else { return nil }
    return first
  }
}
