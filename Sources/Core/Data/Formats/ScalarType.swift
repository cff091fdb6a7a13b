/// A numeric type as a file stores it.
package struct ScalarType: Equatable {
  enum Kind: UInt8 {
    case bool, uint8, int8, uint16, int16, uint32, int32, uint64, int64, float16, float32, float64
  }

  let kind: Kind
  /// Whether the most significant byte comes first; false for types of one byte.
  let isBigEndian: Bool

  init(_ kind: Kind, isBigEndian: Bool) {
    self.kind = kind
    self.isBigEndian = isBigEndian && Self.size(of: kind) > 1
  }

  /// Bytes of one element: 1, 2, 4 or 8.
  var size: Int { Self.size(of: kind) }

  /// The type of rows read from it.
  var element: StoredElement { kind == .uint8 ? .uint8 : .float32 }

  private static func size(of kind: Kind) -> Int {
    switch kind {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .float16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }
}
