import KernelTable

/// The L1 distances of a few rows to all centres, exact or to a known relative error.
///
/// Rows of few columns are transposed, so that sixteen of them are measured side by side; rows of many
/// columns are measured one by one. Rows of bytes are compared as bytes where every coordinate of the
/// centres is a multiple of a half from 0 to 255, as medians of bytes are; that is exact.
final class ManhattanScores {
  /// Rows that are measured at a time.
  static let blockRows = 16

  /// Whether scores are free of error.
  private(set) var isExact = false
  /// What scores are multiples of distances.
  var unit: Double { isExact ? 0.5 : 1 }
  /// For scores that are not exact: |score - distance| <= relativeError · distance, below 2^120.
  let relativeError: Double

  /// The smallest and the next score of each row measured last, and the centre of the smallest.
  let best: AlignedFloats
  let runnerUp: AlignedFloats
  private(set) var nearest: [Int32]

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
    relativeError = Double(data.columns + 2) * 0x1p-24 * 1.01
    paddedClusters = isNarrow ? (clusters + 3) / 4 * 4 : (clusters + 15) / 16 * 16
    stride = isNarrow ? data.columns : (data.columns + 15) / 16 * 16
    best = AlignedFloats(count: Self.blockRows)
    runnerUp = AlignedFloats(count: Self.blockRows)
    nearest = [Int32](repeating: 0, count: Self.blockRows)
    tile = AlignedFloats(count: isNarrow ? data.columns * 16 : stride)
    scores = AlignedFloats(count: paddedClusters * Self.blockRows)
    prepared = AlignedFloats(count: paddedClusters * stride)
    if !isNarrow {
      for index in 0..<paddedClusters * Self.blockRows { scores.base[index] = .infinity }
    }
  }

  /// Sets the centres, `[clusters, columns]`.
  func prepare(_ centers: [Float]) {
    planes =
      !isNarrow && data.rows.element == .uint8
      ? BytePlanes(centers, clusters: clusters, columns: data.columns) : nil
    isExact = planes != nil
    guard planes == nil else { return }
    for cluster in 0..<clusters {
      for column in 0..<data.columns {
        prepared.base[cluster * stride + column] = centers[cluster * data.columns + column]
      }
    }
  }

  /// Measures at most ``blockRows`` local rows; fills `best`, `runnerUp` and `nearest`.
  ///
  /// - Complexity: O(rows · clusters · columns).
  func measure(_ rows: [Int32]) {
    if isNarrow {
      fillTile(rows)
      kernels.manhattan.absoluteScoresInTile(
        tile.base, data.columns, prepared.base, paddedClusters, paddedClusters - clusters,
        scores.base, &nearest, best.base, runnerUp.base)
      return
    }
    for (index, row) in rows.enumerated() {
      let line = scores.base + index * paddedClusters
      if planes != nil {
        planes!.measure(bytes(Int(row)), kernels, line)
      } else {
        kernels.manhattan.absoluteScores(
          floats(Int(row)), data.columns, prepared.base, stride, paddedClusters, line)
        for padding in clusters..<paddedClusters { line[padding] = .infinity }
      }
    }
    kernels.manhattan.smallestTwo(
      scores.base, paddedClusters, rows.count, paddedClusters / 16, &nearest, best.base,
      runnerUp.base)
  }

  /// The score of the row at an index of the rows measured last.
  func score(_ index: Int, cluster: Int) -> Float {
    isNarrow ? scores.base[cluster * 16 + index] : scores.base[index * paddedClusters + cluster]
  }

  private func bytes(_ row: Int) -> UnsafePointer<UInt8> {
    data.rows.base.assumingMemoryBound(to: UInt8.self) + row * data.columns
  }

  /// A row as floats; of bytes a copy, which the next call overwrites.
  private func floats(_ row: Int) -> UnsafePointer<Float> {
    guard data.rows.element == .uint8 else {
      return data.rows.base.assumingMemoryBound(to: Float.self) + row * data.columns
    }
    let source = bytes(row)
    for column in 0..<data.columns { tile.base[column] = Float(source[column]) }
    return UnsafePointer(tile.base)
  }

  private func fillTile(_ rows: [Int32]) {
    switch data.rows.element {
    case .float32:
      kernels.manhattan.transposeIntoTile(
        data.rows.base.assumingMemoryBound(to: Float.self), data.columns, rows, rows.count,
        tile.base)
    case .uint8:
      for (index, row) in rows.enumerated() {
        let source = bytes(Int(row))
        for column in 0..<data.columns { tile.base[column * 16 + index] = Float(source[column]) }
      }
    }
  }
}
