/// The centers of k-medians of Float rows: exact medians, from counts of the bins of ``ColumnCodes`` that are kept
/// up to date from the rows that change.
///
/// The counts tell in which bin of each column of each cluster the median is (``BinCounts``). Where all values of
/// the bin are one number, as in columns of few different numbers, that is it. Else one pass over the rows
/// collects the values of these bins, the ranks add up how they spread within them, and the few that are left
/// around each median are gathered, and the median is chosen among them. Where clusters are far narrower than the
/// column, another pass looks closer into their bins (``OverfullBins``); columns of extreme spread are left to
/// ``BracketRefinement``.
///
/// That is four collective operations an iteration. Costs that lie far below the largest possible ones add one, a median that moves far two, narrow clusters one, frequent
/// numbers that lie close together one to nine, extreme columns four to eight, whatever the number of rows,
/// clusters and columns. At most an eighth of all ranks' elements, and 128 a median, are collected, at 12 bytes each,
/// and what equals the first or last of them.
final class CodedMedians: CenterUpdate {
  private let data: ClusterData
  private let kernels: KernelTable
  private let assigner: any RowAssigner

  private let codes: ColumnCodes
  private let binned: BinnedClusters
  private let candidates: BinCandidates
  private var cost: ManhattanSum
  /// A place for overfull bins.
  private let ranges: CodeRanges
  /// The kernel's.
  private let workspace = AlignedArray<Int32>(count: 128)
  /// Rounds of refinement in the last iteration.
  private(set) var rounds = 0

  /// The more bins, the fewer values in them; of so many pairs they take 64 MiB. Clusters of few rows leave most bins
  /// empty, and fill caches with them.
  private static let mostPairsOfManyBins = 1 << 14
  private static let leastRowsOfManyBins = 1024

  private var median: ClusterConfiguration.Median { binned.median }

  /// No rows yet; collective.
  ///
  /// - Parameter binBits: 8 or 10, the logarithm of the number of bins; nil for what suits so many pairs.
  init(
    _ data: ClusterData, clusters: Int, median: ClusterConfiguration.Median, kernels: KernelTable,
    assigner: any RowAssigner, binBits: Int? = nil
  ) throws {
    self.data = data
    self.kernels = kernels
    self.assigner = assigner
    let pairs = clusters * data.columns
    let isOfManyBins =
      pairs <= Self.mostPairsOfManyBins && data.count >= clusters * Self.leastRowsOfManyBins
    // As many changes as a cache holds the rows of, for they were looked at just before.
    binned = BinnedClusters(
      data, clusters: clusters, median: median,
      binBits: binBits ?? (isOfManyBins ? 10 : 8),
      limit: max(1024, 1 << 18 / data.rows.rowBytes))
    codes = try ColumnCodes(data, binBits: binned.bins.bits, kernels)
    cost = ManhattanSum(data, clusters: clusters, kernels)
    candidates = BinCandidates(clusters: clusters, columns: data.columns, codes)
    ranges = CodeRanges(clusters: clusters, columns: data.columns)
  }

  func move(_ changes: UnsafeBufferPointer<LabelChange>) {
    binned.move(changes)
    if binned.changes.isFull { count() }
  }

  /// Counts the values of the rows that changed.
  private func count() {
    let bins = binned.bins
    binned.count { chosen, cluster, sign in
      kernels.tallyBins(
        rows: data.rows.floats(), columns: data.columns, chosen: chosen.baseAddress!,
        count: chosen.count, low: codes.low.base, scale: codes.scale.base,
        lowerBits: codes.lowerBits,
        counts: bins.counts(ofPair: cluster * data.columns), sign: sign, room: workspace.base)
    }
  }

  func combine(
    with counters: [Int], around centers: [Float]
  ) throws -> (sizes: [Int], counters: [Int]) {
    count()
    let near = (0..<binned.pairs).map { codes.bin(centers[$0], column: $0 % data.columns) }
    let combined = try binned.combine(with: counters, near: near, among: data.world)
    return (binned.sizes, combined.counters)
  }

  func centers(after old: [Float]) throws -> (best: [Float], objective: Double) {
    var best = old
    var overfull = OverfullBins()
    var brackets: [MedianBracket] = []
    candidates.removeAll()
    for (pair, place) in try binned.places(among: data.world).enumerated() {
      guard let place else { continue }
      let column = pair % data.columns
      let size = Int64(binned.sizes[pair / data.columns])
      let positions = median.positions(of: size)
      if let first = codes.onlyValue(column: column, bin: place.first.bin),
        let second = codes.onlyValue(column: column, bin: place.second.bin)
      {
        best[pair] = median.value(first, second)
      } else if place.first.count + place.second.count <= max(128, size / 8) {
        seek(pair, positions, place)
      } else if place.first.bin == place.second.bin {
        overfull.bins.append(.init(pair: pair, place: place.first, positions: positions))
      } else {
        brackets.append(MedianBracket(pair, of: data, positions: positions))
      }
    }
    rounds = 0
    if !overfull.bins.isEmpty { try resolve(overfull, &brackets) }
    let extreme = try refine(.rows(data.rows, labels: assigner.labels), brackets, of: binned.pairs)
    for (pair, numbers) in extreme { best[pair] = median.value(numbers.first, numbers.second) }
    var cost = collect(with: old)
    let cells = try candidates.spread(among: data.world, kernels)
    var counts = [Int](repeating: 0, count: data.world.size)
    counts[data.world.rank] = cells.own.count
    try cost.combine(among: data.world, with: &counts)
    var selection = try MedianSelection(
      cells.own, most: counts.max() ?? 0, groups: cells.count, among: data.world)
    let thick = try refine(
      .candidates(cells.thickValues, groups: cells.thickCells), cells.thick,
      of: cells.count)
    for (pair, first, second) in cells.sought {
      best[pair] = median.value(
        thick[first.cell]?.first ?? selection.value(first.cell, at: first.index),
        thick[second.cell]?.second ?? selection.value(second.cell, at: second.index))
    }
    return (best, try ManhattanSum.value(cost, of: data, assigner, at: old))
  }

  /// Collects what is sought and adds up what the rows cost, in one pass over them.
  private func collect(with centers: [Float]) -> FixedPointSum {
    cost.begin(at: centers)
    let labels = assigner.labelsInPlace.baseAddress!
    // As many as a cache holds.
    let length = max(64, 1 << 18 / data.rows.rowBytes)
    for first in stride(from: 0, to: data.rows.count, by: length) {
      Progress.beat()
      let block = first..<min(first + length, data.rows.count)
      if !candidates.isEmpty { candidates.collect(block, of: data.rows, labels: labels, kernels) }
      cost.add(block, labels: labels)
    }
    return cost.sum
  }

  /// Has the values of one or two bins collected.
  private func seek(
    _ pair: Int, _ positions: (first: Int64, second: Int64),
    _ places: (first: BinCounts.Place, second: BinCounts.Place)
  ) {
    let counts = binned.bins.counts(ofPair: pair)
    var own = Int(counts[places.first.bin])
    if places.second.bin != places.first.bin { own += Int(counts[places.second.bin]) }
    candidates.seek(
      pair, (positions.first - places.first.below, positions.second - places.second.below),
      codes: codes.codes(ofBins: places.first.bin...places.second.bin), own: own)
  }

  /// Looks closer into overfull bins: has the values of few codes collected, or leaves medians to brackets where a
  /// code is overfull too. Collective.
  private func resolve(
    _ overfull: OverfullBins, _ brackets: inout [MedianBracket]
  ) throws(MPIError) {
    let labels = assigner.labelsInPlace.baseAddress!
    for finding in try overfull.resolve(data, labels: labels, codes, ranges, kernels) {
      let size = Int64(binned.sizes[finding.pair / data.columns])
      let positions = median.positions(of: size)
      if finding.count > max(128, size / 8) {
        brackets.append(MedianBracket(finding.pair, of: data, positions: positions))
      } else {
        candidates.seek(
          finding.pair, (positions.first - finding.below, positions.second - finding.below),
          codes: finding.codes, own: finding.own)
      }
    }
  }

  private func refine(
    _ source: @autoclosure () -> BracketRefinement.Source, _ brackets: [MedianBracket],
    of groups: Int
  ) throws(MPIError) -> [Int: (first: Float, second: Float)] {
    guard !brackets.isEmpty else { return [:] }
    var refinement = BracketRefinement(source: source(), pairs: groups, world: data.world)
    let numbers = try refinement.numbers(brackets)
    rounds += refinement.rounds
    return numbers
  }
}
