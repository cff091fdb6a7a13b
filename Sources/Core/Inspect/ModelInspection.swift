/// Describes a safetensors file.
enum ModelInspection {
  /// Texts longer than this, such as the scaling of many columns, are cut.
  private static let longest = 200

  /// Its tensors with type and shape, the number of parameters, and the metadata.
  static func describe(_ path: String) throws(TrainerError) -> JSON {
    let file = try TensorFile.read(path: path)
    let tensors = file.tensors.map { tensor($0.name, $0.type, $0.shape) }
    let parameters = file.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
    let metadata = file.metadata.sorted { $0.key < $1.key }.map {
      JSON.Member($0.key.printable, .string(cut($0.value.printable)))
    }
    return [
      "kind": "model", "parameters": .integer(parameters),
      "bytes": .integer(file.tensors.reduce(0) { $0 + $1.bytes.count }),
      "tensors": .array(tensors), "metadata": .object(metadata),
    ]
  }

  /// A tensor of a file.
  static func tensor(_ name: String, _ type: TensorFile.ElementType, _ shape: [Int]) -> JSON {
    [
      "name": .string(name.printable), "type": .string(type.rawValue),
      "shape": .array(shape.map { .integer($0) }),
    ]
  }

  private static func cut(_ text: String) -> String {
    text.count > longest ? "\(text.prefix(longest))… (\(text.utf8.count) bytes)" : text
  }
}
