/// The vector kernels of clustering, as pointers to the build for one instruction set; documented where
/// they are written, in Sources/Kernels.
public struct ClusteringKernels: Sendable {
  /// Floats that are read.
  public typealias FloatPointer = UnsafePointer<Float>
  /// Floats that are written.
  public typealias Floats = UnsafeMutablePointer<Float>
  /// Integers that are written.
  public typealias Words = UnsafeMutablePointer<Int32>

  /// The squared Euclidean distance that defines a label, of Float rows: x, c, columns.
  public let squaredDistanceFloat: @convention(c) (FloatPointer, FloatPointer, Int) -> Double
  /// The squared Euclidean distance that defines a label, of byte rows: x, c, columns.
  public let squaredDistanceUInt8:
    @convention(c) (UnsafePointer<UInt8>, FloatPointer, Int) -> Double
  /// The squared distance in single precision, of Float rows: x, c, columns.
  public let nearlySquaredDistanceFloat: @convention(c) (FloatPointer, FloatPointer, Int) -> Float
  /// The squared distance in single precision, of byte rows: x, c, columns.
  public let nearlySquaredDistanceUInt8:
    @convention(c) (UnsafePointer<UInt8>, FloatPointer, Int) -> Float

  /// Sixteen rows side by side: tile, source, columns, rows, shift, factor.
  public let tileOfFloats:
    @convention(c) (
      Floats, FloatPointer, Int, UnsafePointer<Int32>, FloatPointer, FloatPointer
    ) -> Void
  /// Sixteen rows side by side: tile, source, columns, rows, shift, factor.
  public let tileOfBytes:
    @convention(c) (
      Floats, UnsafePointer<UInt8>, Int, UnsafePointer<Int32>, FloatPointer, FloatPointer
    ) -> Void
  /// Sixteen rows side by side in bytes: tile, source, columns, rows, shift, factor.
  public let tileOfFloatBytes:
    @convention(c) (
      UnsafeMutablePointer<UInt64>, FloatPointer, Int, UnsafePointer<Int32>, FloatPointer,
      FloatPointer
    ) -> Void
  /// Sixteen rows side by side in 16-bit integers: tile, source, columns, rows, shift, factor.
  public let tileOfFloatPairs:
    @convention(c) (
      Words, FloatPointer, Int, UnsafePointer<Int32>, FloatPointer, FloatPointer
    ) -> Void
  /// Sixteen rows side by side in 16-bit integers: tile, source, columns, rows, shift.
  public let tileOfBytePairs:
    @convention(c) (
      Words, UnsafePointer<UInt8>, Int, UnsafePointer<Int32>, UnsafePointer<Int16>
    ) -> Void

  /// Tile, columns, centers, h, count, group size, nearest, best, runner-up, scores, groups or nil.
  public let nearestOfFloats:
    @convention(c) (
      FloatPointer, Int, FloatPointer, FloatPointer, Int, Int, Words, Floats, Floats, Floats,
      Floats?
    ) -> Void
  /// Tile, words, centers, h, unit, count, group size, nearest, best, runner-up, scores, groups or nil.
  public let nearestOfPairs:
    @convention(c) (
      UnsafePointer<Int32>, Int, UnsafePointer<Int32>, UnsafePointer<Int32>, Float, Int, Int, Words,
      Floats, Floats, Floats, Floats?
    ) -> Void
  /// Scores, count, limits, chosen.
  public let centersWithin: @convention(c) (FloatPointer, Int, FloatPointer, Words) -> Int

  /// Norms, best, runner-up, slope, constant, roundoff, largest, undecided, errors, upper, lower.
  public let judgeTile:
    @convention(c) (
      FloatPointer, FloatPointer, FloatPointer, Float, Float, Float, Float, Words, Floats, Floats,
      Floats
    ) -> Bool
  /// Bounds, scores, squared norm, error, drift.
  public let lowerBounds: @convention(c) (Floats, FloatPointer, Float, Float, FloatPointer) -> Void
  /// Lower bounds, drift, limit.
  public let boundsHold: @convention(c) (FloatPointer, FloatPointer, Float) -> Bool
  /// First, end, labels, upper, moved, lower, drift, chosen.
  public let rowsToAssign:
    @convention(c) (
      Int, Int, UnsafePointer<Int32>, FloatPointer, FloatPointer, FloatPointer, FloatPointer, Words
    ) -> Int
  /// First, end, labels, upper, moved, lower, others, halves, chosen.
  public let rowsToAssignOfOneGroup:
    @convention(c) (
      Int, Int, UnsafePointer<Int32>, FloatPointer, FloatPointer, FloatPointer, FloatPointer,
      FloatPointer, Words
    ) -> Int

  /// Sums, row, columns, sign.
  public let addRowOfBytes:
    @convention(c) (UnsafeMutablePointer<Int64>, UnsafePointer<UInt8>, Int, Int64) -> Void
  /// High parts, low parts or nil, row, scales, low scale, columns, sign.
  public let addRowOfFloats:
    @convention(c) (
      UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Int64>?, FloatPointer,
      UnsafePointer<Double>, Double, Int, Double
    ) -> Void
}
