/// The centers of k-medians of rows of bytes: exact medians, from counts of every value in every column of
/// every cluster that are kept up to date from the rows that change. See ``BinCounts``.
final class ByteMedians: CenterUpdate {
  private let data: ClusterData
  private let clusters: Int
  private let median: ClusterConfiguration.Median
  private let bins: BinCounts
  /// Groups of eight zeros, `[clusters, columns / 8]`; always zero between calls.
  private let zeros: UnsafeMutablePointer<Int32>
  private let zeroGroups: Int
  private var changes: RowChanges
  /// Rows of each cluster on this rank, and on all.
  private var ownSizes: [Int]
  private var sizes: [Int]
  /// What was last combined: the bins that windows are around, the windows, and of each pair the number and the
  /// sum, in two parts, of the values below its center.
  private var near: [Int] = []
  private var windows: [Int32] = []
  private var costs: [Int32] = []
  /// The sum of all values of all ranks.
  private let total: Int

  private var pairs: Int { clusters * data.columns }

  /// No rows yet; collective.
  init(_ data: ClusterData, clusters: Int, median: ClusterConfiguration.Median) throws {
    self.data = data
    self.clusters = clusters
    self.median = median
    bins = BinCounts(pairs: clusters * data.columns, bits: 8)
    zeroGroups = data.columns / 8
    zeros = .allocate(capacity: max(1, clusters * zeroGroups))
    zeros.initialize(repeating: 0, count: max(1, clusters * zeroGroups))
    // Counts of many values are farther away than rows: all changes of a cluster at once.
    changes = RowChanges(limit: max(1, data.rows.count))
    ownSizes = [Int](repeating: 0, count: clusters)
    sizes = ownSizes
    let bytes = UnsafeRawBufferPointer(
      start: data.rows.base, count: data.rows.count * data.columns)
    total = try data.world.allReduce(bytes.reduce(0) { $0 &+ Int($1) }, .sum)
  }

  deinit { zeros.deallocate() }

  func move(_ changes: UnsafeBufferPointer<LabelChange>) {
    self.changes.append(changes, countedIn: &ownSizes)
  }

  func combine(
    with counters: [Int], around centers: [Float]
  ) throws -> (sizes: [Int], counters: [Int]) {
    changes.forEachGroup(clusters) { rows, cluster, sign in count(rows, cluster, sign) }
    changes.removeAll()
    near = centers.map { Int(min(max($0, 0), 255)) }
    // There are fewer than 2^31 rows; sums of their values are sent in two parts.
    var message = (ownSizes + counters).map { Int32($0) } + bins.windows(near: near)
    let windowsEnd = message.count
    message.reserveCapacity(windowsEnd + 3 * pairs)
    for pair in 0..<pairs {
      let below = below(centers[pair], pair)
      message += [Int32(below.count), Int32(below.sum >> 12), Int32(below.sum & 0xfff)]
    }
    try data.world.allReduce(&message, .sum)
    sizes = message[..<clusters].map { Int($0) }
    let countersEnd = clusters + counters.count
    windows = Array(message[countersEnd..<windowsEnd])
    costs = Array(message[windowsEnd...])
    return (sizes, message[clusters..<countersEnd].map { Int($0) })
  }

  /// Counts rows in or out of a cluster, 64 columns at a time, so that their counts stay near and a row's
  /// cache line is read once; eight zeros side by side, which images are full of, count as one.
  private func count(_ rows: UnsafeBufferPointer<Int32>, _ cluster: Int, _ sign: Int32) {
    let columns = data.columns
    let values = data.rows.base.assumingMemoryBound(to: UInt8.self)
    let counts = bins.counts(ofPair: cluster * columns)
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
    let places = try bins.locate(
      (0..<pairs).map { pair in
        let size = sizes[pair / data.columns]
        return size > 0 ? median.positions(of: Int64(size)) : nil
      }, near: near, windows: windows, among: data.world)
    var best = old
    for (pair, place) in places.enumerated() {
      guard let place else { continue }
      best[pair] = median.value(Float(place.first.bin), Float(place.second.bin))
    }
    return (best, objective(old))
  }

  /// How many values of this rank lie below a number, and their sum.
  private func below(_ number: Float, _ pair: Int) -> (count: Int, sum: Int) {
    let line = bins.counts(ofPair: pair)
    var (count, sum) = (0, 0)
    for value in 0..<Int(min(max(number.rounded(.up), 0), 256)) {
      count += Int(line[value])
      sum += Int(line[value]) * value
    }
    return (count, sum)
  }

  /// The sum of |x - c| from the number and sum of the values below c: the sum of all x, less n·c, and twice
  /// what c exceeds the values below it by.
  private func objective(_ centers: [Float]) -> Double {
    var total = Double(self.total)
    for pair in 0..<pairs {
      let center = Double(centers[pair])
      total -= Double(sizes[pair / data.columns]) * center
      let sum = Int(costs[3 * pair + 1]) << 12 + Int(costs[3 * pair + 2])
      total += 2 * (center * Double(costs[3 * pair]) - Double(sum))
    }
    return max(0, total)
  }
}
