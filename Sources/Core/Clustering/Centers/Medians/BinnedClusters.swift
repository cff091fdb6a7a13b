/// The bins of all columns of all clusters on this rank, and what of them and of the clusters' sizes was last combined.
final class BinnedClusters {
  let clusters: Int
  let columns: Int
  let median: ClusterConfiguration.Median
  let bins: BinCounts
  /// Rows that changed cluster and are not counted yet.
  private(set) var changes: RowChanges
  /// Rows of each cluster on this rank, and on all.
  private var ownSizes: [Int]
  private(set) var sizes: [Int]
  /// The bins that windows are around, and the windows.
  private var near: [Int] = []
  private var windows: [Int32] = []

  var pairs: Int { clusters * columns }

  /// No rows yet.
  ///
  /// - Parameters:
  ///   - binBits: the logarithm of the number of bins.
  ///   - limit: how many changes are kept before they should be counted.
  init(
    _ data: ClusterData, clusters: Int, median: ClusterConfiguration.Median, binBits: Int,
    limit: Int
  ) {
    self.clusters = clusters
    columns = data.columns
    self.median = median
    bins = BinCounts(pairs: clusters * data.columns, bits: binBits)
    changes = RowChanges(limit: limit)
    ownSizes = [Int](repeating: 0, count: clusters)
    sizes = ownSizes
  }

  /// Takes changes, to be counted later.
  func move(_ more: UnsafeBufferPointer<LabelChange>) {
    changes.append(more, countedIn: &ownSizes)
  }

  /// Counts the rows that changed cluster.
  ///
  /// - Parameter count: counts rows in or out of a cluster.
  func count(
    _ count: (_ rows: UnsafeBufferPointer<Int32>, _ cluster: Int, _ sign: Int32) -> Void
  ) {
    changes.forEachGroup(clusters, count)
    changes.removeAll()
  }

  /// Adds up sizes, numbers that each rank adds, and the counts around some bins; collective, one all-reduce.
  ///
  /// - Parameters:
  ///   - near: the bin of each pair.
  ///   - more: of each rank, to be added up as well.
  func combine(
    with counters: [Int], near: [Int], and more: [Int32] = [], among world: Communicator
  ) throws(MPIError) -> (counters: [Int], more: ArraySlice<Int32>) {
    // There are fewer than 2^31 rows.
    var message = (ownSizes + counters).map { Int32($0) } + bins.windows(near: near)
    let windowsEnd = message.count
    message += more
    try world.allReduce(&message, .sum)
    let countersEnd = clusters + counters.count
    sizes = message[..<clusters].map { Int($0) }
    self.near = near
    windows = Array(message[countersEnd..<windowsEnd])
    return (message[clusters..<countersEnd].map { Int($0) }, message[windowsEnd...])
  }

  /// Where the two numbers in the middle of each pair are, as last combined; nil for those of empty clusters.
  /// Collective.
  func places(
    among world: Communicator
  ) throws(MPIError) -> [(first: BinCounts.Place, second: BinCounts.Place)?] {
    try bins.locate(
      (0..<pairs).map { pair in
        let size = sizes[pair / columns]
        return size > 0 ? median.positions(of: Int64(size)) : nil
      }, near: near, windows: windows, among: world)
  }
}
