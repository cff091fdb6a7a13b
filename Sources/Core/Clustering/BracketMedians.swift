import DTrainDist
import KernelTable

/// The centres of k-medians of any rows: exact medians, found in brackets.
///
/// Each iteration expects the median of each column of each cluster in a range: from the last median and the
/// rows that changed (``MedianForecast``), or from some of the rows (``MedianSample``). One pass over the rows
/// counts what lies below each range and collects what lies within (``MedianSearch``). Where that is much,
/// or the median lies elsewhere, ``BracketRefinement`` narrows the range. Then the candidates of all ranks, a
/// few for each median, are gathered, and the median is chosen among them.
///
/// That is four collective operations an iteration; samples, second probes and refinements, of which the first
/// iteration needs most, add some, whatever the number of rows, clusters and columns.
final class BracketMedians: CenterRule {
  private let data: ClusterData
  private let clusters: Int
  private let median: ClusterConfiguration.Median
  private let kernels: KernelTable
  private let assigner: any RowAssigner

  private var forecast: MedianForecast
  private let candidates: MedianCandidates
  private let ranges: MedianRanges
  private var changes: RowChanges
  private var ownSizes: [Int]
  private var sizes: [Int]
  private var displacement: [Int] = []
  /// Rounds of refinement in the last iteration.
  private(set) var rounds = 0

  /// No rows yet.
  init(
    _ data: ClusterData, clusters: Int, median: ClusterConfiguration.Median, kernels: KernelTable,
    assigner: any RowAssigner
  ) {
    self.data = data
    self.clusters = clusters
    self.median = median
    self.kernels = kernels
    self.assigner = assigner
    forecast = MedianForecast(clusters: clusters, columns: data.columns)
    ranges = MedianRanges(clusters: clusters, columns: data.columns)
    candidates = MedianCandidates(
      ranges, capacity: MedianSearch.capacity(data, pairs: clusters * data.columns))
    changes = RowChanges(capacity: data.rows.count)
    ownSizes = [Int](repeating: 0, count: clusters)
    sizes = ownSizes
  }

  func move(row: Int, from old: Int, to new: Int) {
    changes.append(row: row, from: old, to: new)
    if old >= 0 { ownSizes[old] -= 1 }
    ownSizes[new] += 1
  }

  func combine(with counters: [Int]) throws -> (sizes: [Int], counters: [Int]) {
    forecast.follow(changes, data.rows)
    changes.removeAll()
    var message = ownSizes + counters + forecast.displaced.map { Int($0) }
    try data.world.allReduce(&message, .sum)
    sizes = Array(message[..<clusters])
    displacement = Array(message[(clusters + counters.count)...])
    return (sizes, Array(message[clusters..<clusters + counters.count]))
  }

  func centers(after old: [Float]) throws -> (best: [Float], objective: Double) {
    var search = MedianSearch(
      data, labels: assigner.labels, kernels: kernels, ranges: ranges, candidates: candidates)
    let wanted = (0..<ranges.pairs).filter { sizes[$0 / data.columns] > 0 }
    try expect(wanted)
    try search.start(wanted.map { ($0, median.ranks(of: Int64(sizes[$0 / data.columns]))) })
    try search.searchRows(sizes)
    rounds = search.rounds

    var cost = cost(at: old)
    let most = try combine(&cost, search.codes.count)
    var selection = try MedianSelection(
      search.codes, most: most, pairs: ranges.pairs, among: data.world)
    var best = old
    for pair in wanted { best[pair] = choose(pair, search.findings[pair], &selection) }
    return (best, cost.value)
  }

  /// Sets the ranges in which medians are looked for first; collective.
  private func expect(_ wanted: [Int]) throws {
    ranges.clear()
    var unknown: [Int] = []
    for pair in wanted {
      let size = sizes[pair / data.columns]
      let range = forecast.range(
        pair, ranks: median.ranks(of: Int64(size)), displacement: displacement[pair], size: size)
      ranges.set(pair, range)
      if range == nil { unknown.append(pair) }
    }
    let sample = MedianSample(
      data: data, labels: assigner.labels, kernels: kernels, layout: ranges)
    for (pair, range) in try sample.ranges(of: unknown) { ranges.set(pair, range) }
  }

  /// The median of a pair, and what it says of the next.
  private func choose(
    _ pair: Int, _ finding: MedianSearch.Finding, _ selection: inout MedianSelection
  ) -> Float {
    switch finding {
    case .nothing: preconditionFailure("a median was not found")
    case .numbers(let first, let second, let below):
      forecast.record(
        pair, middle: first, below: below, displacement: displacement[pair], spacing: nil)
      return median.value(first, second)
    case .candidates(let within):
      let ranks = median.ranks(of: Int64(sizes[pair / data.columns]))
      let first = selection.number(ranks.first, of: pair, within)
      let second =
        ranks.second == ranks.first ? first : selection.number(ranks.second, of: pair, within)
      let count = selection.count(pair)
      forecast.record(
        pair, middle: first, below: selection.count(pair, below: first, within),
        displacement: displacement[pair],
        spacing: count >= 4 ? within.range.width / Double(count + 1) : nil)
      return median.value(first, second)
    }
  }

  // MARK: The objective

  /// The summed cost of this rank's rows.
  private func cost(at centers: [Float]) -> FixedPointSum {
    var sum = FixedPointSum(bound: data.largestCost(.l1, at: centers), count: data.count)
    let labels = assigner.labels
    switch data.rows.element {
    case .float32:
      var parts: [Int64] = [0, 0]
      kernels.manhattan.sumOfAbsoluteDistances(
        data.rows.base.assumingMemoryBound(to: Float.self), labels.count, data.columns, labels,
        centers, sum.point.scale, sum.point.lowScale, &parts)
      sum.add(high: parts[0], low: parts[1])
    case .uint8:
      for (row, label) in labels.enumerated() {
        sum.add(assigner.cost(row: row, center: Int(label)))
      }
    }
    return sum
  }

  /// Adds up the ranks' costs, and returns the most candidates that any of them has; collective.
  private func combine(_ cost: inout FixedPointSum, _ candidates: Int) throws -> Int {
    var counts = [Int](repeating: 0, count: data.world.size)
    counts[data.world.rank] = candidates
    try cost.combine(among: data.world, with: &counts)
    return counts.max() ?? 0
  }
}
