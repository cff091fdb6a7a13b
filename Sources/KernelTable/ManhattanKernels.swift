/// The vector kernels of clustering by L1 distances, as pointers to the build for one instruction set;
/// documented where they are written, in Sources/Kernels.
public struct ManhattanKernels: Sendable {
  /// The L1 distance that defines a label, of Float rows: x, c, columns.
  public let absoluteDistanceFloat:
    @convention(c) (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Double
  /// The L1 distance that defines a label, of byte rows: x, c, columns.
  public let absoluteDistanceUInt8:
    @convention(c) (UnsafePointer<UInt8>, UnsafePointer<Float>, Int) -> Double
  /// Rows, count, columns, labels, centers, stride, scale, sums.
  public let sumOfAbsoluteDistances:
    @convention(c) (
      UnsafePointer<Float>, Int, Int, UnsafePointer<Int32>, UnsafePointer<Double>, Int, Double,
      UnsafeMutablePointer<Int64>
    ) -> Void
  /// Row, columns, planes, stride, plane count, sums, first, second, clusters, scores.
  public let byteDistances:
    @convention(c) (
      UnsafePointer<UInt8>, Int, UnsafePointer<UInt8>, Int, Int, UnsafeMutablePointer<UInt32>,
      UnsafePointer<Int32>, UnsafePointer<Int32>, Int, UnsafeMutablePointer<Float>
    ) -> Void
  /// Tile, columns, centers, count, padding, scores, nearest, best, runner-up.
  public let absoluteScoresInTile:
    @convention(c) (
      UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  /// Tile, words, centers, count, padding, nearest, best, runner-up.
  public let nearestOfAbsolutePairs:
    @convention(c) (
      UnsafePointer<Int32>, Int, UnsafePointer<Int32>, Int, Int, UnsafeMutablePointer<Int32>,
      UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>
    ) -> Void
  /// Tile, groups, centers, count, padding, nearest, best, runner-up.
  public let nearestOfByteGroups:
    @convention(c) (
      UnsafePointer<UInt64>, Int, UnsafePointer<UInt64>, Int, Int, UnsafeMutablePointer<Int32>,
      UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>
    ) -> Void
  /// Rows, count, nearest, best, runner-up, relative, absolute, labels, before, upper, lower, moved, others.
  public let settleTile:
    @convention(c) (
      UnsafePointer<Int32>, Int, UnsafePointer<Int32>, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>, Float, Float, UnsafeMutablePointer<Int32>,
      UnsafeMutablePointer<Int32>,
      UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafePointer<Float>?,
      UnsafePointer<Float>?
    ) -> UInt32
  /// Rows, columns, chosen, count, tile.
  public let transposeIntoTile:
    @convention(c) (
      UnsafePointer<Float>, Int, UnsafePointer<Int32>, Int, UnsafeMutablePointer<Float>
    ) -> Void
  /// Row, columns, centers, stride, count, scores.
  public let absoluteScores:
    @convention(c) (
      UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>
    ) -> Void
  /// Rows, columns, chosen, count, low, scale, lower bits, counts, sign, room.
  public let tallyBins:
    @convention(c) (
      UnsafePointer<Float>, Int, UnsafePointer<Int32>, Int, UnsafePointer<Float>,
      UnsafePointer<Float>, Int, UnsafeMutablePointer<Int32>, Int32, UnsafeMutablePointer<Int32>
    ) -> Void
  /// Rows, count, columns, low, scale, lower bits, least, greatest.
  public let extremesOfBins:
    @convention(c) (
      UnsafePointer<Float>, Int, Int, UnsafePointer<Float>, UnsafePointer<Float>, Int,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  /// Rows, count, columns, labels, stride, low, scale, lower bits, first, last, offsets, counts.
  public let tallyCodes:
    @convention(c) (
      UnsafePointer<Float>, Int, Int, UnsafePointer<Int32>, Int, UnsafePointer<Float>,
      UnsafePointer<Float>, Int, UnsafePointer<Int32>, UnsafePointer<Int32>, UnsafePointer<Int32>,
      UnsafeMutablePointer<Int32>
    ) -> Void
  /// Rows, count, columns, labels, stride, least, greatest, values, places, capacity, room.
  public let collectValues:
    @convention(c) (
      UnsafePointer<Float>, Int, Int, UnsafePointer<Int32>, Int, UnsafePointer<Float>,
      UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Int32>, Int,
      UnsafeMutablePointer<Int32>
    ) -> Int
  /// Values, places, count, stride, low, scale, lower bits, first, last, slots, bits, counts.
  public let countParts:
    @convention(c) (
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Int32>, Int, Int, UnsafePointer<Float>,
      UnsafePointer<Float>, Int, UnsafePointer<Int32>, UnsafePointer<Int32>, UnsafePointer<Int32>,
      Int,
      UnsafeMutablePointer<Int32>
    ) -> Int
  /// Scores, stride, rows, vectors, nearest, best, runner-up.
  public let smallestTwo:
    @convention(c) (
      UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Int32>,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
}
