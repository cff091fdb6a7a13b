import CKernels

/// Counts and candidates of medians, of values as integers: the code of x in column j is (x - low[j]) · scale[j], cut to
/// 0...65535 and rounded, so that codes sort as values do. The upper bits of a code are its bin; `lowerBits` is how many
/// others there are.
///
/// Rows are `[count, columns]`; `low` and `scale` have a multiple of 16 elements. Scales are positive, and everything is
/// finite.
extension KernelTable {
  /// Adds `sign` to the counts of the bins of chosen rows.
  ///
  /// - Parameters:
  ///   - rows: `[any, columns]`.
  ///   - counts: `[columns, bins]`.
  ///   - room: for 128 numbers.
  /// - Complexity: O(count · columns).
  @inlinable
  public func tallyBins(
    rows: UnsafePointer<Float>, columns: Int, chosen: UnsafePointer<Int32>, count: Int,
    low: UnsafePointer<Float>, scale: UnsafePointer<Float>, lowerBits: Int,
    counts: UnsafeMutablePointer<Int32>, sign: Int32, room: UnsafeMutablePointer<Int32>
  ) {
    table.pointee.kernels.tallyBins(
      rows, columns, chosen, count, low, scale, lowerBits, counts, sign, room)
  }

  /// Lowers and raises the extremes of the bins, `[columns, bins]`, to hold the values of rows.
  /// - Complexity: O(count · columns).
  @inlinable
  public func extremesOfBins(
    rows: UnsafePointer<Float>, count: Int, columns: Int, low: UnsafePointer<Float>,
    scale: UnsafePointer<Float>, lowerBits: Int, minimum: UnsafeMutablePointer<Float>,
    maximum: UnsafeMutablePointer<Float>
  ) {
    table.pointee.kernels.extremesOfBins(
      rows, count, columns, low, scale, lowerBits, minimum, maximum)
  }

  /// Counts the lower bits of the codes that lie in the range of their column and the cluster of their row.
  ///
  /// - Parameters:
  ///   - first: with `last` the ranges, `[clusters, stride]`; `stride` is a multiple of 16.
  ///   - offsets: where the counts of each place of these ranges begin.
  /// - Complexity: O(count · columns).
  @inlinable
  public func tallyCodes(
    rows: UnsafePointer<Float>, count: Int, columns: Int, labels: UnsafePointer<Int32>,
    stride: Int, low: UnsafePointer<Float>, scale: UnsafePointer<Float>, lowerBits: Int,
    first: UnsafePointer<Int32>, last: UnsafePointer<Int32>, offsets: UnsafePointer<Int32>,
    counts: UnsafeMutablePointer<Int32>
  ) {
    table.pointee.kernels.tallyCodes(
      rows, count, columns, labels, stride, low, scale, lowerBits, first, last, offsets, counts)
  }

  /// Collects the values that lie in the range of their column and the cluster of their row.
  ///
  /// - Parameters:
  ///   - minimum: with `maximum` the ranges, `[clusters, stride]`, empty behind the last column; `stride` is a power of
  ///     two from 16.
  ///   - values: receives them one after the other, as long as fewer than `capacity` are written; has room for fifteen
  ///     more, as `places`.
  ///   - places: receives their places k · stride + column.
  ///   - room: for 128 numbers.
  /// - Returns: how many there were to write.
  /// - Complexity: O(count · columns).
  @inlinable
  public func collectValues(
    rows: UnsafePointer<Float>, count: Int, columns: Int, labels: UnsafePointer<Int32>,
    stride: Int, minimum: UnsafePointer<Float>, maximum: UnsafePointer<Float>,
    values: UnsafeMutablePointer<Float>, places: UnsafeMutablePointer<Int32>, capacity: Int,
    room: UnsafeMutablePointer<Int32>
  ) -> Int {
    table.pointee.kernels.collectValues(
      rows, count, columns, labels, stride, minimum, maximum, values, places, capacity, room)
  }

  /// Finds in which part of its slot each of some values is: the parts of slot s of a place, and those of the next slot
  /// where the range of codes reaches into another bin, are numbered from s · 2^bits, each for 2^(lowerBits - bits) codes.
  ///
  /// - Parameters:
  ///   - values: as ``collectValues(rows:count:columns:labels:stride:minimum:maximum:values:places:capacity:room:)`` leaves
  ///     them. Those whose codes are in no range go; those that stay move up.
  ///   - places: likewise; become the parts of the values that stay.
  ///   - first: with `last` and `slots` `[clusters, stride]`.
  ///   - counts: the parts that stay are counted in it.
  /// - Returns: how many stay.
  /// - Complexity: O(count).
  @inlinable
  public func countParts(
    values: UnsafeMutablePointer<Float>, places: UnsafeMutablePointer<Int32>, count: Int,
    stride: Int, low: UnsafePointer<Float>, scale: UnsafePointer<Float>, lowerBits: Int,
    first: UnsafePointer<Int32>, last: UnsafePointer<Int32>, slots: UnsafePointer<Int32>,
    bits: Int, counts: UnsafeMutablePointer<Int32>
  ) -> Int {
    table.pointee.kernels.countParts(
      values, places, count, stride, low, scale, lowerBits, first, last, slots, bits, counts)
  }
}
