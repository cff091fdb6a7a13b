import DTrainDist
import KernelTable

/// Finds the nearest centre of each of this rank's rows, in the Euclidean metric.
///
/// A label is the argmin over centres of the squared distance computed in Double
/// (``squaredDistance(row:center:)``), the lowest index on ties. Everything else here is a filter that
/// decides only what its rigorous error bound decides; the rest is computed by that definition. Hence
/// labels do not depend on blocks, bounds, kernels or the number of ranks.
///
/// Scores are s = ‖c‖²/2 - x·c in Float, of rows and centres that are shifted by the columns' means and
/// scaled by one power of two to magnitudes below 1. With u = 2^-24, columns d, and the products summed
/// in any order, |s - exact| <= (d + 8)·u·1.01·(‖x‖·‖c‖ + ‖c‖²/2): d + 1 roundings of the sum, two of the
/// shifted factors, and those of ‖c‖²/2. The definition's own rounding, below (d + 8)·2^-52·(‖x‖ + ‖c‖)²,
/// is added.
final class EuclideanAssigner {
  /// Bytes kept for each row beside the row itself: label, norm, upper bound; with `lanes` 64 more.
  static let bytesPerRow = 12, bytesPerRowOfBounds = 64

  /// The cluster of each local row; -1 before the first assignment.
  private(set) var labels: [Int32]
  /// Rows whose distances the last assignment skipped.
  private(set) var skipped = 0

  /// The columns' means.
  let means: [Float]

  private let data: ClusterData
  private let clusters: Int
  private let kernels: KernelTable
  private let shift: [Float]
  private let factor: [Float]
  private let scale: Double
  /// The largest possible norm of each row, scaled.
  private let norms: [Float]

  /// Centres as given, `[clusters, columns]`.
  private var centers: [Float] = []
  /// Scaled centres, `[paddedClusters, stride]`: negated with ‖c‖²/2 behind for products, or plain with
  /// `half` apart for tiles.
  private let prepared: AlignedFloats
  private let half: AlignedFloats
  private let paddedClusters: Int
  private let stride: Int
  private var largestNorm: Float = 0

  private let isNarrow: Bool
  private let usesBounds: Bool
  /// Upper bounds less the label's movement when they were made, and lower bounds of 16 lanes of centres
  /// plus the lanes' drift when they were made.
  private var upper: [Float]
  private let lower: AlignedFloats
  /// How far each centre has moved since the start, and the farthest of each lane, rounded up.
  private var moved: [Double]
  private let drift: AlignedFloats
  private var hasBounds = false

  private let blockRows: Int
  private let block: AlignedFloats
  private let scores: AlignedFloats
  private let best: AlignedFloats
  private let runnerUp: AlignedFloats
  private let lanes: AlignedFloats
  private var nearest: [Int32]

  /// Prepares the rows; collective, since the scaling is of all rows.
  ///
  /// - Parameter pruning: whether distances are skipped; nil where it pays.
  init(
    _ data: ClusterData, clusters: Int, kernels: KernelTable, pruning: Bool? = nil
  ) throws {
    self.data = data
    self.clusters = clusters
    self.kernels = kernels
    let columns = data.columns
    isNarrow = columns <= 32
    usesBounds = pruning ?? true && !isNarrow
    means = try ColumnScaling(.standard, of: data.rows, among: data.world).shift
    var shift = means
    var magnitude = Self.magnitude(of: data, without: shift)
    if magnitude >= Double(Float.greatestFiniteMagnitude) {
      // The differences themselves would be infinite.
      shift = [Float](repeating: 0, count: columns)
      magnitude = Self.magnitude(of: data, without: shift)
    }
    self.shift = shift
    let exponent = magnitude == 0 ? 0 : -(Int(magnitude.exponent) + 1)
    scale = Double(sign: .plus, exponent: min(max(exponent, -126), 126), significand: 1)
    factor = [Float](repeating: Float(scale), count: columns)
    paddedClusters = isNarrow ? (clusters + 3) / 4 * 4 : (clusters + 15) / 16 * 16
    stride = isNarrow ? columns : AlignedFloats.stride(columns + 1)
    prepared = AlignedFloats(count: paddedClusters * stride)
    half = AlignedFloats(count: paddedClusters)
    blockRows =
      isNarrow ? 16 : min(256, max(32, 65536 / paddedClusters / 16 * 16))
    block = AlignedFloats(count: blockRows * AlignedFloats.stride(columns + 1))
    scores = AlignedFloats(count: isNarrow ? 0 : blockRows * paddedClusters)
    best = AlignedFloats(count: blockRows)
    runnerUp = AlignedFloats(count: blockRows)
    lanes = AlignedFloats(count: blockRows * 16)
    nearest = [Int32](repeating: 0, count: blockRows)
    labels = [Int32](repeating: -1, count: data.rows.count)
    upper = usesBounds ? [Float](repeating: 0, count: data.rows.count) : []
    lower = AlignedFloats(count: usesBounds ? data.rows.count * 16 : 0)
    moved = [Double](repeating: 0, count: clusters)
    drift = AlignedFloats(count: 16)
    norms = Self.norms(of: data.rows, shift: shift, scale: scale)
    if !isNarrow {
      for row in 0..<blockRows { block.base[row * stride + columns] = 1 }
    }
  }

  /// The largest magnitude of any element less its column's shift.
  private static func magnitude(of data: ClusterData, without shift: [Float]) -> Double {
    shift.indices.reduce(0.0) {
      max(
        $0, abs(Double(data.least[$1]) - Double(shift[$1])),
        abs(Double(data.greatest[$1]) - Double(shift[$1])))
    }
  }

  /// The norm of each row after shift and scale, rounded up.
  private static func norms(of rows: RowBlock, shift: [Float], scale: Double) -> [Float] {
    var norms = [Float](repeating: 0, count: rows.count)
    rows.forEachRow { row, values in
      var sum = 0.0
      for column in values.indices {
        let difference = (Double(values[column]) - Double(shift[column])) * scale
        sum += difference * difference
      }
      norms[row] = Float(sum.squareRoot() * (1 + 0x1p-40)).nextUp
    }
    return norms
  }

  /// The squared distance that defines labels.
  func squaredDistance(row: Int, center: Int) -> Double {
    centers.withUnsafeBufferPointer {
      squaredDistance(row: row, to: $0.baseAddress! + center * data.columns)
    }
  }

  /// The squared distance of a local row to a point.
  func squaredDistance(row: Int, to point: UnsafePointer<Float>) -> Double {
    let columns = data.columns
    let start = data.rows.base + row * data.rows.rowBytes
    return switch data.rows.element {
    case .float32:
      kernels.clustering.squaredDistanceFloat(
        start.assumingMemoryBound(to: Float.self), point, columns)
    case .uint8:
      kernels.clustering.squaredDistanceUInt8(
        start.assumingMemoryBound(to: UInt8.self), point, columns)
    }
  }

  /// Forgets labels and bounds, for another start.
  func reset() {
    for row in labels.indices { labels[row] = -1 }
    hasBounds = false
  }

  /// Moves a row to another cluster, whatever its distance.
  func relabel(row: Int, to cluster: Int) {
    labels[row] = Int32(cluster)
    if usesBounds { forbidSkipping(row) }
  }

  /// Assigns every row to its nearest centre, and tells of each change.
  ///
  /// - Parameters:
  ///   - newCenters: `[clusters, columns]`.
  ///   - changed: called with a local row, its old label (-1 for none) and its new one.
  func assign(to newCenters: [Float], changed: (_ row: Int, _ old: Int, _ new: Int) -> Void) {
    recordMovement(to: newCenters)
    centers = newCenters
    prepare()
    skipped = 0
    if isNarrow {
      assignNarrow(changed)
    } else {
      assignWide(changed)
    }
    hasBounds = usesBounds
  }

  /// Adds the centres' movement to `moved` and to the lanes' drift.
  private func recordMovement(to newCenters: [Float]) {
    guard usesBounds else { return }
    guard hasBounds else {
      forgetMovement()
      return
    }
    var farthest = [Double](repeating: 0, count: 16)
    for cluster in 0..<clusters {
      var sum = 0.0
      for index in cluster * data.columns..<(cluster + 1) * data.columns {
        let difference = Double(newCenters[index]) - Double(centers[index])
        sum += difference * difference
      }
      let distance = sum.squareRoot() * scale * (1 + 0x1p-40)
      moved[cluster] += distance
      farthest[cluster % 16] = max(farthest[cluster % 16], distance)
    }
    for lane in 0..<16 {
      drift.base[lane] = Float(Double(drift.base[lane]) + farthest[lane]).nextUp
      // Centres that came from so far away that no bound means anything.
      if drift.base[lane] > 0x1p60 { hasBounds = false }
    }
    if !hasBounds { forgetMovement() }
  }

  private func forgetMovement() {
    for cluster in 0..<clusters { moved[cluster] = 0 }
    for lane in 0..<16 { drift.base[lane] = 0 }
  }

  private func prepare() {
    let columns = data.columns
    var largest = 0.0
    for cluster in 0..<clusters {
      var sum = 0.0
      let row = prepared.base + cluster * stride
      for column in 0..<columns {
        let value = Float(
          (Double(centers[cluster * columns + column]) - Double(shift[column])) * scale)
        row[column] = isNarrow ? value : -value
        sum += Double(value) * Double(value)
      }
      half.base[cluster] = Float(sum / 2)
      if !isNarrow { row[columns] = Float(sum / 2) }
      largest = max(largest, sum)
    }
    // Centres that are none are farther than any other, also where a start file's are far away.
    for cluster in clusters..<paddedClusters {
      half.base[cluster] = .infinity
      if !isNarrow { prepared.base[cluster * stride + columns] = .infinity }
    }
    largestNorm = Float(largest.squareRoot() * (1 + 0x1p-20)).nextUp
  }

  /// The bound on the error of a row's scores.
  @inline(__always)
  private func error(norm: Float) -> Float {
    let columns = Float(data.columns + 8)
    let sum = norm + largestNorm
    return columns * 0x1.03p-24 * (norm * largestNorm + largestNorm * largestNorm * 0.5)
      + columns * 0x1p-52 * sum * sum + 1e-37
  }

  /// The nearest of the centres whose score lies within the error of the smallest.
  private func decide(row: Int, limit: Float, scores: (Int) -> Float) -> Int {
    var (label, least) = (-1, Double.infinity)
    for cluster in 0..<clusters where !(scores(cluster) > limit) {
      let distance = squaredDistance(row: row, center: cluster)
      if distance < least || label < 0 { (label, least) = (cluster, distance) }
    }
    return label
  }

  private func set(row: Int, label: Int, _ changed: (Int, Int, Int) -> Void) {
    let old = Int(labels[row])
    guard old != label else { return }
    labels[row] = Int32(label)
    changed(row, old, label)
  }

  // MARK: Few columns

  private func assignNarrow(_ changed: (Int, Int, Int) -> Void) {
    let columns = data.columns
    let factor = Float(scale)
    let count = data.rows.count
    for first in Swift.stride(from: 0, to: count, by: 16) {
      let rows = min(16, count - first)
      switch data.rows.element {
      case .float32:
        let values = data.rows.base.assumingMemoryBound(to: Float.self) + first * columns
        for column in 0..<columns {
          for row in 0..<rows {
            block.base[column * 16 + row] =
              (values[row * columns + column] - shift[column]) * factor
          }
        }
      case .uint8:
        let values = data.rows.base.assumingMemoryBound(to: UInt8.self) + first * columns
        for column in 0..<columns {
          for row in 0..<rows {
            block.base[column * 16 + row] =
              (Float(values[row * columns + column]) - shift[column]) * factor
          }
        }
      }
      kernels.clustering.nearestInTile(
        block.base, columns, prepared.base, half.base, paddedClusters, &nearest, best.base,
        runnerUp.base)
      for row in 0..<rows {
        let error = error(norm: norms[first + row])
        if runnerUp.base[row] - best.base[row] > 2.0001 * error {
          set(row: first + row, label: Int(nearest[row]), changed)
        } else {
          set(
            row: first + row,
            label: decide(row: first + row, limit: .infinity) { _ in 0 }, changed)
        }
      }
    }
  }

  // MARK: Many columns

  private func assignWide(_ changed: (Int, Int, Int) -> Void) {
    var chosen: [Int32] = []
    chosen.reserveCapacity(blockRows)
    for row in 0..<data.rows.count {
      if hasBounds, canSkip(row) {
        skipped += 1
        continue
      }
      chosen.append(Int32(row))
      if chosen.count == blockRows { assignBlock(&chosen, changed) }
    }
    assignBlock(&chosen, changed)
  }

  /// Whether a row's bounds prove that its label stays.
  @inline(__always)
  private func canSkip(_ row: Int) -> Bool {
    let own = Float(moved[Int(labels[row])]).nextUp
    let limit = (upper[row] + own) + 0x1p-22 * (abs(upper[row]) + own)
    return kernels.clustering.boundsHold(lower.base + row * 16, drift.base, limit)
  }

  private func forbidSkipping(_ row: Int) {
    for lane in 0..<16 { lower.base[row * 16 + lane] = -1e30 }
  }

  /// Computes the scores of the chosen rows in one matrix product and decides them.
  private func assignBlock(_ chosen: inout [Int32], _ changed: (Int, Int, Int) -> Void) {
    let count = chosen.count
    guard count > 0 else { return }
    defer { chosen.removeAll(keepingCapacity: true) }
    switch data.rows.element {
    case .float32:
      kernels.gatherAffineFloat(
        block.base, stride, data.rows.base.assumingMemoryBound(to: Float.self), data.columns,
        chosen, count, shift, factor)
    case .uint8:
      kernels.gatherAffineUInt8(
        block.base, stride, data.rows.base.assumingMemoryBound(to: UInt8.self), data.columns,
        chosen, count, shift, factor)
    }
    MatrixMultiply.multiply(
      .init(block.base, stride: stride), .init(prepared.base, stride: stride, transposed: true),
      rows: count, columns: paddedClusters, inner: data.columns + 1, into: scores.base,
      stride: paddedClusters)
    kernels.clustering.smallestScores(
      scores.base, paddedClusters, count, paddedClusters / 16, &nearest, best.base, runnerUp.base,
      usesBounds ? lanes.base : nil)
    for index in 0..<count {
      let row = Int(chosen[index])
      let error = error(norm: norms[row])
      if runnerUp.base[index] - best.base[index] > 2.0001 * error {
        set(row: row, label: Int(nearest[index]), changed)
        if usesBounds { keepBounds(row, index, error) }
      } else {
        let limit = best.base[index] + 2.0001 * error
        let line = scores.base + index * paddedClusters
        set(row: row, label: decide(row: row, limit: limit) { line[$0] }, changed)
        if usesBounds { forbidSkipping(row) }
      }
    }
  }

  /// Keeps the bounds that a decided row's scores give.
  private func keepBounds(_ row: Int, _ index: Int, _ error: Float) {
    let squared = norms[row] * norms[row]
    // The norm is rounded up by less than 2^-22 of itself, its square by less than 2^-20.
    let error = error + squared * 0x1p-20
    let distance = max(0, squared + 2 * (best.base[index] + error)).squareRoot() * (1 + 0x1p-20)
    let own = Float(moved[Int(labels[row])])
    upper[row] = (distance - own) + 0x1p-22 * (distance + own)
    let bounds = lower.base + row * 16
    bounds.update(from: lanes.base + index * 16, count: 16)
    kernels.clustering.lowerBounds(bounds, squared, error, drift.base)
  }
}
