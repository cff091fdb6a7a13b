import KernelTable

extension RowBlock {
  /// A local row of Float elements, which the rows after it follow.
  @inline(__always)
  func floats(_ row: Int = 0) -> UnsafePointer<Float> {
    base.assumingMemoryBound(to: Float.self) + row * columns
  }

  /// A local row of bytes, which the rows after it follow.
  @inline(__always)
  func bytes(_ row: Int = 0) -> UnsafePointer<UInt8> {
    base.assumingMemoryBound(to: UInt8.self) + row * columns
  }

  /// The squared distance of a local row to a point that defines labels.
  @inline(__always)
  func squaredDistance(
    _ row: Int, to point: UnsafePointer<Float>, kernels: KernelTable
  ) -> Double {
    switch element {
    case .float32: kernels.squaredDistance(floats(row), point, columns: columns)
    case .uint8: kernels.squaredDistance(bytes(row), point, columns: columns)
    }
  }

  /// The same in single precision, in some order: off by less than (columns / 8 + 8) · 2^-24 of itself and
  /// columns · 2^-149.
  @inline(__always)
  func nearlySquaredDistance(
    _ row: Int, to point: UnsafePointer<Float>, kernels: KernelTable
  ) -> Float {
    switch element {
    case .float32: kernels.nearlySquaredDistance(floats(row), point, columns: columns)
    case .uint8: kernels.nearlySquaredDistance(bytes(row), point, columns: columns)
    }
  }
}
