/// A trained multilayer perceptron as it is kept in `model.safetensors`; see ``SafetensorsExport`` for the
/// format.
public struct MLPModel {
  /// All but the parameters.
  public let specification: MLPSpecification
  /// The parameters in the order of ``Network``.
  public let parameters: [Float]

  /// The shape.
  public var network: Network { specification.network }
  /// What was minimised.
  public var loss: Loss { specification.loss }
  /// What a row's targets are.
  public var targets: TargetKind { specification.targets }
  /// How inputs are scaled.
  public var scaling: ColumnScaling { specification.scaling }
  /// How targets that are numbers are scaled; nil for others.
  public var targetScaling: ColumnScaling? { specification.targetScaling }
}

extension MLPModel {
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
    func tensor(_ name: String, _ shape: [Int]) throws(TrainerError) -> TensorFile.Tensor {
      guard let found = file[name] else { throw fail("tensor \(name) is missing") }
      guard found.shape == shape, found.type == .f32 else {
        throw fail("tensor \(name) is \(found.type) \(found.shape), expected F32 \(shape)")
      }
      return found
    }
    func floats(_ name: String, _ shape: [Int]) throws(TrainerError) -> [Float] {
      try tensor(name, shape).floats ?? []
    }
    /// None where there is no such tensor.
    func doubles(_ name: String, _ shape: [Int]) throws(TrainerError) -> [Double] {
      guard let found = file[name] else { return [] }
      guard let values = found.doubles, found.shape == shape else {
        throw fail("tensor \(name) is \(found.type) \(found.shape), expected F64 \(shape)")
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
    guard let named = Loss(rawValue: try metadata("loss")) else {
      throw fail("loss is '\(try metadata("loss"))'")
    }
    guard let loss = named.configured(by: file.metadata) else {
      throw fail("its metadata has no possible value of \(named.uses.joined(separator: " or "))")
    }
    // The tensors prove the sizes before anything is allocated for them.
    for layer in 0..<sizes.count - 1 {
      _ = try tensor("layers.\(layer).weight", [sizes[layer + 1], sizes[layer]])
      _ = try tensor("layers.\(layer).bias", [sizes[layer + 1]])
    }
    let network = Network(sizes: sizes, activation: activation)
    var parameters: [Float] = []
    parameters.reserveCapacity(network.parameterCount)
    for layer in 0..<network.layerCount {
      let (inputs, outputs) = (sizes[layer], sizes[layer + 1])
      let weight = try floats("layers.\(layer).weight", [outputs, inputs])
      for input in 0..<inputs {
        for output in 0..<outputs { parameters.append(weight[output * inputs + input]) }
      }
      parameters += try floats("layers.\(layer).bias", [outputs])
    }
    guard let targets = TargetKind(rawValue: try metadata("targets")) else {
      throw fail("targets are '\(try metadata("targets"))'")
    }
    guard loss.fits(targets) else {
      throw fail("its loss \(loss) does not go with targets '\(targets.rawValue)'")
    }
    let classes = file.metadata["classes"]
    if let classes, Int(classes) != network.outputs {
      throw fail("it has '\(classes)' classes and \(network.outputs) outputs")
    }
    func columnScaling(_ name: String, columns: Int) throws(TrainerError) -> ColumnScaling {
      guard let kind = ColumnScaling.Kind(rawValue: try metadata(name)) else {
        throw fail("\(name) is '\(try metadata(name))'")
      }
      let offsets = try doubles("\(name).offset", [columns])
      guard let shift = file.metadata["\(name)_shift"],
        let factor = file.metadata["\(name)_factor"]
      else {
        let (shift, factor) = (
          try floats("\(name).shift", [columns]), try floats("\(name).factor", [columns])
        )
        guard shift.allSatisfy(\.isFinite), factor.allSatisfy({ $0.isFinite && $0 > 0 }) else {
          throw fail("\(name).shift or \(name).factor is not finite, or a factor is not positive")
        }
        return ColumnScaling(kind: kind, offsets: offsets, shift: shift, factor: factor)
      }
      guard let shift = Float(shift), let factor = Float(factor), shift.isFinite, factor.isFinite,
        factor > 0
      else { throw fail("\(name) is by '\(shift)' and '\(factor)'") }
      return ColumnScaling(
        kind: kind, offsets: offsets, shift: [Float](repeating: shift, count: columns),
        factor: [Float](repeating: factor, count: columns))
    }
    let scaling = try columnScaling("scaling", columns: sizes[0])
    // Models of versions that did not scale targets say nothing of it.
    let targetScaling =
      targets == .numbers
      ? file.metadata["target_scaling"] == nil
        ? .none(network.outputs) : try columnScaling("target_scaling", columns: network.outputs)
      : nil
    specification = MLPSpecification(
      network: network, loss: loss, targets: targets, scaling: scaling,
      targetScaling: targetScaling)
    self.parameters = parameters
  }

  /// Reads `model.safetensors`, or the one in a run directory, on rank 0, and copies it to all ranks.
  ///
  /// - Throws: `TrainerError(.badData)`, agreed upon by all ranks.
  public static func read(_ path: String, among world: Communicator) throws -> MLPModel {
    let name = file(of: path)
    let bytes = try world.fromRoot {
      let bytes = try FileContents.read(name)
      _ = try MLPModel(decoding: TensorFile.decode(bytes, name: name), name: name)
      return bytes
    }
    return try MLPModel(decoding: TensorFile.decode(bytes, name: name), name: name)
  }

  /// The SHA-256 of the file that ``read(_:among:)`` would read, on all ranks.
  static func fileHash(_ path: String, among world: Communicator) throws -> String {
    let digits = try world.fromRoot {
      Array(SHA256.hexadecimal(of: try FileContents.read(file(of: path))).utf8)
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// The file that a `--model` names, itself or by a run directory.
  package static func file(of path: String) -> String {
    FileSystem.isDirectory(path) ? "\(path)/\(SafetensorsExport.fileName)" : path
  }
}
