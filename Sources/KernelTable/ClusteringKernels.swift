/// The vector kernels of clustering, as pointers to the build for one instruction set; documented where
/// they are written, in Sources/Kernels.
public struct ClusteringKernels: Sendable {
  /// The squared Euclidean distance that defines a label, of Float rows: x, c, columns.
  public let squaredDistanceFloat:
    @convention(c) (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Double
  /// The squared Euclidean distance that defines a label, of byte rows: x, c, columns.
  public let squaredDistanceUInt8:
    @convention(c) (UnsafePointer<UInt8>, UnsafePointer<Float>, Int) -> Double
  /// Scores, stride, rows, vectors, nearest, best, runner-up, lanes or nil.
  public let smallestScores:
    @convention(c) (
      UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Int32>,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>?
    ) -> Void
  /// Tile, columns, centers, h, count, nearest, best, runner-up.
  public let nearestInTile:
    @convention(c) (
      UnsafePointer<Float>, Int, UnsafePointer<Float>, UnsafePointer<Float>, Int,
      UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  /// Lower bounds, drift, limit.
  public let boundsHold: @convention(c) (UnsafePointer<Float>, UnsafePointer<Float>, Float) -> Bool
  /// Lanes, squared norm, error, drift.
  public let lowerBounds:
    @convention(c) (UnsafeMutablePointer<Float>, Float, Float, UnsafePointer<Float>) -> Void
}
