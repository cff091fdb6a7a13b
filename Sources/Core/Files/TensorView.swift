/// A tensor whose bytes stand somewhere in memory; who makes one keeps them there.
struct TensorView {
  /// The name, unique in its file.
  let name: String
  /// The type of the elements.
  let type: TensorFile.ElementType
  /// The elements, little-endian: a vector.
  let bytes: UnsafeRawBufferPointer

  /// A vector of float32.
  init(_ name: String, _ values: UnsafeBufferPointer<Float>) {
    self.name = name
    type = .f32
    bytes = UnsafeRawBufferPointer(values)
  }

  /// A vector of float64.
  init(_ name: String, _ values: UnsafeBufferPointer<Double>) {
    self.name = name
    type = .f64
    bytes = UnsafeRawBufferPointer(values)
  }

  /// The extents.
  var shape: [Int] { [bytes.count / type.byteCount] }
}
