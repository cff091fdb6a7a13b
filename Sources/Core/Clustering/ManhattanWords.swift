import KernelTable

/// The nearest centres of Float rows of few columns in 16-bit integers, two columns an instruction lane: twice as
/// fast as single precision.
///
/// A value x of column j becomes round((x - least[j]) / step), with a step for which all columns' integers
/// together stay below 2^15. The rounding of a row is at most columns · 0.51 steps, that of centres is computed.
final class ManhattanWords {
  private let data: ClusterData
  private let clusters: Int
  private let kernels: KernelTable
  /// Nil where the columns' ranges are too large or too small to be divided.
  private let step: Double
  private let words: Int
  private let shift: AlignedFloats
  private let factor: AlignedFloats
  /// `[paddedClusters, words]`.
  private let centers: AlignedArray<Int32>
  private let paddedClusters: Int
  private let tile: AlignedArray<Int32>
  private let best = AlignedArray<Int32>(count: NearestTwo.rows)
  private let runnerUp = AlignedArray<Int32>(count: NearestTwo.rows)

  private static let most = 32000.0

  /// Nil for rows that this does not suit.
  init?(_ data: ClusterData, clusters: Int, kernels: KernelTable) {
    guard data.rows.element == .float32, data.columns <= 32 else { return nil }
    let width = zip(data.least, data.greatest).reduce(0.0) { $0 + (Double($1.1) - Double($1.0)) }
    guard width > 0x1p-100, width < 0x1p100 else { return nil }
    self.data = data
    self.clusters = clusters
    self.kernels = kernels
    // A factor that is a Float, and so a step that is known.
    let inverse = Float((Self.most - Double(data.columns)) / width)
    step = 1 / Double(inverse)
    let room = (data.columns + 31) / 32 * 32
    words = (data.columns + 1) / 2
    shift = AlignedFloats(count: room)
    factor = AlignedFloats(count: room)
    for column in 0..<data.columns {
      shift.base[column] = data.least[column]
      factor.base[column] = inverse
    }
    paddedClusters = (clusters + 3) / 4 * 4
    centers = AlignedArray(count: paddedClusters * words)
    tile = AlignedArray(count: room / 2 * 16)
  }

  /// Takes new centres, `[clusters, columns]`.
  ///
  /// - Returns: the largest error of a distance; nil where centres lie too far beyond the rows.
  func prepare(_ values: [Float]) -> Float? {
    let columns = data.columns
    let integers = UnsafeMutableRawPointer(centers.base).assumingMemoryBound(to: Int16.self)
    var largest = 0.0
    for cluster in 0..<clusters {
      var error = 0.0
      for column in 0..<columns {
        let scaled =
          (Double(values[cluster * columns + column]) - Double(data.least[column])) / step
        let width = (Double(data.greatest[column]) - Double(data.least[column])) / step
        let integer = max(0, min(width.rounded(), scaled.rounded()))
        error += abs(scaled - integer)
        integers[cluster * words * 2 + column] = Int16(integer)
      }
      largest = max(largest, error)
    }
    guard largest <= Double(columns) else { return nil }
    return Float((largest + Double(columns) * 0.51) * step * (1 + 0x1p-20)).nextUp
  }

  /// Finds the nearest centres of sixteen local rows.
  func measure(_ rows: UnsafePointer<Int32>, into found: NearestTwo) {
    kernels.clustering.tileOfFloatPairs(
      tile.base, data.rows.base.assumingMemoryBound(to: Float.self), data.columns, rows,
      shift.base, factor.base)
    kernels.manhattan.nearestOfAbsolutePairs(
      tile.base, words, centers.base, paddedClusters, paddedClusters - clusters,
      found.nearest.base, best.base, runnerUp.base)
    let unit = Float(step)
    for lane in 0..<NearestTwo.rows {
      found.best.base[lane] = Float(best.base[lane]) * unit
      found.runnerUp.base[lane] = Float(runnerUp.base[lane]) * unit
    }
  }
}
