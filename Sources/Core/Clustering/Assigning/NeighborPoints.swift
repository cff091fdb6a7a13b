/// The points near each of some centers, the nearest first: what rows of these centers may be nearer to.
///
/// A row is no nearer to a point than to its center where it is nearer to that than half of the way to the point. Rows of
/// one center are looked at side by side, so that sixteen of them share a short list (after J. Newling, F. Fleuret,
/// "Fast k-means with accurate bounds", 2016).
struct NeighborPoints {
  private let points: Int
  private let centers: Int
  /// How many points are listed of each center.
  private let listed: Int
  /// `[centers, listed]`: the points from the nearest on, and up to which cost a row of the center is no nearer to each.
  private var order: [Int32] = []
  private var halves: [Double] = []
  /// All points, for rows that those of a list may not be all of.
  private let all: [Int32]

  /// The most points of a list: 12 bytes each.
  private static let most = 64
  /// Rows that are sorted by their centers at a time.
  private static let mostRows = 1 << 17

  /// - Parameter costs: what each of the points costs at a center.
  /// - Complexity: O(centers · points).
  init(
    points: Int, centers: Int, _ metric: ClusterMetric, costs: (_ center: Int) -> [Double]
  ) {
    self.points = points
    self.centers = centers
    listed = min(points, Self.most)
    all = (0..<points).map { Int32($0) }
    order.reserveCapacity(listed * centers)
    halves.reserveCapacity(listed * centers)
    for center in 0..<centers {
      Progress.beat()
      let costs = costs(center)
      var near = Array(costs.indices)
      if near.count > listed {
        // Points beyond some cost are not looked at again.
        let limit = Self.smallest(listed, of: costs)
        near =
          near.filter { costs[$0] < limit }
          + near.lazy.filter { costs[$0] == limit }.prefix(listed)
      }
      near.sort { (costs[$0], $0) < (costs[$1], $1) }
      for point in near.prefix(listed) {
        order.append(Int32(point))
        halves.append(metric.costOfHalf(costs[point]))
      }
    }
  }

  /// The `count`th smallest of some numbers.
  private static func smallest(_ count: Int, of values: [Double]) -> Double {
    var (values, rank) = (values, count - 1)
    while true {
      let pivot = values[values.count / 2]
      let below = values.filter { $0 < pivot }
      if rank < below.count {
        values = below
        continue
      }
      let equal = values.count { $0 == pivot }
      if rank < below.count + equal { return pivot }
      rank -= below.count + equal
      values = values.filter { $0 > pivot }
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
            rebasing: order[center * listed..<(center + 1) * listed])
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
    let limits = (0..<centers).map { halves[$0 * listed] }
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
      var (low, high) = (0, listed)
      while low < high {
        let middle = (low + high) / 2
        if halves[center * listed + middle] < farthest { low = middle + 1 } else { high = middle }
      }
      if low == listed {
        all.withUnsafeBufferPointer { body(tile.baseAddress!, count, $0) }
      } else if low > 0 {
        body(tile.baseAddress!, count, UnsafeBufferPointer(rebasing: near[..<low]))
      }
    }
  }
}
