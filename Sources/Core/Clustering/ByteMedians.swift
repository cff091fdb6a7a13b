import DTrainDist
import Glibc

/// The centres of k-medians of rows of bytes: exact medians, from counts of every value in every column of
/// every cluster that are kept up to date from the rows that change.
///
/// A round of the search adds up the ranks' counts of sixteen values around each old median. Where the
/// median is not among them, two more rounds add up sixteen counts of sixteen values each, and then the
/// sixteen that matter. Messages hold at most 32 counts for each column of each cluster, whatever the number
/// of rows.
final class ByteMedians: CenterRule {
  /// The counts of a rank take `clusters · columns · 1024` bytes, which must not exceed this.
  static let mostBytes = 1 << 30
  private static let window = 16

  private let data: ClusterData
  private let clusters: Int
  private let median: ClusterConfiguration.Median
  /// `[clusters, columns, 256]`.
  private let counts: UnsafeMutablePointer<Int32>
  /// Groups of eight zeros, `[clusters, columns / 8]`; always zero between calls.
  private let zeros: UnsafeMutablePointer<Int32>
  private let zeroGroups: Int
  private var changes: RowChanges
  /// Rows of each cluster on this rank, and on all.
  private var ownSizes: [Int]
  private var sizes: [Int]
  /// The sum of all values of all ranks.
  private let total: Int

  private var pairs: Int { clusters * data.columns }

  /// Whether the counts of such rows fit.
  static func canCount(_ data: ClusterData, clusters: Int) -> Bool {
    let (values, overflow) = (clusters * 1024).multipliedReportingOverflow(by: data.columns)
    return data.rows.element == .uint8 && !overflow && values <= mostBytes
      && data.count < Int(Int32.max)
  }

  /// No rows yet; collective.
  init(_ data: ClusterData, clusters: Int, median: ClusterConfiguration.Median) throws {
    self.data = data
    self.clusters = clusters
    self.median = median
    counts = .allocate(capacity: clusters * data.columns * 256)
    counts.initialize(repeating: 0, count: clusters * data.columns * 256)
    zeroGroups = data.columns / 8
    zeros = .allocate(capacity: max(1, clusters * zeroGroups))
    zeros.initialize(repeating: 0, count: max(1, clusters * zeroGroups))
    changes = RowChanges(capacity: data.rows.count)
    ownSizes = [Int](repeating: 0, count: clusters)
    sizes = ownSizes
    let bytes = UnsafeRawBufferPointer(
      start: data.rows.base, count: data.rows.count * data.columns)
    total = try data.world.allReduce(bytes.reduce(0) { $0 &+ Int($1) }, .sum)
  }

  deinit {
    counts.deallocate()
    zeros.deallocate()
  }

  func move(row: Int, from old: Int, to new: Int) {
    changes.append(row: row, from: old, to: new)
    if old >= 0 { ownSizes[old] -= 1 }
    ownSizes[new] += 1
  }

  func combine(with counters: [Int]) throws -> (sizes: [Int], counters: [Int]) {
    count()
    var message = ownSizes + counters
    try data.world.allReduce(&message, .sum)
    sizes = Array(message[..<clusters])
    return (sizes, Array(message[clusters...]))
  }

  /// Counts the values of the rows that changed.
  private func count() {
    for (cluster, rows) in changes.joined(clusters).enumerated() { count(rows, cluster, 1) }
    for (cluster, rows) in changes.left(clusters).enumerated() { count(rows, cluster, -1) }
    changes.removeAll()
  }

  /// Counts rows in or out of a cluster, 64 columns at a time, so that their counts stay near and a row's
  /// cache line is read once; eight zeros side by side, which images are full of, count as one.
  private func count(_ rows: [Int32], _ cluster: Int, _ sign: Int32) {
    let columns = data.columns
    let values = data.rows.base.assumingMemoryBound(to: UInt8.self)
    let counts = counts + cluster * columns * 256
    let zeros = zeros + cluster * zeroGroups
    for first in stride(from: 0, to: columns, by: 64) {
      Progress.beat()
      let end = min(first + 64, columns)
      for row in rows {
        let line = values + Int(row) * columns
        var column = first
        while column + 8 <= end {
          if UnsafeRawPointer(line + column).loadUnaligned(as: UInt64.self) == 0 {
            zeros[column >> 3] &+= sign
          } else {
            for next in column..<column + 8 { counts[next << 8 | Int(line[next])] &+= sign }
          }
          column += 8
        }
        while column < end {
          counts[column << 8 | Int(line[column])] &+= sign
          column += 1
        }
      }
    }
    // What was counted as one is put where it belongs.
    for group in 0..<zeroGroups where zeros[group] != 0 {
      for column in group * 8..<group * 8 + 8 { counts[column << 8] &+= zeros[group] }
      zeros[group] = 0
    }
  }

  func centers(after old: [Float]) throws -> (best: [Float], objective: Double) {
    let starts = old.map { UInt8(min(max($0 - 8, 0), Float(256 - Self.window))) }
    var windows = [Int32](repeating: 0, count: pairs * (Self.window + 1))
    var costs = [Int](repeating: 0, count: pairs * 2)
    for pair in 0..<pairs {
      fillWindow(pair, start: Int(starts[pair]), &windows)
      let below = self.below(old[pair], pair)
      costs[pair] = below.count
      costs[pairs + pair] = below.sum
    }
    try data.world.allReduce(&windows, .sum)
    try data.world.allReduce(&costs, .sum)

    var best = old
    var missed: [Int] = []
    for pair in 0..<pairs where sizes[pair / data.columns] > 0 {
      let start = pair * (Self.window + 1)
      let (first, second) = ranks(pair)
      let counts = windows[start + 1...start + Self.window]
      if let low = Self.place(of: first, in: counts, after: Int64(windows[start])),
        let high = Self.place(of: second, in: counts, after: Int64(windows[start]))
      {
        let base = Int(starts[pair])
        best[pair] = median.value(Float(base + low.index), Float(base + high.index))
      } else {
        missed.append(pair)
      }
    }
    if !missed.isEmpty { try search(missed, &best) }
    return (best, objective(old, costs))
  }

  private func ranks(_ pair: Int) -> (first: Int64, second: Int64) {
    median.ranks(of: Int64(sizes[pair / data.columns]))
  }

  /// The number of values under the window, and the counts in it.
  private func fillWindow(_ pair: Int, start: Int, _ windows: inout [Int32]) {
    let line = counts + pair * 256
    let out = pair * (Self.window + 1)
    var below: Int32 = 0
    for value in 0..<start { below &+= line[value] }
    windows[out] = below
    for value in 0..<Self.window { windows[out + 1 + value] = line[start + value] }
  }

  /// How many values of this rank lie below a number, and their sum.
  private func below(_ number: Float, _ pair: Int) -> (count: Int, sum: Int) {
    let line = counts + pair * 256
    var (count, sum) = (0, 0)
    for value in 0..<Int(min(max(number.rounded(.up), 0), 256)) {
      count += Int(line[value])
      sum += Int(line[value]) * value
    }
    return (count, sum)
  }

  /// Where in a run of counts the number of some rank lies, and how many come before it; nil if elsewhere.
  private static func place(
    of rank: Int64, in counts: ArraySlice<Int32>, after below: Int64
  ) -> (index: Int, below: Int64)? {
    guard rank >= below else { return nil }
    var sum = below
    for index in counts.indices {
      if rank < sum + Int64(counts[index]) { return (index - counts.startIndex, sum) }
      sum += Int64(counts[index])
    }
    return nil
  }

  /// Medians that may be anywhere, in two rounds; collective.
  private func search(_ missed: [Int], _ best: inout [Float]) throws {
    var coarse = [Int32](repeating: 0, count: missed.count * 16)
    for (index, pair) in missed.enumerated() {
      for value in 0..<256 { coarse[index * 16 + value >> 4] &+= counts[pair * 256 + value] }
    }
    try data.world.allReduce(&coarse, .sum)
    let groups = missed.enumerated().map { index, pair in
      let (first, second) = ranks(pair)
      let counts = coarse[index * 16..<(index + 1) * 16]
      return (
        Self.place(of: first, in: counts, after: 0)!, Self.place(of: second, in: counts, after: 0)!
      )
    }
    var fine = [Int32](repeating: 0, count: missed.count * 32)
    for (index, pair) in missed.enumerated() {
      for value in 0..<16 {
        fine[index * 32 + value] = counts[pair * 256 + groups[index].0.index * 16 + value]
        fine[index * 32 + 16 + value] = counts[pair * 256 + groups[index].1.index * 16 + value]
      }
    }
    try data.world.allReduce(&fine, .sum)
    for (index, pair) in missed.enumerated() {
      let ((first, second), (low, high)) = (ranks(pair), groups[index])
      let start = index * 32
      let a = Self.place(of: first, in: fine[start..<start + 16], after: low.below)!
      let b = Self.place(of: second, in: fine[start + 16..<start + 32], after: high.below)!
      best[pair] = median.value(
        Float(low.index * 16 + a.index), Float(high.index * 16 + b.index))
    }
  }

  /// The sum of |x - c| from the number and sum of the values below c: the sum of all x, less n·c, and twice
  /// what c exceeds the values below it by.
  private func objective(_ centers: [Float], _ costs: [Int]) -> Double {
    var total = Double(self.total)
    for pair in 0..<pairs {
      let center = Double(centers[pair])
      total -= Double(sizes[pair / data.columns]) * center
      total += 2 * (center * Double(costs[pair]) - Double(costs[pairs + pair]))
    }
    return max(0, total)
  }
}
