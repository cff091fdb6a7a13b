internal import COpenBLAS

/// Single-precision matrix products by OpenBLAS, on one thread; matrices are row-major with a stride.
///
/// For a fixed shape and kernel class the bits are the same whatever the addresses and strides; for
/// another number of rows the same row may differ (measured, see Tests/CoreTests). So shapes may depend
/// only on what does not depend on the number of ranks.
enum MatrixMultiply {
  /// A matrix in memory; `stride` elements from row to row.
  struct Operand {
    let base: UnsafePointer<Float>
    let stride: Int
    let isTransposed: Bool

    init(_ base: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
      self.base = base
      self.stride = stride
      isTransposed = transposed
    }
  }

  /// C = A·B, or C += A·B; A is [rows, inner], B is [inner, columns] after their transpositions.
  ///
  /// The corresponding C function is `cblas_sgemm`.
  @inline(__always)
  static func multiply(
    _ a: Operand, _ b: Operand, rows: Int, columns: Int, inner: Int,
    into c: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool = false
  ) {
    cblas_sgemm(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
      b.isTransposed ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(inner), 1, a.base, blasint(a.stride), b.base,
      blasint(b.stride), accumulate ? 1 : 0, c, blasint(stride))
  }

  /// The kernel class that OpenBLAS chose when the process started, for example `Haswell`.
  static var kernelClass: String { String(cString: openblas_get_corename()) }

  /// OpenBLAS's version and build options.
  static var libraryConfiguration: String { String(cString: openblas_get_config()) }

  /// The threads that OpenBLAS uses; this program wants 1.
  static var threads: Int { Int(openblas_get_num_threads()) }
}
