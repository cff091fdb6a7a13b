extension TensorFile {
  /// The bytes of the safetensors file; the same tensors and metadata always give the same bytes.
  ///
  /// - Complexity: O(bytes).
  public func encode() -> [UInt8] { Array(pieces().joined()) }

  /// The bytes of the file in pieces, one behind the other: the header, then each tensor's own bytes
  /// (shared, not copied).
  ///
  /// Names that stand twice or that readers refuse are a programmer's error.
  public func pieces() -> [[UInt8]] {
    // The reference implementation's order: wide elements first, so that a mapped file is aligned.
    let ordered = ElementType.allCases.flatMap { type in
      tensors.filter { $0.type == type }.sorted {
        $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
      }
    }
    return [header(of: ordered)] + ordered.map(\.bytes)
  }

  private func header(of ordered: [Tensor]) -> [UInt8] {
    precondition(Set(ordered.map(\.name)).count == ordered.count, "a tensor's name stands twice")
    precondition(ordered.allSatisfy { TensorFile.isName($0.name) }, "not a name for a tensor")
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      let text = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      members.append(
        JSON.Member("__metadata__", .object(text.map { JSON.Member($0.key, .string($0.value)) })))
    }
    var offset = 0
    for tensor in ordered {
      let end = offset + tensor.bytes.count
      members.append(
        JSON.Member(
          tensor.name,
          [
            "dtype": .string(tensor.type.rawValue),
            "shape": .array(tensor.shape.map { .integer($0) }),
            "data_offsets": [.integer(offset), .integer(end)],
          ]))
      offset = end
    }
    var text = Array(JSON.object(members).compact.utf8)
    // The data begin at a multiple of 8 behind the 8 bytes that count the header.
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    precondition(text.count <= TensorFile.headerLimit, "the header of a tensor file beyond 1 MiB")
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }
}
