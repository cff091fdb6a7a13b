/// The L1 distances of a few rows to all centers, exact or to a known relative error.
///
/// Rows of few columns are transposed, so that sixteen of them are measured side by side; rows of many
/// columns are measured one by one. Rows of bytes are compared as bytes where every coordinate of the
/// centers is a multiple of a half from 0 to 255, as medians of bytes are; that is exact.
final class ManhattanScores {
  /// |score - distance| <= relativeError · distance, below 2^120.
  var relativeError: Double { planes == nil ? floatError : 0 }

  private let floatError: Double
  private let data: ClusterData
  private let clusters: Int
  private let kernels: KernelTable
  private let isNarrow: Bool
  private let paddedClusters: Int
  private let stride: Int
  private let tile: AlignedFloats
  private let scores: AlignedFloats
  private let prepared: AlignedFloats
  private var planes: BytePlanes?

  init(_ data: ClusterData, clusters: Int, kernels: KernelTable) {
    self.data = data
    self.clusters = clusters
    self.kernels = kernels
    isNarrow = data.columns <= 32
    floatError = Double(data.columns + 2) * 0x1p-24 * 1.01
    paddedClusters = isNarrow ? (clusters + 3) / 4 * 4 : (clusters + 15) / 16 * 16
    stride = isNarrow ? data.columns : (data.columns + 15) / 16 * 16
    tile = AlignedFloats(count: isNarrow ? data.columns * 16 : stride)
    scores = AlignedFloats(count: paddedClusters * AssignedRows.tileRows)
    prepared = AlignedFloats(count: paddedClusters * stride)
    if !isNarrow { scores.base.update(repeating: .infinity, count: scores.count) }
  }

  /// Sets the centers, `[clusters, columns]`.
  func prepare(_ centers: [Float]) {
    planes =
      !isNarrow && data.rows.element == .uint8
      ? BytePlanes(centers, clusters: clusters, columns: data.columns) : nil
    guard planes == nil else { return }
    for cluster in 0..<clusters {
      for column in 0..<data.columns {
        prepared.base[cluster * stride + column] = centers[cluster * data.columns + column]
      }
    }
  }

  /// Measures sixteen local rows.
  ///
  /// - Complexity: O(clusters · columns).
  func measure(_ rows: UnsafePointer<Int32>, into found: NearestTwo) {
    if isNarrow {
      fillTile(rows)
      kernels.absoluteScores(
        tile: tile.base, columns: data.columns, centers: prepared.base, count: paddedClusters,
        padding: paddedClusters - clusters, scores: scores.base, nearest: found.nearest.base,
        best: found.best.base, runnerUp: found.runnerUp.base)
      return
    }
    for index in 0..<AssignedRows.tileRows {
      let row = rows[index]
      let line = scores.base + index * paddedClusters
      if planes != nil {
        planes!.measure(data.rows.bytes(Int(row)), kernels, line)
      } else {
        kernels.absoluteScores(
          row: floats(Int(row)), columns: data.columns, centers: prepared.base, stride: stride,
          count: paddedClusters, scores: line)
        for padding in clusters..<paddedClusters { line[padding] = .infinity }
      }
    }
    kernels.smallestTwo(
      scores: scores.base, stride: paddedClusters, rows: AssignedRows.tileRows,
      vectors: paddedClusters / 16, nearest: found.nearest.base, best: found.best.base,
      runnerUp: found.runnerUp.base)
  }

  /// The score of the row at an index of the rows measured last.
  func score(_ index: Int, cluster: Int) -> Float {
    isNarrow ? scores.base[cluster * 16 + index] : scores.base[index * paddedClusters + cluster]
  }

  /// A row as floats; of bytes a copy, which the next call overwrites.
  private func floats(_ row: Int) -> UnsafePointer<Float> {
    guard data.rows.element == .uint8 else { return data.rows.floats(row) }
    let source = data.rows.bytes(row)
    for column in 0..<data.columns { tile.base[column] = Float(source[column]) }
    return UnsafePointer(tile.base)
  }

  private func fillTile(_ rows: UnsafePointer<Int32>) {
    switch data.rows.element {
    case .float32:
      kernels.fillTile(
        tile.base, from: data.rows.floats(), columns: data.columns, rows: rows,
        count: AssignedRows.tileRows)
    case .uint8:
      for index in 0..<AssignedRows.tileRows {
        let source = data.rows.bytes(Int(rows[index]))
        for column in 0..<data.columns { tile.base[column * 16 + index] = Float(source[column]) }
      }
    }
  }
}
