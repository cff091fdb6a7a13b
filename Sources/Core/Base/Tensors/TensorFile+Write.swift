extension TensorFile {
  /// What the header says of a tensor.
  public struct Description: Equatable, Sendable {
    /// The name, unique in the file: 1 to 512 bytes without control characters.
    public let name: String
    /// The type of the elements.
    public let type: ElementType
    /// The extents, outermost first; empty for a scalar.
    public let shape: [Int]
    /// The bytes that shape and type say.
    public let byteCount: Int

    /// A tensor of this name; a shape beyond the range of 64 bits is a programmer's error.
    public init(_ name: String, type: ElementType = .f32, shape: [Int]) {
      self.name = name
      self.type = type
      self.shape = shape
      byteCount = TensorFile.byteCount(type, shape)!
    }
  }

  /// The bytes of the safetensors file; the same tensors and metadata always give the same bytes.
  ///
  /// - Complexity: O(bytes).
  public func encode() -> [UInt8] {
    let byName = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
    let ordered = Self.ordered(tensors.map { Description($0.name, type: $0.type, shape: $0.shape) })
    return Self.header(metadata, ordered) + ordered.flatMap { byName[$0.name]!.bytes }
  }

  /// The order in which tensors are written, the reference implementation's: wide elements first, so that
  /// a mapped file is aligned, then by name.
  static func ordered(_ tensors: [Description]) -> [Description] {
    ElementType.allCases.flatMap { type in
      tensors.filter { $0.type == type }.sorted {
        $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
      }
    }
  }

  /// What stands before the tensors' bytes. Names that stand twice or that readers refuse are a programmer's
  /// error.
  package static func header(_ metadata: [String: String], _ ordered: [Description]) -> [UInt8] {
    precondition(Set(ordered.map(\.name)).count == ordered.count, "a tensor's name stands twice")
    precondition(ordered.allSatisfy { isName($0.name) }, "not a name for a tensor")
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      let text = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      members.append(
        JSON.Member("__metadata__", .object(text.map { JSON.Member($0.key, .string($0.value)) })))
    }
    var offset = 0
    for tensor in ordered {
      let end = offset + tensor.byteCount
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
    precondition(text.count <= headerLimit, "a header of \(text.count) bytes")
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }
}
