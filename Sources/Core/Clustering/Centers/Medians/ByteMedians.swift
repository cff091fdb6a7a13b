/// The centers of k-medians of rows of bytes: exact medians, from counts of every value in every column of
/// every cluster that are kept up to date from the rows that change. See ``BinCounts``.
final class ByteMedians: CenterUpdate {
  private let data: ClusterData
  private let binned: BinnedClusters
  /// Groups of eight zeros, `[clusters, columns / 8]`; always zero between calls.
  private let zeros: AlignedArray<Int32>
  private let zeroGroups: Int
  /// What was last combined: of each pair the number and the sum, in two parts, of the values below its center.
  private var costs: [Int32] = []
  /// The sum of all values of all ranks.
  private let total: Int

  /// No rows yet; collective.
  init(_ data: ClusterData, clusters: Int, median: ClusterConfiguration.Median) throws {
    self.data = data
    // Counts of many values are farther away than rows: all changes of a cluster at once.
    binned = BinnedClusters(
      data, clusters: clusters, median: median, binBits: 8, limit: max(1, data.rows.count))
    zeroGroups = data.columns / 8
    zeros = AlignedArray(count: clusters * zeroGroups)
    let bytes = UnsafeRawBufferPointer(
      start: data.rows.base, count: data.rows.count * data.columns)
    total = try data.world.allReduce(bytes.reduce(0) { $0 &+ Int($1) }, .sum)
  }

  func move(_ changes: UnsafeBufferPointer<LabelChange>) { binned.move(changes) }

  func combine(
    with counters: [Int], around centers: [Float]
  ) throws -> (sizes: [Int], counters: [Int]) {
    binned.count(count)
    // Sums of values are sent in two parts.
    let sums = centers.enumerated().flatMap { pair, center in
      let below = below(center, pair)
      return [Int32(below.count), Int32(below.sum >> 12), Int32(below.sum & 0xfff)]
    }
    let combined = try binned.combine(
      with: counters, near: centers.map { Int(min(max($0, 0), 255)) }, and: sums,
      among: data.world)
    costs = Array(combined.more)
    return (binned.sizes, combined.counters)
  }

  /// Counts rows in or out of a cluster, 64 columns at a time, so that their counts stay near and a row's
  /// cache line is read once; eight zeros side by side, which images are full of, count as one.
  private func count(_ rows: UnsafeBufferPointer<Int32>, _ cluster: Int, _ sign: Int32) {
    let columns = data.columns
    let values = data.rows.bytes()
    let counts = binned.bins.counts(ofPair: cluster * columns)
    let zeros = zeros.base + cluster * zeroGroups
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
    var best = old
    for (pair, place) in try binned.places(among: data.world).enumerated() {
      guard let place else { continue }
      best[pair] = binned.median.value(Float(place.first.bin), Float(place.second.bin))
    }
    return (best, objective(old))
  }

  /// How many values of this rank lie below a number, and their sum.
  private func below(_ number: Float, _ pair: Int) -> (count: Int, sum: Int) {
    let line = binned.bins.counts(ofPair: pair)
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
    for pair in 0..<binned.pairs {
      let center = Double(centers[pair])
      total -= Double(binned.sizes[pair / data.columns]) * center
      let sum = Int(costs[3 * pair + 1]) << 12 + Int(costs[3 * pair + 2])
      total += 2 * (center * Double(costs[3 * pair]) - Double(sum))
    }
    return max(0, total)
  }
}
