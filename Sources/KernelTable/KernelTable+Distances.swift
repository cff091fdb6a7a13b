import CKernels

/// Distances of two rows, and sums of them.
///
/// Those that define a label are of differences in Double in one order: column j goes to sum j mod 16; then sums j and
/// j + 8 are added, j and j + 4, j and j + 2, and the last two.
extension KernelTable {
  /// The squared Euclidean distance that defines a label.
  /// - Complexity: O(columns).
  @inlinable
  public func squaredDistance(
    _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, columns: Int
  ) -> Double {
    table.pointee.kernels.squaredDistanceFloat(x, c, columns)
  }

  /// As of Floats.
  @inlinable
  public func squaredDistance(
    _ x: UnsafePointer<UInt8>, _ c: UnsafePointer<Float>, columns: Int
  ) -> Double {
    table.pointee.kernels.squaredDistanceUInt8(x, c, columns)
  }

  /// The squared distance in single precision, in some order: off by less than (columns / 8 + 8) · 2^-24 of itself and
  /// columns · 2^-149.
  /// - Complexity: O(columns).
  @inlinable
  public func nearlySquaredDistance(
    _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, columns: Int
  ) -> Float {
    table.pointee.kernels.nearlySquaredDistanceFloat(x, c, columns)
  }

  /// As of Floats.
  @inlinable
  public func nearlySquaredDistance(
    _ x: UnsafePointer<UInt8>, _ c: UnsafePointer<Float>, columns: Int
  ) -> Float {
    table.pointee.kernels.nearlySquaredDistanceUInt8(x, c, columns)
  }

  /// The L1 distance that defines a label.
  /// - Complexity: O(columns).
  @inlinable
  public func absoluteDistance(
    _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, columns: Int
  ) -> Double {
    table.pointee.kernels.absoluteDistanceFloat(x, c, columns)
  }

  /// As of Floats.
  @inlinable
  public func absoluteDistance(
    _ x: UnsafePointer<UInt8>, _ c: UnsafePointer<Float>, columns: Int
  ) -> Double {
    table.pointee.kernels.absoluteDistanceUInt8(x, c, columns)
  }

  /// Adds up the L1 distances of rows to the centers of their labels, as whole numbers: each difference of a row and a
  /// center in a column times `scale`, rounded to nearest even.
  ///
  /// - Parameters:
  ///   - rows: `[count, columns]`.
  ///   - labels: `[count]`.
  ///   - centers: `[clusters, stride]`, with zeros behind the last column up to a multiple of 16.
  ///   - scale: a power of two; differences times it are below 2^50.
  ///   - sums: sums[0] · 2^32 + sums[1] is the number that is added to.
  /// - Complexity: O(count · columns).
  @inlinable
  public func sumOfAbsoluteDistances(
    rows: UnsafePointer<Float>, count: Int, columns: Int, labels: UnsafePointer<Int32>,
    centers: UnsafePointer<Double>, stride: Int, scale: Double, sums: UnsafeMutablePointer<Int64>
  ) {
    table.pointee.kernels.sumOfAbsoluteDistances(
      rows, count, columns, labels, centers, stride, scale, sums)
  }

  /// The L1 distances of a row of bytes to centers that are multiples of a half, exactly.
  ///
  /// Center k lies in the middle of the planes of bytes first[k] and second[k], which are the same or 1 apart.
  /// columns · 510 must be below 2^24.
  /// - Parameters:
  ///   - planes: `[planeCount, stride]`.
  ///   - sums: room for `planeCount` numbers.
  ///   - scores: receives the distances, `[clusters]`.
  /// - Complexity: O(planeCount · columns).
  @inlinable
  public func byteDistances(
    row x: UnsafePointer<UInt8>, columns: Int, planes: UnsafePointer<UInt8>, stride: Int,
    planeCount: Int, sums: UnsafeMutablePointer<UInt32>, first: UnsafePointer<Int32>,
    second: UnsafePointer<Int32>, clusters: Int, scores: UnsafeMutablePointer<Float>
  ) {
    table.pointee.kernels.byteDistances(
      x, columns, planes, stride, planeCount, sums, first, second, clusters, scores)
  }

  /// The squared distances of the sixteen rows of a tile, `[columns, 16]`, to three points, computed in Double, one column
  /// after the other: `[3, 16]`.
  ///
  /// - Parameter points: `[columns, 3]`.
  /// - Complexity: O(columns).
  @inlinable
  public func squaredDistancesInTile(
    _ tile: UnsafePointer<Float>, columns: Int, points: UnsafePointer<Double>,
    into distances: UnsafeMutablePointer<Double>
  ) {
    table.pointee.kernels.squaredDistancesInTile(tile, columns, points, distances)
  }
}
