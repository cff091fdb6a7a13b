import CKernels

/// Vectors, and rows of data.
extension KernelTable {
  /// ``add(_:_:into:count:)`` as a pointer: destination, a, b, count.
  public var addition:
    @convention(c) (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
    ) -> Void
  { table.pointee.kernels.add }

  /// destination = a + b, elementwise; destination may be a or b.
  /// - Complexity: O(count).
  @inlinable
  public func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    into destination: UnsafeMutablePointer<Float>, count: Int
  ) {
    table.pointee.kernels.add(destination, a, b, count)
  }

  /// The sum of squares, exact squares summed in Double: element i goes to sum i mod 16, in order of i; then sums j and
  /// j + 8 are added, j and j + 4, j and j + 2, and the last two.
  /// - Complexity: O(count).
  @inlinable
  public func squaredNorm(_ x: UnsafePointer<Float>, count: Int) -> Double {
    table.pointee.kernels.squaredNorm(x, count)
  }

  /// Whether no element is infinite or NaN.
  /// - Complexity: O(count).
  @inlinable
  public func allFinite(_ x: UnsafePointer<Float>, count: Int) -> Bool {
    table.pointee.kernels.allFinite(x, count)
  }

  /// Takes `count` vectors of sixteen Floats, `step` elements apart, of which the first `lanes` lanes count; values that
  /// are not finite are passed over.
  ///
  /// - Parameters:
  ///   - extents: `[3, 16]`: the smallest and the largest value of each lane, and the lowest bit that any value has set,
  ///     so far; infinite, -infinite and infinite at first.
  ///   - sums: `[16]`, to which each vector is added in order.
  /// - Complexity: O(count).
  @inlinable
  public func tallyLanes(
    _ x: UnsafePointer<Float>, step: Int, count: Int, lanes: Int = 16,
    extents: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Double>
  ) {
    table.pointee.kernels.tallyLanesOfFloats(x, step, count, lanes, extents, sums)
  }

  /// As for Floats.
  @inlinable
  public func tallyLanes(
    _ x: UnsafePointer<UInt8>, step: Int, count: Int, lanes: Int = 16,
    extents: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Double>
  ) {
    table.pointee.kernels.tallyLanesOfBytes(x, step, count, lanes, extents, sums)
  }

  /// Takes the squared differences of `count` vectors of sixteen Floats, `step` elements apart, from a point, computed in
  /// Double.
  ///
  /// - Parameters:
  ///   - points: `[3, 16]`: the point, a threshold, and a number so large that a square is cut when it is added.
  ///   - sums: `[2, 16]`: what is left of squares when they are cut, and what is cut off, each vector added in order.
  /// - Returns: whether all squares were added: those below the threshold, other than 0, are left out.
  /// - Complexity: O(count).
  @inlinable
  public func tallySquares(
    _ x: UnsafePointer<Float>, step: Int, count: Int, points: UnsafePointer<Double>,
    sums: UnsafeMutablePointer<Double>
  ) -> Bool {
    table.pointee.kernels.tallySquaresOfFloats(x, step, count, points, sums)
  }

  /// As for Floats.
  @inlinable
  public func tallySquares(
    _ x: UnsafePointer<UInt8>, step: Int, count: Int, points: UnsafePointer<Double>,
    sums: UnsafeMutablePointer<Double>
  ) -> Bool {
    table.pointee.kernels.tallySquaresOfBytes(x, step, count, points, sums)
  }

  /// softmax of each row of `[rows, columns]` logits, in place.
  /// - Complexity: O(rows · columns).
  @inlinable
  public func softmax(
    rowsOf z: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int
  ) {
    table.pointee.kernels.softmaxRows(z, stride, rows, columns)
  }

  /// Copies rows as scaled Floats: destination = (source - shift) * factor, by column, each operation rounded.
  ///
  /// - Parameters:
  ///   - source: `[any, columns]` without gaps.
  ///   - rows: row i of the destination is row `rows[i]` of the source, or row i where it is nil.
  ///   - count: the rows of the destination, which lie `stride` elements apart.
  ///   - shift: a value a column, as `factor`.
  /// - Complexity: O(count · columns).
  @inlinable
  public func gather(
    _ source: UnsafePointer<UInt8>, columns: Int, rows: UnsafePointer<Int32>?, count: Int,
    shift: UnsafePointer<Float>, factor: UnsafePointer<Float>,
    into destination: UnsafeMutablePointer<Float>, stride: Int
  ) {
    table.pointee.kernels.gatherAffineUInt8(
      destination, stride, source, columns, rows, count, shift, factor)
  }

  /// As for bytes.
  @inlinable
  public func gather(
    _ source: UnsafePointer<Float>, columns: Int, rows: UnsafePointer<Int32>?, count: Int,
    shift: UnsafePointer<Float>, factor: UnsafePointer<Float>,
    into destination: UnsafeMutablePointer<Float>, stride: Int
  ) {
    table.pointee.kernels.gatherAffineFloat(
      destination, stride, source, columns, rows, count, shift, factor)
  }

  /// sums += sign · x, `[columns]`.
  /// - Complexity: O(columns).
  @inlinable
  public func addRow(
    _ x: UnsafePointer<UInt8>, columns: Int, sign: Int64, to sums: UnsafeMutablePointer<Int64>
  ) {
    table.pointee.kernels.addRowOfBytes(sums, x, columns, sign)
  }

  /// high += round(sign · x · scale), and low, unless nil, likewise of what that rounds off, times `lowScale`.
  ///
  /// Rounded to nearest even; sign · x · scale must lie below 2^51. All are `[columns]`.
  /// - Complexity: O(columns).
  @inlinable
  public func addRow(
    _ x: UnsafePointer<Float>, columns: Int, sign: Double, scale: UnsafePointer<Double>,
    lowScale: Double, high: UnsafeMutablePointer<Int64>, low: UnsafeMutablePointer<Int64>?
  ) {
    table.pointee.kernels.addRowOfFloats(high, low, x, scale, lowScale, columns, sign)
  }
}
