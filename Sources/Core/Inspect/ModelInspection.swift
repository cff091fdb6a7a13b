/// Describes a safetensors file.
enum ModelInspection {
  /// Texts longer than this, such as the scaling of many columns, are cut.
  private static let longest = 200

  /// Its tensors with type and shape, the number of parameters, and the metadata.
  static func describe(_ path: String) throws(TrainerError) -> JSON {
    let file = try TensorFile.read(path: path)
    let tensors = file.tensors.map { tensor -> JSON in
      [
        "name": .string(tensor.name.printable), "type": .string(tensor.type.rawValue),
        "shape": .array(tensor.shape.map { .integer($0) }),
      ]
    }
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

  private static func cut(_ text: String) -> String {
    text.count > longest ? "\(text.prefix(longest))… (\(text.utf8.count) bytes)" : text
  }
}
