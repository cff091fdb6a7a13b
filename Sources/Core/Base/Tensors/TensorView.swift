/// A tensor whose bytes stand somewhere, in memory or in a file; who makes one keeps them there.
package struct TensorView {
  /// Passes the elements on, little-endian, in as many pieces as it likes.
  package typealias Pieces = (
    ([UInt8]) throws(SystemCallFailure) -> Void
  ) throws(SystemCallFailure) -> Void

  /// Where the elements are.
  package enum Elements {
    /// In memory.
    case bytes(UnsafeRawBufferPointer)
    /// What calls its argument with one piece after another.
    case pieces(Pieces)
  }

  /// The name, unique in its file.
  package let name: String
  /// The type of the elements.
  package let type: TensorFile.ElementType
  /// The length of all elements.
  package let byteCount: Int
  /// The elements, a vector.
  package let elements: Elements

  /// A vector of float32 that comes in pieces.
  package init(_ name: String, byteCount: Int, _ pieces: @escaping Pieces) {
    self.name = name
    type = .f32
    self.byteCount = byteCount
    elements = .pieces(pieces)
  }

  /// A vector of float32.
  package init(_ name: String, _ values: UnsafeBufferPointer<Float>) {
    self.init(name, .f32, UnsafeRawBufferPointer(values))
  }

  /// A vector of float64.
  package init(_ name: String, _ values: UnsafeBufferPointer<Double>) {
    self.init(name, .f64, UnsafeRawBufferPointer(values))
  }

  private init(_ name: String, _ type: TensorFile.ElementType, _ bytes: UnsafeRawBufferPointer) {
    self.name = name
    self.type = type
    byteCount = bytes.count
    elements = .bytes(bytes)
  }

  /// The extents.
  package var shape: [Int] { [byteCount / type.byteCount] }
}
