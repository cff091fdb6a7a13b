internal import COpenBLAS
import Glibc

/// Single-precision matrix products on one thread: of few rows by our kernels, which do not pack, else by
/// OpenBLAS. (Gradients of weights are the kernels' too: see ``GradientTile``.) Matrices are row-major with a stride.
///
/// In OpenBLAS, for a fixed shape and kernel class the bits are the same whatever the addresses and strides; for
/// another number of rows the same row may differ (measured, see Tests/CoreTests). So shapes may depend
/// only on what does not depend on the number of ranks.
package enum MatrixMultiply {
  /// A matrix in memory; `stride` elements from row to row.
  package struct Operand {
    package let base: UnsafePointer<Float>
    package let stride: Int
    let isTransposed: Bool

    package init(_ base: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
      self.base = base
      self.stride = stride
      isTransposed = transposed
    }
  }

  /// C = A·B, or C += A·B; A is [rows, inner], B is [inner, columns] after their transpositions.
  ///
  /// The corresponding C function is `cblas_sgemm`.
  @inline(__always)
  package static func multiply(
    _ a: Operand, _ b: Operand, rows: Int, columns: Int, inner: Int,
    into c: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool = false
  ) {
    cblas_sgemm(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
      b.isTransposed ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(inner), 1, a.base, blasint(a.stride), b.base,
      blasint(b.stride), accumulate ? 1 : 0, c, blasint(stride))
  }

  /// The micro-batch up to which our kernels multiply: beyond, packing pays (measured: from 72 rows equal).
  static let directRows = 96
  /// The outputs of a layer up to which they take its forward product: a wider W touches a page a row.
  static let directOutputs = 1024

  /// Consecutive rows of one or several micro-batches that are multiplied at once.
  package struct Batch: Equatable {
    package var rows: Range<Int>
    /// Whether our kernels do it; a matter of each micro-batch's shape alone.
    package let isDirect: Bool
  }

  /// How to multiply micro-batches that follow each other. Those for our kernels are done at once: there a
  /// row has the same bits in any company.
  package static func batches(_ microBatches: [Range<Int>], outputs: Int = 0) -> [Batch] {
    var batches: [Batch] = []
    for rows in microBatches {
      let isDirect = rows.count <= directRows && outputs <= directOutputs
      if isDirect, let last = batches.last, last.isDirect, last.rows.upperBound == rows.lowerBound {
        batches[batches.count - 1].rows = last.rows.lowerBound..<rows.upperBound
      } else {
        batches.append(Batch(rows: rows, isDirect: isDirect))
      }
    }
    return batches
  }

  /// Z = A W: A is [rows, inner], W is [inner, outputs].
  package static func forward(
    _ a: Operand, _ w: Operand, rows: Int, outputs: Int, inner: Int, isDirect: Bool,
    into z: UnsafeMutablePointer<Float>, stride: Int, _ kernels: KernelTable
  ) {
    if isDirect {
      kernels.product(
        a.base, stride: a.stride, w.base, stride: w.stride, rows: rows, columns: outputs,
        inner: inner, into: z, stride: stride)
    } else {
      multiply(a, w, rows: rows, columns: outputs, inner: inner, into: z, stride: stride)
    }
  }

  /// The addresses that OpenBLAS takes for its first product, of which it uses a part, and which it would ask for
  /// again and again without end.
  private static let workBytes = 128 << 20 + 2 << 20

  /// Makes OpenBLAS ready, so that no product waits for memory.
  ///
  /// - Throws: `TrainerError(.inputOutput)` where this process may not have as much.
  package static func prepare() throws(TrainerError) {
    let memory = mmap(
      nil, workBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    try require(
      memory != MAP_FAILED, .inputOutput,
      "OpenBLAS needs \(workBytes >> 20) MiB of addresses, and the system refuses them; raise the limit "
        + "(ulimit -v, or vm.overcommit_memory)")
    munmap(memory, workBytes)
    var product: Float = 0
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, 1, 1, 1, 1, [1], 1, [1], 1, 0, &product, 1)
  }

  /// The kernel class that OpenBLAS chose when the process started, for example `Haswell`.
  package static var kernelClass: String { String(cString: openblas_get_corename()) }

  /// OpenBLAS's name and version, for example `OpenBLAS 0.3.21`: the bits may differ between versions.
  package static var libraryVersion: String {
    String(cString: openblas_get_config()).split(separator: " ").prefix(2).joined(separator: " ")
  }

  /// The threads that OpenBLAS uses; this program wants 1.
  package static var threads: Int { Int(openblas_get_num_threads()) }
}
