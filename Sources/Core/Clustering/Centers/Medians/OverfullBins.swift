/// Bins that hold too many values to be collected, and where among their codes the medians are.
///
/// One pass over the rows counts the lower bits of the codes in these bins.
struct OverfullBins {
  /// A bin that holds both middle numbers of a pair.
  struct Bin {
    let pair: Int
    let place: BinCounts.Place
    /// Of its middle numbers among all its values.
    let positions: (first: Int64, second: Int64)
  }

  /// Codes that hold the middle numbers of a pair, with nothing between them.
  struct Finding {
    let pair: Int
    let codes: ClosedRange<Int>
    /// Values of all ranks with lower codes, and with these; and of this rank with these.
    let below: Int64
    let count: Int64
    let own: Int
  }

  var bins: [Bin] = []

  /// Counts, and finds the codes; collective, one all-reduce.
  ///
  /// - Parameter ranges: a place for the bins, without ranges, and so in the end.
  /// - Complexity: O(own rows · columns).
  func resolve(
    _ data: ClusterData, labels: UnsafePointer<Int32>, _ codes: ColumnCodes, _ ranges: CodeRanges,
    _ kernels: KernelTable
  ) throws(MPIError) -> [Finding] {
    defer { ranges.removeAll() }
    let width = 1 << codes.lowerBits
    for (index, bin) in bins.enumerated() {
      let own = codes.codes(ofBins: bin.place.bin...bin.place.bin)
      ranges.set(bin.pair, own, tag: index * width)
    }
    var own = [Int32](repeating: 0, count: bins.count * width)
    // In parts, so that the watchdog sees that work goes on.
    for first in stride(from: 0, to: data.rows.count, by: 1 << 16) {
      Progress.beat()
      kernels.tallyCodes(
        rows: data.rows.floats(first), count: min(1 << 16, data.rows.count - first),
        columns: data.columns, labels: labels + first, stride: ranges.stride, low: codes.low.base,
        scale: codes.scale.base, lowerBits: codes.lowerBits, first: ranges.first.base,
        last: ranges.last.base, offsets: ranges.tags.base, counts: &own)
    }
    var all = own
    try data.world.allReduce(&all, .sum)
    return bins.enumerated().map { index, bin in
      let counts = index * width..<(index + 1) * width
      func place(_ position: Int64) -> BinCounts.Place {
        // The bin holds what was counted in it.
        BinCounts.place(of: position, in: all[counts], from: 0, after: bin.place.below)!
      }
      let (first, second) = (place(bin.positions.first), place(bin.positions.second))
      let start = bin.place.bin << codes.lowerBits
      let range = counts.lowerBound + first.bin...counts.lowerBound + second.bin
      return Finding(
        pair: bin.pair, codes: start + first.bin...start + second.bin, below: first.below,
        count: all[range].reduce(0) { $0 + Int64($1) },
        own: own[range].reduce(0) { $0 + Int($1) })
    }
  }
}
