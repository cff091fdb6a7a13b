import CKernels

/// Matrix products. Each element is one chain of fused multiply-adds over the inner index, from 0 upwards; its bits
/// depend neither on the number of rows or columns, nor on strides.
extension KernelTable {
  /// C = A B, for few rows: A is `[rows, inner]`, B `[inner, columns]`, C `[rows, columns]`.
  /// - Complexity: O(rows · columns · inner).
  @inlinable
  public func product(
    _ a: UnsafePointer<Float>, stride aStride: Int, _ b: UnsafePointer<Float>, stride bStride: Int,
    rows: Int, columns: Int, inner: Int, into c: UnsafeMutablePointer<Float>, stride cStride: Int
  ) {
    table.pointee.kernels.product(
      a, aStride, b, bStride, c, cStride, rows, columns, inner)
  }

  /// C = A^T B or C += A^T B, for a small inner size: A is `[inner, rows]`, B `[inner, columns]`, C `[rows, columns]`.
  ///
  /// - Parameters:
  ///   - accumulate: whether the finished sum is added to C: the bits of a separate addition.
  ///   - next: what will be written next, laid out as C, or nil: its cache lines are taken from other processors
  ///     meanwhile, which costs hardly more than the products alone.
  /// - Complexity: O(rows · columns · inner).
  @inlinable
  public func productOfTranspose(
    _ a: UnsafePointer<Float>, stride aStride: Int, _ b: UnsafePointer<Float>, stride bStride: Int,
    rows: Int, columns: Int, inner: Int, into c: UnsafeMutablePointer<Float>, stride cStride: Int,
    accumulate: Bool, next: UnsafePointer<Float>?
  ) {
    table.pointee.kernels.productOfTranspose(
      a, aStride, b, bStride, c, cStride, rows, columns, inner, accumulate, next)
  }

  /// B = A^T: A is `[rows, columns]`, B `[columns, rows]`.
  /// - Complexity: O(rows · columns).
  @inlinable
  public func transpose(
    _ a: UnsafePointer<Float>, stride aStride: Int, rows: Int, columns: Int,
    into b: UnsafeMutablePointer<Float>, stride bStride: Int
  ) {
    table.pointee.kernels.transpose(a, aStride, b, bStride, rows, columns)
  }
}
