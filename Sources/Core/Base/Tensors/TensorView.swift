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
    self.init(name, .f32, byteCount: byteCount, pieces)
  }

  private init(
    _ name: String, _ type: TensorFile.ElementType, byteCount: Int, _ pieces: @escaping Pieces
  ) {
    self.name = name
    self.type = type
    self.byteCount = byteCount
    elements = .pieces(pieces)
  }

  /// A vector of float32.
  package init(_ name: String, _ values: UnsafeBufferPointer<Float>) {
    self.init(name, .f32, UnsafeRawBufferPointer(values))
  }

  /// A vector of float32 that is kept as long as the view.
  package init(_ name: String, keeping values: [Float]) {
    self.init(name, .f32, byteCount: values.count * 4) { (body) throws(SystemCallFailure) in
      try values.forEachPiece(body)
    }
  }

  /// A vector of float64 that is kept as long as the view.
  package init(_ name: String, keeping values: [Double]) {
    self.init(name, .f64, byteCount: values.count * 8) { (body) throws(SystemCallFailure) in
      try values.forEachPiece(body)
    }
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

extension Array where Element: BitwiseCopyable {
  /// Passes the bytes of up to 2^16 elements at a time.
  fileprivate func forEachPiece(
    _ body: ([UInt8]) throws(SystemCallFailure) -> Void
  ) throws(SystemCallFailure) {
    for start in stride(from: 0, to: count, by: 1 << 16) {
      let piece = self[start..<Swift.min(start + 1 << 16, count)]
      try body(piece.withUnsafeBytes { [UInt8]($0) })
    }
  }
}
