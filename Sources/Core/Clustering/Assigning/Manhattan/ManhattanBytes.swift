/// The nearest centers of Float rows of few columns in bytes, eight columns an instruction lane: a third of the work
/// of ``ManhattanWords``, enough for rows that lie well within a cluster.
///
/// A value x of column j becomes round((x - minimum[j]) / step), with a step for which the integers of the widest
/// column reach to 255. The rounding of a row is at most columns · 0.51 steps, that of centers is computed.
final class ManhattanBytes: ManhattanFilter {
  private let grid: ManhattanGrid
  private let groups: Int
  private let paddedClusters: Int
  /// `[paddedClusters, groups]`, a byte a column.
  private let centers: AlignedArray<UInt64>
  private let tile: AlignedArray<UInt64>

  /// The sum of so many columns' bytes stays below 2^15; numbers of clusters take 16 bits.
  private static let mostColumns = 128, mostClusters = 1 << 16

  /// Nil for rows that this does not suit.
  init?(_ data: ClusterData, clusters: Int, kernels: KernelTable) {
    guard data.rows.element == .float32, data.columns <= Self.mostColumns, clusters > 1,
      clusters < Self.mostClusters,
      let grid = ManhattanGrid(
        data, clusters: clusters, kernels: kernels, most: 255, over: { $0.reduce(0, max) },
        columnsInBlock: 16)
    else { return nil }
    self.grid = grid
    groups = (data.columns + 7) / 8
    paddedClusters = (clusters + 1) / 2 * 2
    centers = AlignedArray(count: paddedClusters * groups)
    tile = AlignedArray(count: groups * AssignedRows.tileRows)
  }

  func prepare(_ values: [Float]) -> Float? {
    let bytes = UnsafeMutableRawPointer(centers.base).assumingMemoryBound(to: UInt8.self)
    return grid.prepare(values) { bytes[$0 * groups * 8 + $1] = UInt8($2) }
  }

  func measure(_ rows: UnsafePointer<Int32>, into found: NearestTwo) {
    let kernels = grid.kernels
    kernels.fillByteTile(
      tile.base, from: grid.data.rows.floats(), columns: grid.data.columns, rows: rows,
      shift: grid.shift.base, factor: grid.factor.base)
    kernels.nearestByAbsolute(
      byteTile: tile.base, groups: groups, centers: centers.base, count: paddedClusters,
      padding: paddedClusters - grid.clusters, nearest: found.nearest.base,
      best: found.bestInteger.base, runnerUp: found.runnerUpInteger.base)
    found.takeIntegers(unit: Float(grid.step))
  }
}
