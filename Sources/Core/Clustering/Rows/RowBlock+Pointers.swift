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
}
