/// Scores in single precision.
///
/// With u = 2^-24, d columns, and the products summed in any order,
/// |s - exact| <= (d + 8)·u·1.01·(‖x‖·‖c‖ + ‖c‖²/2): d + 1 roundings of the sum, two of the shifted factors,
/// and those of ‖c‖²/2.
final class FloatScores: ScoreFilter {
  private(set) var error = ScoreError()

  private let rows: CenteredRows
  private let kernels: KernelTable
  private let shift: AlignedFloats
  private let factor: AlignedFloats
  /// `[paddedClusters, columns]`.
  private let centers: AlignedFloats
  private let half: AlignedFloats
  private let tile: AlignedFloats
  /// Some of the centers, side by side, and how many.
  private lazy var selected = (
    centers: AlignedFloats(count: centers.count), half: AlignedFloats(count: half.count)
  )
  private var selectedCount = 0

  init(_ rows: CenteredRows, paddedClusters: Int, kernels: KernelTable) {
    self.rows = rows
    self.kernels = kernels
    let columns = rows.rows.columns
    let room = AlignedFloats.stride(columns)
    (shift, factor) = rows.shiftAndFactor(room: room)
    centers = AlignedFloats(count: paddedClusters * columns)
    half = AlignedFloats(count: paddedClusters)
    tile = AlignedFloats(count: room * AssignedRows.tileRows)
  }

  /// Takes new centers, `[clusters, columns]`.
  func prepare(_ values: [Float]) {
    let columns = rows.rows.columns
    let clusters = values.count / columns
    var largest = 0.0
    for cluster in 0..<clusters {
      var sum = 0.0
      for column in 0..<columns {
        let index = cluster * columns + column
        let value = Float(rows.coordinate(values[index], column))
        centers.base[index] = value
        sum += Double(value) * Double(value)
      }
      half.base[cluster] = Float(sum / 2)
      largest = max(largest, sum)
    }
    // Centers that are none are farther than any other, also where those of an --init file are far away.
    for cluster in clusters..<half.count { half.base[cluster] = .infinity }
    let norm = largest.squareRoot() * (1 + 0x1p-20)
    let relative = Double(columns + 8) * 0x1.03p-24
    error = ScoreError(
      slope: relative * norm, constant: relative * norm * norm / 2 + 1e-37, largest: norm,
      columns: columns)
  }

  func measure(_ chosen: UnsafePointer<Int32>, into result: TileResult) {
    measure(chosen, centers, half, count: result.paddedClusters, into: result)
  }

  /// Sets some of the centers aside, for ``measureSelected(_:into:)``.
  func select(_ places: UnsafeBufferPointer<Int32>) {
    let columns = rows.rows.columns
    for (index, place) in places.enumerated() {
      (selected.centers.base + index * columns).update(
        from: centers.base + Int(place) * columns, count: columns)
      selected.half.base[index] = half.base[Int(place)]
    }
    selectedCount = (places.count + 3) / 4 * 4
    for index in places.count..<selectedCount { selected.half.base[index] = .infinity }
  }

  /// Finds the scores of the selected centers; there is one group of them.
  func measureSelected(_ chosen: UnsafePointer<Int32>, into result: TileResult) {
    measure(chosen, selected.centers, selected.half, count: selectedCount, into: result)
  }

  private func measure(
    _ chosen: UnsafePointer<Int32>, _ centers: AlignedFloats, _ half: AlignedFloats, count: Int,
    into result: TileResult
  ) {
    let data = rows.rows
    switch data.element {
    case .float32:
      kernels.fillTile(
        tile.base, from: data.floats(), columns: data.columns, rows: chosen, shift: shift.base,
        factor: factor.base)
    case .uint8:
      kernels.fillTile(
        tile.base, from: data.bytes(), columns: data.columns, rows: chosen, shift: shift.base,
        factor: factor.base)
    }
    kernels.nearest(
      tile: tile.base, columns: data.columns, centers: centers.base, h: half.base,
      count: count, groupSize: result.groupSize, nearest: result.nearest.base,
      best: result.best.base, runnerUp: result.runnerUp.base, scores: result.scores.base,
      groups: result.groups?.base)
  }
}
