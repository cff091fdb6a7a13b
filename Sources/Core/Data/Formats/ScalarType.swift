/// A numeric type as a file stores it; the raw value travels between ranks, the name is NumPy's.
package enum ScalarType: UInt8 {
  case bool, uint8, int8, uint16, int16, uint32, int32, uint64, int64, float16, float32, float64

  /// Bytes of one element: 1, 2, 4 or 8.
  var size: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .float16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// The type of rows read from it.
  var element: StoredElement { self == .uint8 ? .uint8 : .float32 }

  /// Whether numbers have a point.
  var isFloat: Bool { [.float16, .float32, .float64].contains(self) }

  /// Whether float32, as what the values are read, may lack digits that they have.
  var isRounded: Bool { [.uint32, .int32, .uint64, .int64, .float64].contains(self) }
}
