internal import COpenBLAS
import KernelTable

/// Single-precision matrix products on one thread: of few rows by our kernels, which do not pack, else by
/// OpenBLAS. Matrices are row-major with a stride.
///
/// In OpenBLAS, for a fixed shape and kernel class the bits are the same whatever the addresses and strides; for
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

  /// The batch size up to which our kernels multiply, for layers of at most `directOutputs` outputs: beyond,
  /// packing pays (measured: from 72 rows equal; a wider B touches a page a row).
  static let directRows = 96
  static let directOutputs = 1024

  /// Whether products over a batch go to our kernels; a matter of shape alone.
  static func isDirect(batch: Int, outputs: Int) -> Bool {
    batch <= directRows && outputs <= directOutputs
  }

  /// Z = A W over a batch: A is [batch, inner], W is [inner, outputs].
  static func forward(
    _ a: Operand, _ w: Operand, batch: Int, outputs: Int, inner: Int,
    into z: UnsafeMutablePointer<Float>, stride: Int, _ kernels: KernelTable
  ) {
    if isDirect(batch: batch, outputs: outputs) {
      kernels.product(a.base, a.stride, w.base, w.stride, z, stride, batch, outputs, inner)
    } else {
      multiply(a, w, rows: batch, columns: outputs, inner: inner, into: z, stride: stride)
    }
  }

  /// dW = A^T dZ over a batch, or dW += A^T dZ: A is [batch, inputs], dZ is [batch, outputs].
  static func weightGradient(
    _ a: Operand, _ delta: Operand, batch: Int, inputs: Int, outputs: Int,
    into gradient: UnsafeMutablePointer<Float>, accumulate: Bool, _ kernels: KernelTable
  ) {
    if isDirect(batch: batch, outputs: outputs) {
      kernels.productOfTranspose(
        a.base, a.stride, delta.base, delta.stride, gradient, outputs, inputs, outputs, batch,
        accumulate)
    } else {
      multiply(
        .init(a.base, stride: a.stride, transposed: true), delta, rows: inputs, columns: outputs,
        inner: batch, into: gradient, stride: outputs, accumulate: accumulate)
    }
  }

  /// The kernel class that OpenBLAS chose when the process started, for example `Haswell`.
  static var kernelClass: String { String(cString: openblas_get_corename()) }

  /// OpenBLAS's name and version, for example `OpenBLAS 0.3.21`: the bits may differ between versions.
  static var libraryVersion: String {
    String(cString: openblas_get_config()).split(separator: " ").prefix(2).joined(separator: " ")
  }

  /// The threads that OpenBLAS uses; this program wants 1.
  static var threads: Int { Int(openblas_get_num_threads()) }
}
