/// The points near each of some centers, the nearest first: what rows of these centers may be nearer to.
///
/// A row is no nearer to a point than to its center where it is nearer to that than half of the way to the point. Rows of
/// one center are looked at side by side, so that sixteen of them share a short list (after J. Newling, F. Fleuret,
/// "Fast k-means with accurate bounds", 2016).
struct NeighborPoints {
  private let points: Int
  private let centers: Int
  /// `[centers, points]`: the points from the nearest to the farthest, and up to which cost a row of the center is no
  /// nearer to each.
  private var order: [Int32] = []
  private var halves: [Double] = []

  /// Rows that are sorted by their centers at a time.
  private static let mostRows = 1 << 17

  /// - Parameter costs: what each point costs at each center, `[points, centers]`.
  /// - Complexity: O(centers · points · log points).
  init(
    _ points: [Float], of centers: [Float], columns: Int, costs: [Double], _ metric: ClusterMetric
  ) {
    self.points = points.count / columns
    self.centers = centers.count / columns
    order.reserveCapacity(self.points * self.centers)
    halves.reserveCapacity(self.points * self.centers)
    for center in 0..<self.centers {
      Progress.beat()
      let halves = (0..<self.points).map {
        metric.costOfHalf(costs[$0 * self.centers + center])
      }
      let sorted = (0..<self.points).sorted { (halves[$0], $0) < (halves[$1], $1) }
      order += sorted.map { Int32($0) }
      self.halves += sorted.map { halves[$0] }
    }
  }

  /// Calls `body` for tiles of rows of one center each, with the points that one of them may be nearer to. Copies of its
  /// last row fill up a tile.
  ///
  /// - Parameters:
  ///   - nearest, owners: of each row the cost at its center, and which that is.
  func forEachTile(
    of rows: Int, _ nearest: UnsafeBufferPointer<Double>, _ owners: UnsafePointer<Int32>,
    _ body: (
      _ tile: UnsafePointer<Int32>, _ count: Int, _ points: UnsafeBufferPointer<Int32>
    ) -> Void
  ) {
    let sorted = AlignedArray<Int32>(count: min(rows, Self.mostRows) + AssignedRows.tileRows)
    for first in stride(from: 0, to: rows, by: Self.mostRows) {
      Progress.beat()
      let ends = sort(first..<min(first + Self.mostRows, rows), nearest, owners, into: sorted.base)
      order.withUnsafeBufferPointer { order in
        for center in 0..<centers {
          let near = UnsafeBufferPointer(
            rebasing: order[center * points..<(center + 1) * points])
          var start = center == 0 ? 0 : ends[center - 1]
          while start < ends[center] {
            let count = min(AssignedRows.tileRows, ends[center] - start)
            emit(sorted.base + start, count, center, near, nearest, body)
            start += count
          }
        }
      }
    }
  }

  /// Sorts those rows of a range that may be nearer to a point by their centers; returns where each center's end.
  private func sort(
    _ range: Range<Int>, _ nearest: UnsafeBufferPointer<Double>, _ owners: UnsafePointer<Int32>,
    into sorted: UnsafeMutablePointer<Int32>
  ) -> [Int] {
    let limits = (0..<centers).map { halves[$0 * points] }
    var places = [Int](repeating: 0, count: centers + 1)
    return limits.withUnsafeBufferPointer { limits in
      places.withUnsafeMutableBufferPointer { places in
        for row in range where nearest[row] > limits[Int(owners[row])] {
          places[Int(owners[row]) + 1] += 1
        }
        for center in 0..<centers { places[center + 1] += places[center] }
        for row in range where nearest[row] > limits[Int(owners[row])] {
          sorted[places[Int(owners[row])]] = Int32(truncatingIfNeeded: row)
          places[Int(owners[row])] += 1
        }
        return Array(places.dropLast())
      }
    }
  }

  @inline(__always)
  private func emit(
    _ rows: UnsafePointer<Int32>, _ count: Int, _ center: Int, _ near: UnsafeBufferPointer<Int32>,
    _ nearest: UnsafeBufferPointer<Double>,
    _ body: (
      _ tile: UnsafePointer<Int32>, _ count: Int, _ points: UnsafeBufferPointer<Int32>
    ) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: AssignedRows.tileRows) { tile in
      var farthest = 0.0
      for lane in 0..<AssignedRows.tileRows {
        let row = rows[min(lane, count - 1)]
        tile[lane] = row
        farthest = max(farthest, nearest[Int(row)])
      }
      // The points before the first one that all of these rows are too near for.
      var (low, high) = (0, points)
      while low < high {
        let middle = (low + high) / 2
        if halves[center * points + middle] < farthest { low = middle + 1 } else { high = middle }
      }
      if low > 0 { body(tile.baseAddress!, count, UnsafeBufferPointer(rebasing: near[..<low])) }
    }
  }
}
