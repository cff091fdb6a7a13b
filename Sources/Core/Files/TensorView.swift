/// A tensor whose bytes stand somewhere, in memory or in a file; who makes one keeps them there.
struct TensorView {
  /// Passes the elements on, little-endian, in as many pieces as it likes.
  typealias Pieces = (
    ([UInt8]) throws(SystemCallFailure) -> Void
  ) throws(SystemCallFailure) -> Void

  /// Where the elements are.
  enum Elements {
    /// In memory.
    case bytes(UnsafeRawBufferPointer)
    /// What calls its argument with one piece after another.
    case pieces(Pieces)
  }

  /// The name, unique in its file.
  let name: String
  /// The type of the elements.
  let type: TensorFile.ElementType
  /// The length of all elements.
  let byteCount: Int
  /// The elements, a vector.
  let elements: Elements

  /// A vector of float32 that comes in pieces.
  init(_ name: String, byteCount: Int, _ pieces: @escaping Pieces) {
    self.name = name
    type = .f32
    self.byteCount = byteCount
    elements = .pieces(pieces)
  }

  /// A vector of float32.
  init(_ name: String, _ values: UnsafeBufferPointer<Float>) {
    self.init(name, .f32, UnsafeRawBufferPointer(values))
  }

  /// A vector of float64.
  init(_ name: String, _ values: UnsafeBufferPointer<Double>) {
    self.init(name, .f64, UnsafeRawBufferPointer(values))
  }

  private init(_ name: String, _ type: TensorFile.ElementType, _ bytes: UnsafeRawBufferPointer) {
    self.name = name
    self.type = type
    byteCount = bytes.count
    elements = .bytes(bytes)
  }

  /// The extents.
  var shape: [Int] { [byteCount / type.byteCount] }
}
