import CKernels

/// What a distance of a row and a center is, of their differences in all columns.
public enum DistanceForm: Int, Sendable, CaseIterable {
  /// The square root of the sum of squares.
  case root
  /// Half of the sum of squares.
  case half
  /// The sum of magnitudes.
  case magnitudes
}

/// Tiles: sixteen chosen rows side by side, a row a lane.
///
/// `source` is `[any, columns]`, `rows` holds sixteen row numbers. A tile has room for whole blocks of columns:
/// `[columns up to 16n, 16]` Floats, or `[columns up to 32n / 2, 16]` words of two 16-bit integers. `shift` and `factor`
/// reach to the end of the last block, with zeros.
extension KernelTable {
  /// (x - shift) · factor of Floats.
  /// - Complexity: O(columns).
  @inlinable
  public func fillTile(
    _ tile: UnsafeMutablePointer<Float>, from source: UnsafePointer<Float>, columns: Int,
    rows: UnsafePointer<Int32>, shift: UnsafePointer<Float>, factor: UnsafePointer<Float>
  ) {
    table.pointee.kernels.tileOfFloats(tile, source, columns, rows, shift, factor)
  }

  /// (x - shift) · factor of bytes.
  /// - Complexity: O(columns).
  @inlinable
  public func fillTile(
    _ tile: UnsafeMutablePointer<Float>, from source: UnsafePointer<UInt8>, columns: Int,
    rows: UnsafePointer<Int32>, shift: UnsafePointer<Float>, factor: UnsafePointer<Float>
  ) {
    table.pointee.kernels.tileOfBytes(tile, source, columns, rows, shift, factor)
  }

  /// (x - shift) · factor of Floats, rounded to integers from 0 to 255: `[groups, 16]` groups of eight columns, the last
  /// one filled up with zeros.
  /// - Complexity: O(columns).
  @inlinable
  public func fillByteTile(
    _ tile: UnsafeMutablePointer<UInt64>, from source: UnsafePointer<Float>, columns: Int,
    rows: UnsafePointer<Int32>, shift: UnsafePointer<Float>, factor: UnsafePointer<Float>
  ) {
    table.pointee.kernels.tileOfFloatBytes(tile, source, columns, rows, shift, factor)
  }

  /// Pairs of (x - shift) · factor of Floats, rounded to integers; magnitudes below 2^15.
  /// - Complexity: O(columns).
  @inlinable
  public func fillPairTile(
    _ tile: UnsafeMutablePointer<Int32>, from source: UnsafePointer<Float>, columns: Int,
    rows: UnsafePointer<Int32>, shift: UnsafePointer<Float>, factor: UnsafePointer<Float>
  ) {
    table.pointee.kernels.tileOfFloatPairs(tile, source, columns, rows, shift, factor)
  }

  /// Pairs of x - shift of bytes; magnitudes below 2^15.
  /// - Complexity: O(columns).
  @inlinable
  public func fillPairTile(
    _ tile: UnsafeMutablePointer<Int32>, from source: UnsafePointer<UInt8>, columns: Int,
    rows: UnsafePointer<Int32>, shift: UnsafePointer<Int16>
  ) {
    table.pointee.kernels.tileOfBytePairs(tile, source, columns, rows, shift)
  }

  /// Words of any kind as they are: `source` is `[any, words]`, `words` a multiple of 4.
  /// - Complexity: O(words).
  @inlinable
  public func fillTile(
    _ tile: UnsafeMutablePointer<Int32>, from source: UnsafePointer<Int32>, words: Int,
    rows: UnsafePointer<Int32>
  ) {
    table.pointee.kernels.tileOfWords(tile, source, words, rows)
  }

  /// Floats as they are, `count` rows, at most sixteen, as the columns of a tile `[columns, 16]`; its other columns stay.
  /// - Complexity: O(count · columns).
  @inlinable
  public func fillTile(
    _ tile: UnsafeMutablePointer<Float>, from source: UnsafePointer<Float>, columns: Int,
    rows: UnsafePointer<Int32>, count: Int
  ) {
    table.pointee.kernels.transposeIntoTile(source, columns, rows, count, tile)
  }
  /// The distances of the rows of a tile of Floats as they are to every center: those that define labels, rounded to
  /// Float.
  ///
  /// - Parameters:
  ///   - tile: `[columns, 16]`.
  ///   - rows: how many of its rows are wanted, the first ones.
  ///   - centers: `[count, columns]`, with copies of the last one up to a multiple of 4.
  ///   - form: what a distance is.
  ///   - distances: receives `[rows, count]`.
  ///   - room: for 256 numbers.
  /// - Complexity: O(count · columns).
  @inlinable
  public func distances(
    tile: UnsafePointer<Float>, columns: Int, rows: Int, centers: UnsafePointer<Double>, count: Int,
    form: DistanceForm, distances: UnsafeMutablePointer<Float>, room: UnsafeMutablePointer<Float>
  ) {
    table.pointee.kernels.distancesInTile(
      tile, columns, rows, centers, count, form.rawValue, distances, room)
  }
  /// The same distances of the forms of squares from products of rows and centers, a third of the work where rows are wide; not of pairs
  /// in which the error of that leaves open how the distance is rounded to Float.
  ///
  /// With row y and center e, both less the shift, the square is y·y + e·e - 2y·e.
  /// - Parameters:
  ///   - tile: `[columns, 16]`.
  ///   - rows: how many of its rows are wanted, the first ones.
  ///   - shift: `[columns]`.
  ///   - centers: `[count, columns]`, less the shift, with copies of the last one up to a multiple of 4.
  ///   - squares: e·e of each center, of the copies too.
  ///   - slack: times y·y + e·e the most that the square can be off.
  ///   - isHalved: whether a distance is half of the square, or its root.
  ///   - distances: receives `[rows, count]`.
  ///   - undecided: receives the places in `distances` of pairs that are left open, up to `[rows · count]`.
  ///   - shifted: for `[columns + 1, 16]` numbers.
  ///   - room: for 512 numbers.
  /// - Returns: how many pairs are left open.
  /// - Complexity: O(count · columns).
  @inlinable
  public func distancesByProducts(
    tile: UnsafePointer<Float>, columns: Int, rows: Int, shift: UnsafePointer<Double>,
    centers: UnsafePointer<Double>, squares: UnsafePointer<Double>, count: Int, slack: Double,
    isHalved: Bool, distances: UnsafeMutablePointer<Float>,
    undecided: UnsafeMutablePointer<Int32>, shifted: UnsafeMutablePointer<Double>,
    room: UnsafeMutablePointer<Float>
  ) -> Int {
    table.pointee.kernels.distancesByProducts(
      tile, columns, rows, shift, centers, squares, count, slack, isHalved, distances,
      undecided, shifted, room)
  }
}
