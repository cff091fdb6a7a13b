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
    var set = ProtobufMessage()
    set.set(1, "")
    set.set(2, Self.operators)
    message.set(8, set)
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

extension ONNXGraph {
  /// The number of rows, which is free.
  static let rows = Extent.free("rows")

  /// A vector of a graph: one value a column, or one for all where they are the same.
  mutating func columns(_ name: String, _ values: [Float], of type: ElementType = .float) -> String
  {
    let isUniform = values.allSatisfy { $0 == values[0] }
    let kept = isUniform ? [values[0]] : values
    let bytes = type == .double ? littleEndian(kept.map { Double($0) }) : littleEndian(kept)
    return constant(name, type, [kept.count], bytes)
  }

  /// Takes rows as they were read and subtracts the offsets of their columns in float64: what `predict` reads.
  ///
  /// Rows are float64 where there are offsets, else float32.
  mutating func addRows(columns: Int, offsets: [Double]) -> String {
    let shape = [Self.rows, .fixed(columns)]
    guard !offsets.isEmpty else { return addInput("rows", .float, shape) }
    let rows = addInput("rows", .double, shape)
    let offset = constant("scaling_offset", .double, [columns], littleEndian(offsets))
    return cast(add("Sub", [rows, offset], as: "far_rows"), to: .float, as: "near_rows")
  }
}
