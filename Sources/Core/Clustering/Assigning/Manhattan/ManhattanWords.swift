/// The nearest centers of Float rows of few columns in 16-bit integers, two columns an instruction lane: twice as
/// fast as single precision.
///
/// A value x of column j becomes round((x - minimum[j]) / step), with a step for which all columns' integers
/// together stay below 2^15. The rounding of a row is at most columns · 0.51 steps, that of centers is computed.
final class ManhattanWords: ManhattanFilter {
  private let grid: ManhattanGrid
  private let words: Int
  /// `[paddedClusters, words]`.
  private let centers: AlignedArray<Int32>
  private let paddedClusters: Int
  private let tile: AlignedArray<Int32>

  private static let most = 32000.0

  /// Nil for rows that this does not suit.
  init?(_ data: ClusterData, clusters: Int, kernels: KernelTable) {
    guard data.rows.element == .float32, data.columns <= 32,
      let grid = ManhattanGrid(
        data, clusters: clusters, kernels: kernels, most: Self.most - Double(data.columns),
        over: { $0.reduce(0, +) }, columnsInBlock: 32)
    else { return nil }
    self.grid = grid
    words = (data.columns + 1) / 2
    paddedClusters = (clusters + 3) / 4 * 4
    centers = AlignedArray(count: paddedClusters * words)
    tile = AlignedArray(count: (data.columns + 31) / 32 * 16 * AssignedRows.tileRows)
  }

  func prepare(_ values: [Float]) -> Float? {
    let integers = UnsafeMutableRawPointer(centers.base).assumingMemoryBound(to: Int16.self)
    return grid.prepare(values) { integers[$0 * words * 2 + $1] = Int16($2) }
  }

  func measure(_ rows: UnsafePointer<Int32>, into found: NearestTwo) {
    let kernels = grid.kernels
    kernels.fillPairTile(
      tile.base, from: grid.data.rows.floats(), columns: grid.data.columns, rows: rows,
      shift: grid.shift.base, factor: grid.factor.base)
    kernels.nearestByAbsolute(
      pairTile: tile.base, words: words, centers: centers.base, count: paddedClusters,
      padding: paddedClusters - grid.clusters, nearest: found.nearest.base,
      best: found.bestInteger.base, runnerUp: found.runnerUpInteger.base)
    found.takeIntegers(unit: Float(grid.step))
  }
}
