/// What earlier assignments prove about distances, by the triangle inequality: for each row an upper bound of
/// its distance to its own center, and lower bounds of those to groups of other centers.
///
/// Centers' movements are added up once for all rows: an upper bound is kept less its center's movement so
/// far, a lower bound plus its group's (G. Hamerly, 2010; Y. Ding et al., 2015). A row nearer to its center than
/// half of that center's distance to any other needs no lower bound (C. Elkan, 2003). Everything is in scaled units
/// and rounded to the safe side. They take 8 bytes a row with one group, 68 with several.
final class DistanceBounds {
  /// Whether the bounds hold for the labels as they are.
  private(set) var areUsable = false

  private let isGrouped: Bool
  private let groupSize: Int
  private let kernels: KernelTable
  let upper: AlignedFloats
  /// `[rows]` or `[rows, 16]`.
  let lower: AlignedFloats
  /// How far each center has moved, and how far any other of one group has; the farthest of each group.
  let moved: AlignedFloats
  let others: AlignedFloats
  /// Half of each center's distance to the nearest other one, with one group; 0 where it is not known.
  private let halves: AlignedFloats
  private let drift: AlignedFloats

  init(rows: Int, clusters: Int, groupSize: Int, isGrouped: Bool, kernels: KernelTable) {
    self.isGrouped = isGrouped
    self.groupSize = groupSize
    self.kernels = kernels
    upper = AlignedFloats(count: rows)
    lower = AlignedFloats(count: rows * (isGrouped ? 16 : 1))
    moved = AlignedFloats(count: clusters)
    others = AlignedFloats(count: clusters)
    halves = AlignedFloats(count: clusters)
    drift = AlignedFloats(count: 16)
  }

  /// Forgets everything, before an assignment that knows nothing.
  func forget() {
    areUsable = false
    moved.base.update(repeating: 0, count: moved.count)
    others.base.update(repeating: 0, count: others.count)
    drift.base.update(repeating: 0, count: drift.count)
  }

  /// Says that an assignment has looked at every row.
  func complete() { areUsable = true }

  /// Learns how far the centers are from each other, unless that is more work than it may save.
  ///
  /// - Complexity: O(clusters²) distances, at most eight times the rows.
  func separate(_ distance: (_ center: Int, _ other: Int) -> Double) {
    let clusters = halves.count
    guard !isGrouped, areUsable, clusters * clusters <= 16 * upper.count else {
      return halves.base.update(repeating: 0, count: clusters)
    }
    halves.base.update(repeating: .infinity, count: clusters)
    for center in 1..<max(clusters, 1) {
      Progress.beat()
      for other in 0..<center {
        let half = Float(distance(center, other) * (0.5 - 0x1p-20)).nextDown
        halves.base[center] = min(halves.base[center], half)
        halves.base[other] = min(halves.base[other], half)
      }
    }
  }

  /// Adds a movement of each center, at least as far as it went.
  func record(_ distances: [Double]) {
    var (farthest, second, place) = (0.0, 0.0, 0)
    for (cluster, distance) in distances.enumerated() {
      Self.add(distance, to: moved.base + cluster)
      if distance > farthest {
        (second, farthest, place) = (farthest, distance, cluster)
      } else {
        second = max(second, distance)
      }
    }
    if isGrouped {
      for first in stride(from: 0, to: distances.count, by: groupSize) {
        let group = distances[first..<min(first + groupSize, distances.count)]
        Self.add(group.max() ?? 0, to: drift.base + first / groupSize)
      }
    } else {
      for cluster in distances.indices {
        Self.add(cluster == place ? second : farthest, to: others.base + cluster)
      }
    }
    // Centers that come from so far away that no bound means anything.
    if !(farthest < 0x1p50) { forget() }
  }

  private static func add(_ distance: Double, to sum: UnsafeMutablePointer<Float>) {
    if distance > 0 { sum.pointee = Float(Double(sum.pointee) + distance).nextUp }
  }

  /// The rows of a range whose labels the bounds do not prove, in order.
  ///
  /// - Returns: how many there are.
  func rowsToAssign(
    _ range: Range<Int>, _ labels: UnsafePointer<Int32>, into chosen: UnsafeMutablePointer<Int32>
  ) -> Int {
    isGrouped
      ? kernels.rowsToAssign(
        range, labels: labels, upper: upper.base, moved: moved.base, lower: lower.base,
        drift: drift.base, chosen: chosen)
      : kernels.rowsToAssign(
        range, labels: labels, upper: upper.base, moved: moved.base, lower: lower.base,
        others: others.base, halves: halves.base, chosen: chosen)
  }

  /// Whether the lower bounds prove the label of a row that is at most `distance` from its center.
  @inline(__always)
  func prove(row: Int, label: Int, distance: Float) -> Bool {
    guard kernels.boundsHold(lower: lower.base + row * 16, drift: drift.base, limit: distance)
    else { return false }
    keepUpper(row: row, label: label, distance: distance)
    return true
  }

  @inline(__always)
  private func keepUpper(row: Int, label: Int, distance: Float) {
    let own = moved.base[label]
    upper.base[row] = (distance - own) + 0x1p-22 * (distance + own)
  }

  /// Keeps the bounds that scores give.
  @inline(__always)
  func keep(row: Int, label: Int, lane: Int, of result: TileResult) {
    guard isGrouped else {
      return keep(
        row: row, label: label, upper: result.upper.base[lane], lower: result.lower.base[lane])
    }
    if let groups = result.groups {
      let squared = result.norms.base[lane] * result.norms.base[lane]
      keep(
        row: row, label: label, upper: result.upper.base[lane], scores: groups.base + lane * 16,
        squared: squared, error: result.errors.base[lane] + squared * 0x1p-20)
    }
  }

  /// Keeps the bounds of a row with several groups.
  ///
  /// - Parameters:
  ///   - upper: at least the distance to its own center.
  ///   - scores: of each group the smallest score of any other center, `[16]`, less than `error` too large; infinity
  ///     for groups without.
  ///   - squared: the square of what is at least the row's norm.
  @inline(__always)
  func keep(
    row: Int, label: Int, upper: Float, scores: UnsafePointer<Float>, squared: Float, error: Float
  ) {
    keepUpper(row: row, label: label, distance: upper)
    kernels.lowerBounds(
      lower.base + row * 16, scores: scores, squared: squared, error: error, drift: drift.base)
  }

  /// Keeps the bounds of a row with one group.
  @inline(__always)
  func keep(row: Int, label: Int, upper: Float, lower: Float) {
    keepUpper(row: row, label: label, distance: upper)
    self.lower.base[row] = (lower + others.base[label]) * (1 - 0x1p-22)
  }

  /// Makes the next assignment look at a row.
  @inline(__always)
  func forbidSkipping(_ row: Int) {
    let width = isGrouped ? 16 : 1
    (lower.base + row * width).update(repeating: -1e30, count: width)
    // No number is an upper bound of every distance.
    upper.base[row] = .infinity
  }
}
