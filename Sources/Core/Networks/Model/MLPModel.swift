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
  /// The names of the classes, in their order; empty where they were numbers.
  public var classNames: [String] { specification.classNames }
  /// What rows were made of, where that was a table; nil for matrices.
  public var schema: TableSchema? { specification.schema }
}

extension MLPModel {
  /// A model from a file's content. Weights and biases may have been cast to other floats since they were written.
  ///
  /// - Throws: `TrainerError(.badData)` when something is missing or does not fit.
  public init(decoding file: TensorFile, name: String) throws(TrainerError) {
    try self.init(ModelFile(content: file, name: name))
  }

  private init(_ file: ModelFile) throws(TrainerError) {
    // Weights of another program do not say how rows are scaled, nor what the outputs mean.
    if !file.isOwn, (try? PlainModel(file)) != nil {
      throw file.failure(
        "it holds weights alone; give it to dtrain mlp as \(parameter: "init_model"), and use the model of that run"
      )
    }
    let (network, parameters) = try file.network()
    guard let named = Loss(rawValue: try file.metadata("loss")) else {
      throw file.failure("loss is '\(try file.metadata("loss"))'")
    }
    guard let loss = named.configured(by: file.content.metadata) else {
      throw file.failure(
        "its metadata has no possible value of \(named.uses.joined(separator: " or "))")
    }
    guard let targets = TargetKind(rawValue: try file.metadata("targets")) else {
      throw file.failure("targets are '\(try file.metadata("targets"))'")
    }
    guard loss.fits(targets) else {
      throw file.failure("its loss \(loss) does not go with targets '\(targets.rawValue)'")
    }
    let classes = file.content.metadata["classes"]
    if let classes, Int(classes) != network.outputs {
      throw file.failure("it has '\(classes)' classes and \(network.outputs) outputs")
    }
    let scaling = try file.scaling("scaling", columns: network.features)
    // Models of versions that did not scale targets say nothing of it.
    let targetScaling =
      targets == .numbers
      ? file.content.metadata["target_scaling"] == nil
        ? .none(network.outputs) : try file.scaling("target_scaling", columns: network.outputs)
      : nil
    specification = MLPSpecification(
      network: network, loss: loss, targets: targets, scaling: scaling,
      targetScaling: targetScaling, classNames: try file.classNames(count: network.outputs),
      schema: try file.schema(columns: network.features),
      rowShape: try file.rowShape(columns: network.features))
    self.parameters = parameters
  }

  /// Reads `model.safetensors`, or the one in a run directory, on rank 0, and copies it to all ranks; collective.
  ///
  /// - Throws: `TrainerError(.badData)`, agreed upon by all ranks.
  public static func read(_ path: String, among world: Communicator) throws -> MLPModel {
    try ModelFile.read(path, among: world) { try MLPModel($0) }
  }

  /// The file that a `--model` names, itself or by a run directory.
  package static func file(of path: String) -> String { ModelFile.file(of: path) }
}
