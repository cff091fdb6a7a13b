import DTrainDist
import KernelTable

/// Finds the nearest centre of each of this rank's rows, in the L1 metric.
///
/// A label is the argmin over centres of the distance computed in Double, the lowest index on ties.
/// ``ManhattanScores`` and the bounds below decide only what their errors allow; the rest is computed by
/// that definition, whose own rounding, columns · 2^-53 of a distance, is within the scores' error. Hence
/// labels do not depend on blocks, bounds, kernels or the number of ranks.
///
/// Bounds (G. Hamerly, 2010), valid in every metric: of each row the distance to its centre, at most
/// `upper`, and to any other, at least `lower`. A centre that moves by m makes the first larger by at most
/// its own m, and the second smaller by at most the largest m.
final class ManhattanAssigner: RowAssigner {
  /// Bytes kept for each row beside the row itself: label; with bounds 8 more.
  static let bytesPerRow = 4, bytesPerRowOfBounds = 8

  private(set) var labels: [Int32]
  private(set) var skipped = 0

  private let data: ClusterData
  private let clusters: Int
  private let kernels: KernelTable
  private let scores: ManhattanScores
  private var centers: [Float] = []

  private let usesBounds: Bool
  private var hasBounds = false
  /// Upper bounds less what the label had moved when they were made, and lower bounds plus the drift of
  /// that time.
  private var upper: [Float]
  private var lower: [Float]
  /// How far each centre has moved since the start, and the sum of the farthest movements, rounded up.
  private var moved: [Double]
  private var drift = 0.0
  /// Above the rounding of a distance by the definition, relative to it.
  private let slackFactor: Double

  /// - Parameter pruning: whether distances are skipped; nil where it pays.
  init(_ data: ClusterData, clusters: Int, kernels: KernelTable, pruning: Bool? = nil) {
    self.data = data
    self.clusters = clusters
    self.kernels = kernels
    usesBounds = pruning ?? true
    scores = ManhattanScores(data, clusters: clusters, kernels: kernels)
    labels = [Int32](repeating: -1, count: data.rows.count)
    upper = [Float](repeating: 0, count: usesBounds ? data.rows.count : 0)
    lower = upper
    moved = [Double](repeating: 0, count: clusters)
    slackFactor = max(0x1p-40, Double(data.columns) * 0x1p-50)
  }

  func cost(row: Int, center: Int) -> Double {
    centers.withUnsafeBufferPointer {
      cost(row: row, to: $0.baseAddress! + center * data.columns)
    }
  }

  func cost(row: Int, to point: UnsafePointer<Float>) -> Double {
    let start = data.rows.base + row * data.rows.rowBytes
    return switch data.rows.element {
    case .float32:
      kernels.manhattan.absoluteDistanceFloat(
        start.assumingMemoryBound(to: Float.self), point, data.columns)
    case .uint8:
      kernels.manhattan.absoluteDistanceUInt8(
        start.assumingMemoryBound(to: UInt8.self), point, data.columns)
    }
  }

  func reset() {
    for row in labels.indices { labels[row] = -1 }
    hasBounds = false
  }

  func relabel(row: Int, to cluster: Int) {
    labels[row] = Int32(cluster)
    forbidSkipping(row)
  }

  func assign(to newCenters: [Float], changed: (_ row: Int, _ old: Int, _ new: Int) -> Void) {
    recordMovement(to: newCenters)
    centers = newCenters
    scores.prepare(newCenters)
    skipped = 0
    var chosen: [Int32] = []
    chosen.reserveCapacity(ManhattanScores.blockRows)
    for row in 0..<data.rows.count {
      if hasBounds, canSkip(row) {
        skipped += 1
        continue
      }
      chosen.append(Int32(row))
      if chosen.count == ManhattanScores.blockRows {
        assign(chosen, changed)
        chosen.removeAll(keepingCapacity: true)
      }
    }
    if !chosen.isEmpty { assign(chosen, changed) }
    hasBounds = usesBounds
  }

  /// Labels a block of rows.
  private func assign(_ rows: [Int32], _ changed: (Int, Int, Int) -> Void) {
    Progress.beat()
    scores.measure(rows)
    for (index, row) in rows.enumerated() {
      let label = scores.isExact ? decideExactly(index, Int(row)) : decide(index, Int(row))
      let old = Int(labels[Int(row)])
      guard old != label else { continue }
      labels[Int(row)] = Int32(label)
      changed(Int(row), old, label)
    }
  }

  /// The lowest of the centres with the smallest score.
  private func decideExactly(_ index: Int, _ row: Int) -> Int {
    let (best, runnerUp) = (scores.best.base[index], scores.runnerUp.base[index])
    var label = Int(scores.nearest[index])
    if runnerUp == best {
      label = (0..<clusters).first { scores.score(index, cluster: $0) == best } ?? label
    }
    keepBounds(row, label, Double(best) * scores.unit, Double(runnerUp) * scores.unit)
    return label
  }

  /// The centre of the smallest score where the error leaves no doubt, else by the definition.
  private func decide(_ index: Int, _ row: Int) -> Int {
    let error = scores.relativeError
    let best = Double(scores.best.base[index])
    let runnerUp = Double(scores.runnerUp.base[index])
    // Beyond 2^120 scores may have overflowed.
    let isSmall = best < 0x1p120
    if isSmall, runnerUp * (1 - error) > best * (1 + error) {
      let label = Int(scores.nearest[index])
      keepBounds(row, label, best * (1 + 2 * error), min(runnerUp, 0x1p124) * (1 - 2 * error))
      return label
    }
    forbidSkipping(row)
    let limit = isSmall ? best * (1 + error) : .infinity
    var (label, least) = (-1, Double.infinity)
    for cluster in 0..<clusters
    where !(Double(scores.score(index, cluster: cluster)) * (1 - error) > limit) {
      let distance = cost(row: row, center: cluster)
      if distance < least || label < 0 { (label, least) = (cluster, distance) }
    }
    return label
  }

  // MARK: Bounds

  /// Adds the centres' movement to `moved` and to the drift.
  private func recordMovement(to newCenters: [Float]) {
    guard usesBounds else { return }
    if hasBounds {
      var farthest = 0.0
      for cluster in 0..<clusters {
        var distance = 0.0
        for index in cluster * data.columns..<(cluster + 1) * data.columns {
          distance += abs(Double(newCenters[index]) - Double(centers[index]))
        }
        // Rounded up by more than all sums of movements can be rounded down.
        distance *= 1 + 0x1p-30
        moved[cluster] += distance
        farthest = max(farthest, distance)
      }
      drift += farthest
      // Centres that came from so far away that no bound means anything.
      hasBounds = drift < 0x1p120
    }
    if !hasBounds {
      for cluster in 0..<clusters { moved[cluster] = 0 }
      drift = 0
    }
  }

  /// Whether a row's bounds prove that its label stays.
  @inline(__always)
  private func canSkip(_ row: Int) -> Bool {
    let (above, own) = (Double(upper[row]), moved[Int(labels[row])])
    let below = Double(lower[row])
    let slack = slackFactor * (abs(above) + own + abs(below) + drift)
    return above + own + slack < below - drift
  }

  private func keepBounds(_ row: Int, _ label: Int, _ own: Double, _ other: Double) {
    guard usesBounds else { return }
    upper[row] = Float(own - moved[label]).nextUp
    lower[row] = Float(min(other + drift, 0x1p126)).nextDown
  }

  private func forbidSkipping(_ row: Int) {
    guard usesBounds else { return }
    lower[row] = -.infinity
  }
}
