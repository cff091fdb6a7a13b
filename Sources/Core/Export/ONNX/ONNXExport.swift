/// ONNX: a graph from rows as they were read to what `dtrain predict` gives, for onnxruntime and its like.
///
/// What is computed follows `predict` step by step, each in the same precision; only the products of layers and the
/// sums of distances may add in another order. docs/FORMATS.md derives how far results can lie apart.
struct ONNXExport: ModelExport {
  let name = "onnx"
  let ending = ".onnx"

  /// What the graphs need: operators of set 13, which runtimes have had since 2020.
  private static let (operators, format) = (13, 7)
  /// The most that a file of Protocol Buffers may have.
  private static let limit = 1 << 31 - 1

  func encode(_ model: ExportedModel) throws(TrainerError) -> FilePieces {
    var message = ProtobufMessage()
    message.set(1, Self.format)
    message.set(2, "dtrain")
    message.set(3, Version.current)
    switch model {
    case .network(let network):
      message.set(7, network.graph.message)
      message.add(metadata: "kind", "network")
      message.add(metadata: "loss", network.loss)
      message.add(metadata: "targets", network.targets.name)
    case .centers(let centers):
      message.set(7, centers.graph.message)
      message.add(metadata: "kind", "centers")
      message.add(metadata: "metric", centers.metric.rawValue)
    }
    message.add(metadata: "scaling", model.scaling.kind.rawValue)
    if !model.rowShape.isEmpty {
      message.add(
        metadata: "row_shape", model.rowShape.map(String.init).joined(separator: ","))
    }
    if let schema = model.schema { message.add(metadata: "columns", schema.json.compact) }
    if !model.classNames.isEmpty {
      message.add(
        metadata: "class_names", JSON.array(model.classNames.map { .string($0) }).compact)
    }
    let takesTexts = model.schema?.features.contains { !$0.texts.isEmpty } ?? false
    let domains = [("", Self.operators)] + (takesTexts ? [(ONNXGraph.learningDomain, 2)] : [])
    for (domain, version) in domains {
      var set = ProtobufMessage()
      set.set(1, domain)
      set.set(2, version)
      message.set(8, set)
    }
    try ModelExports.checkSize(message.content.count, limit: Self.limit, of: self)
    return message.content
  }
}

extension ProtobufMessage {
  /// Adds a text to a model's metadata.
  fileprivate mutating func add(metadata key: String, _ value: String) {
    var entry = ProtobufMessage()
    entry.set(1, key)
    entry.set(2, value)
    set(14, entry)
  }
}
