import DTrainDist
import KernelTable

/// Finds the nearest centre of each of this rank's rows, in the L1 metric.
///
/// A label is the argmin over centres of the distance computed in Double, the lowest index on ties.
/// ``ManhattanWords``, ``ManhattanScores`` and ``DistanceBounds`` decide only what their errors allow; the rest is
/// computed by that definition, whose own rounding, columns · 2^-53 of a distance, is within the scores' error.
/// Hence labels do not depend on blocks, bounds, kernels or the number of ranks. 4 bytes a row are kept, for the
/// label, and those of the bounds.
final class ManhattanAssigner: RowAssigner {
  var labels: [Int32] { Array(UnsafeBufferPointer(start: label.base, count: data.rows.count)) }
  private(set) var skipped = 0

  let data: ClusterData
  private let clusters: Int
  let kernels: KernelTable
  private let label: AlignedArray<Int32>
  private let scores: ManhattanScores
  /// Integers, as long as they decide nearly everything.
  private var words: ManhattanWords?
  private let found = NearestTwo()
  private let bounds: DistanceBounds?
  private var centers: [Float] = []

  private static let blockRows = 1024
  /// Local rows of a block that are looked at, and those of them that integers leave undecided.
  private let chosen = AlignedArray<Int32>(count: blockRows + NearestTwo.rows)
  private let undecided = AlignedArray<Int32>(count: blockRows + NearestTwo.rows)

  /// - Parameter pruning: whether distances are skipped; nil where it pays.
  init(_ data: ClusterData, clusters: Int, kernels: KernelTable, pruning: Bool? = nil) {
    self.data = data
    self.clusters = clusters
    self.kernels = kernels
    label = AlignedArray(count: data.rows.count)
    label.base.update(repeating: -1, count: data.rows.count)
    scores = ManhattanScores(data, clusters: clusters, kernels: kernels)
    words = ManhattanWords(data, clusters: clusters, kernels: kernels)
    bounds =
      pruning ?? true
      ? DistanceBounds(
        rows: data.rows.count, clusters: clusters, groupSize: clusters, isGrouped: false,
        kernels: kernels) : nil
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
    label.base.update(repeating: -1, count: data.rows.count)
    bounds?.forget()
  }

  func relabel(row: Int, to cluster: Int) {
    label.base[row] = Int32(cluster)
    bounds?.forbidSkipping(row)
  }

  func assign(to newCenters: [Float], changed: (_ row: Int, _ old: Int, _ new: Int) -> Void) {
    recordMovement(to: newCenters)
    centers = newCenters
    scores.prepare(newCenters)
    let wordError = words?.prepare(newCenters)
    skipped = 0
    var left = 0
    for first in stride(from: 0, to: data.rows.count, by: Self.blockRows) {
      Progress.beat()
      let block = first..<min(first + Self.blockRows, data.rows.count)
      let count = choose(block)
      skipped += block.count - count
      guard let words, let wordError else {
        assign(chosen.base, count, changed)
        continue
      }
      (found.relative, found.absolute) = (0x1p-22, wordError)
      let open = assign(chosen.base, count, by: words.measure, changed) { _, row, place in
        undecided.base[place] = row
      }
      left += open
      assign(undecided.base, open, changed)
    }
    bounds?.complete()
    // Integers too coarse for these rows cost more than they save.
    if left > 64 + (data.rows.count - skipped) / 2 { words = nil }
  }

  /// Tells the bounds how far each centre goes.
  private func recordMovement(to newCenters: [Float]) {
    guard let bounds else { return }
    guard bounds.areUsable else { return bounds.forget() }
    let columns = data.columns
    bounds.record(
      (0..<clusters).map { cluster in
        var sum = 0.0
        for index in cluster * columns..<(cluster + 1) * columns {
          sum += abs(Double(newCenters[index]) - Double(centers[index]))
        }
        return sum * (1 + 0x1p-30)
      })
  }

  /// Fills `chosen` with the rows of a block whose labels bounds do not prove; returns how many there are.
  private func choose(_ block: Range<Int>) -> Int {
    guard let bounds, bounds.areUsable else {
      for (place, row) in block.enumerated() { chosen.base[place] = Int32(row) }
      return block.count
    }
    return bounds.rowsToAssign(block, label.base, into: chosen.base)
  }

  /// Labels rows by single precision, and by the definition what that leaves undecided.
  private func assign(
    _ rows: UnsafeMutablePointer<Int32>, _ count: Int, _ changed: (Int, Int, Int) -> Void
  ) {
    (found.relative, found.absolute) = (Float(scores.relativeError), 0)
    _ = assign(rows, count, by: scores.measure, changed) { lane, row, _ in
      let own = found.best.base[lane]
      settle(Int(row), decide(lane, Int(row), best: own), changed)
      bounds?.forbidSkipping(Int(row))
    }
  }

  /// Labels the rows that a filter decides; passes on the others, with their place in the tile, and returns how
  /// many there were.
  @inline(__always)
  private func assign(
    _ rows: UnsafeMutablePointer<Int32>, _ count: Int,
    by measure: (UnsafePointer<Int32>, NearestTwo) -> Void, _ changed: (Int, Int, Int) -> Void,
    _ leave: (_ lane: Int, _ row: Int32, _ place: Int) -> Void
  ) -> Int {
    // The last tile is filled up with its last row.
    for place in count..<count + NearestTwo.rows where count > 0 { rows[place] = rows[count - 1] }
    var open = 0
    for start in stride(from: 0, to: count, by: NearestTwo.rows) {
      measure(rows + start, found)
      for lane in 0..<min(NearestTwo.rows, count - start) {
        let row = rows[start + lane]
        let (upper, lower) = found.bounds(lane)
        // Beyond 2^120 scores may have overflowed.
        guard upper < lower, upper < 0x1p120 else {
          leave(lane, row, open)
          open += 1
          continue
        }
        let new = Int(found.nearest.base[lane])
        bounds?.keep(row: Int(row), label: new, upper: upper, lower: lower)
        settle(Int(row), new, changed)
      }
    }
    return open
  }

  @inline(__always)
  private func settle(_ row: Int, _ new: Int, _ changed: (Int, Int, Int) -> Void) {
    let old = Int(label.base[row])
    guard old != new else { return }
    label.base[row] = Int32(new)
    changed(row, old, new)
  }

  /// The nearest, by the definition, of the centres whose scores lie within the error of the smallest.
  private func decide(_ lane: Int, _ row: Int, best: Float) -> Int {
    let error = scores.relativeError
    let isSmall = best < 0x1p120
    let limit = isSmall ? Double(best) * (1 + error) : .infinity
    var (nearest, least) = (-1, Double.infinity)
    for cluster in 0..<clusters
    where !(Double(scores.score(lane, cluster: cluster)) * (1 - error) > limit) {
      let distance = cost(row: row, center: cluster)
      if distance < least || nearest < 0 { (nearest, least) = (cluster, distance) }
    }
    return nearest
  }
}
