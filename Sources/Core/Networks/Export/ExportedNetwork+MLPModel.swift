extension MLPModel {
  /// The network that `path` names, a `model.safetensors` or a run directory, as other programs take it; reads on this
  /// rank alone.
  ///
  /// - Throws: `TrainerError(.badData)`.
  package static func exported(_ path: String) throws(TrainerError) -> ExportedModel {
    let name = file(of: path)
    return .network(try MLPModel(decoding: TensorFile.read(path: name), name: name).exported)
  }

  private var exported: ExportedNetwork {
    let targets: ExportedNetwork.Targets =
      switch targets {
      case .oneClass: .classes
      case .labels: .labels
      case .numbers: .numbers(targetScaling ?? .none(network.outputs))
      }
    return ExportedNetwork(
      scaling: scaling, sizes: network.sizes, parameters: parameters,
      activation: network.activation.known, output: loss.output, targets: targets, loss: loss.name,
      classNames: classNames, schema: schema, rowShape: specification.rowShape)
  }
}
