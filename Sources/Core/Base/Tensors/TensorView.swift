/// A tensor whose bytes stand somewhere, in memory or in a file; who makes one keeps them there.
package struct TensorView {
  /// Passes the elements on, little-endian, in as many pieces as it likes.
  package typealias Pieces = (
    (UnsafeRawBufferPointer) throws(SystemCallFailure) -> Void
  ) throws(SystemCallFailure) -> Void

  /// The name, unique in its file.
  package let name: String
  /// The type of the elements.
  package let type: TensorFile.ElementType
  /// The length of all elements.
  package let byteCount: Int
  /// Calls its argument with one piece of the elements, a vector, after another.
  package let forEachPiece: Pieces
}

extension TensorView {
  /// A vector of float32 that comes in pieces.
  package init(_ name: String, byteCount: Int, _ pieces: @escaping Pieces) {
    self.init(name: name, type: .f32, byteCount: byteCount, forEachPiece: pieces)
  }

  /// A vector of float32.
  package init(_ name: String, _ values: UnsafeBufferPointer<Float>) {
    let bytes = UnsafeRawBufferPointer(values)
    self.init(name, byteCount: bytes.count) { (body) throws(SystemCallFailure) in try body(bytes) }
  }

  /// A vector of float32 that is kept as long as the view.
  package init(_ name: String, keeping values: [Float]) { self.init(name, .f32, keeping: values) }

  /// A vector of float64 that is kept as long as the view.
  package init(_ name: String, keeping values: [Double]) { self.init(name, .f64, keeping: values) }

  private init(
    _ name: String, _ type: TensorFile.ElementType, keeping values: [some BitwiseCopyable]
  ) {
    self.init(name: name, type: type, byteCount: values.count * type.byteCount) {
      (body) throws(SystemCallFailure) in
      try values.withUnsafeBufferPointer { (values) throws(SystemCallFailure) in
        try body(UnsafeRawBufferPointer(values))
      }
    }
  }

  /// The extents.
  package var shape: [Int] { [byteCount / type.byteCount] }
}
