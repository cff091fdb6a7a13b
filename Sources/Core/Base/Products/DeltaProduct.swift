/// dA = dZ W^T by the kernel for A B, in its own layout: the rows of a batch are the columns of the product
/// W dZ^T, so that W is read as it stands, in long runs, and only the few rows are transposed.
package final class DeltaProduct {
  /// Rows of W at a time: they stay in the second-level cache while they meet all rows.
  private static let weightRows = 48
  /// Rows of the batch at a time, a whole number of vectors; fewer for a layer so wide that they would take much
  /// memory.
  private let batchRows: Int

  private let kernels: KernelTable
  /// dZ^T, `[outputs, batchRows]`, and a part of dA^T, `[weightRows, batchRows]`; made when they are needed.
  private lazy var delta = AlignedFloats(count: outputs * batchRows)
  private lazy var part = AlignedFloats(count: Self.weightRows * batchRows)
  private let outputs: Int

  /// For layers of at most `outputs` outputs.
  package init(outputs: Int, kernels: KernelTable) {
    self.kernels = kernels
    self.outputs = outputs
    batchRows = outputs > 8192 ? 16 : 64
  }

  /// Writes dA `[rows, inputs]` from dZ `[rows, outputs]` and the first `inputs` rows of W
  /// `[inputs + 1, outputs]`.
  ///
  /// Each element is one chain of fused multiply-adds over the outputs, whatever else is computed.
  /// - Complexity: O(rows · inputs · outputs).
  package func multiply(
    _ dZ: UnsafePointer<Float>, stride dZStride: Int, _ W: UnsafePointer<Float>, rows: Int,
    inputs: Int, outputs: Int, into dA: UnsafeMutablePointer<Float>, stride dAStride: Int
  ) {
    for first in stride(from: 0, to: rows, by: batchRows) {
      let count = min(batchRows, rows - first)
      // Whole vectors: what the kernel computes of the columns beyond `count` is left there.
      let columns = (count + 15) / 16 * 16
      kernels.transpose(
        dZ + first * dZStride, stride: dZStride, rows: count, columns: outputs, into: delta.base,
        stride: batchRows)
      for input in stride(from: 0, to: inputs, by: Self.weightRows) {
        let weights = min(Self.weightRows, inputs - input)
        kernels.product(
          W + input * outputs, stride: outputs, delta.base, stride: batchRows, rows: weights,
          columns: columns, inner: outputs, into: part.base, stride: batchRows)
        kernels.transpose(
          part.base, stride: batchRows, rows: weights, columns: count,
          into: dA + first * dAStride + input, stride: dAStride)
      }
    }
  }
}
