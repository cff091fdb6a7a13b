import DTrainDist
import KernelTable

/// Where medians will be found, from some of each rank's rows.
///
/// With m rows of a cluster in a sample, the place of its true median among them has a deviation of at most
/// sqrt(m)/2, so a range of three deviations on both sides misses hardly one in 300. The median of all
/// rows lies between the smallest and the largest of the ranks' medians, and so do the ranges together hold it.
/// Ends of ranges are found by bisection, for all columns of all clusters side by side.
struct MedianSample {
  /// Rows of each cluster that a rank looks at, on average.
  private static let rowsPerCluster = 1024
  /// Fewer rows say too little.
  private static let fewestRows: Int64 = 32
  /// Each halves what is between the least and the greatest value of a column.
  private static let bisections = 11

  let data: ClusterData
  let labels: [Int32]
  let kernels: KernelTable
  let layout: MedianRanges

  /// Every how many rows.
  private var step: Int {
    max(1, data.count / data.world.size / (Self.rowsPerCluster * layout.clusters))
  }

  /// Ranges that are likely to hold the medians of some pairs; none for what a sample says nothing of.
  /// Collective.
  func ranges(of pairs: [Int]) throws(MPIError) -> [(pair: Int, range: MedianRange)] {
    guard !pairs.isEmpty else { return [] }
    var sizes = [Int64](repeating: 0, count: layout.clusters)
    for row in stride(from: 0, to: labels.count, by: step) { sizes[Int(labels[row])] += 1 }
    let wanted = pairs.filter { sizes[$0 / data.columns] >= Self.fewestRows }
    let (low, high) = bisect(wanted, sizes)
    // The complement turns the smallest into the largest: one reduction serves both ends.
    var ends = [Int32](repeating: .min, count: layout.pairs * 2)
    for pair in wanted {
      ends[pair * 2] = ~SortableKey.of(low.base[layout.place(pair)])
      ends[pair * 2 + 1] = SortableKey.of(high.base[layout.place(pair)])
    }
    try data.world.allReduce(&ends, .maximum)
    return pairs.filter { ends[$0 * 2] != .min }.map {
      (
        $0,
        MedianRange(
          lower: SortableKey.float(~ends[$0 * 2]), middle: .nan,
          upper: SortableKey.float(ends[$0 * 2 + 1]))
      )
    }
  }

  /// For each pair a number that at most as many rows of the sample are below as the range may begin after,
  /// and one that enough are below for the range to end there.
  private func bisect(_ pairs: [Int], _ sizes: [Int64]) -> (low: AlignedFloats, high: AlignedFloats)
  {
    let places = layout.places
    let (low, high) = (AlignedFloats(count: places), AlignedFloats(count: places))
    guard !pairs.isEmpty else { return (low, high) }
    // Of either end, the interval that it is in.
    let (lowLimit, highLimit) = (AlignedFloats(count: places), AlignedFloats(count: places))
    for pair in pairs {
      let (place, column) = (layout.place(pair), pair % data.columns)
      low.base[place] = data.least[column]
      lowLimit.base[place] = data.greatest[column]
      high.base[place] = data.greatest[column]
      highLimit.base[place] = data.least[column]
    }
    let (first, second) = (AlignedFloats(count: places), AlignedFloats(count: places))
    for _ in 0..<Self.bisections {
      for pair in pairs {
        let place = layout.place(pair)
        first.base[place] = low.base[place] / 2 + lowLimit.base[place] / 2
        second.base[place] = high.base[place] / 2 + highLimit.base[place] / 2
      }
      let counts = countBelow(first, second)
      for pair in pairs {
        let (place, size) = (layout.place(pair), sizes[pair / data.columns])
        let reach = Int64(1.5 * Double(size).squareRoot()) + 1
        if Int64(counts[place]) <= max(0, (size - 1) / 2 - reach) {
          low.base[place] = first.base[place]
        } else {
          lowLimit.base[place] = first.base[place]
        }
        if Int64(counts[places + place]) > min(size - 1, size / 2 + reach) {
          high.base[place] = second.base[place]
        } else {
          highLimit.base[place] = second.base[place]
        }
      }
    }
    return (low, high)
  }

  /// How many rows of the sample are below either number.
  private func countBelow(_ first: AlignedFloats, _ second: AlignedFloats) -> [Int32] {
    var counts = [Int32](repeating: 0, count: layout.places * 2)
    let labels = labels
    counts.withUnsafeMutableBufferPointer { counts in
      let counts = counts.baseAddress!
      func add(_ rows: UnsafePointer<Float>, _ row: Int, _ count: Int) {
        labels.withUnsafeBufferPointer {
          kernels.manhattan.countBelow(
            rows, count, step, data.columns, $0.baseAddress! + row, layout.stride, first.base,
            second.base, counts, counts + layout.places)
        }
      }
      guard data.rows.count > 0 else { return }
      switch data.rows.element {
      case .float32: add(data.rows.base.assumingMemoryBound(to: Float.self), 0, data.rows.count)
      case .uint8:
        for row in stride(from: 0, to: data.rows.count, by: step) {
          data.rows.withRow(row) { add($0.baseAddress!, row, 1) }
        }
      }
    }
    return counts
  }
}
