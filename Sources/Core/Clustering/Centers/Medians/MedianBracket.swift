/// A range of keys that holds one or two order statistics of a column of a cluster.
struct MedianBracket {
  /// cluster · columns + column.
  let pair: Int
  /// The smallest and the largest key.
  var low: Int32
  var high: Int32
  /// How many values of all ranks lie below.
  var below: Int64 = 0
  /// The places of the numbers that are sought among all values of the pair, from 0; often the same.
  let first: Int64
  var second: Int64

  /// Whether the numbers are known: all within are equal.
  var isSingle: Bool { low == high }

  /// How far a key is shifted to the right, less `low`, for one of 2^bits equal parts.
  func droppedBits(keeping bits: Int) -> Int {
    let span = UInt32(bitPattern: high &- low)
    return max(0, 32 - span.leadingZeroBitCount - bits)
  }

  /// The part of this bracket that holds the numbers, or the two parts that hold one each.
  ///
  /// - Parameter counts: of the values in equal parts, over all ranks.
  func narrowed(by counts: ArraySlice<Int64>, shift: Int) -> [MedianBracket] {
    var parts: [MedianBracket] = []
    var sum = below
    for (index, count) in counts.enumerated() where count > 0 {
      let hasFirst = (sum..<sum + count).contains(first)
      let hasSecond = (sum..<sum + count).contains(second)
      if hasFirst || hasSecond {
        let start = Int64(low) + Int64(index) << shift
        parts.append(
          MedianBracket(
            pair: pair, low: Int32(start),
            high: Int32(min(Int64(high), start + Int64(1) << shift - 1)), below: sum,
            first: hasFirst ? first : second, second: hasSecond ? second : first))
      }
      sum += count
    }
    return parts
  }
}

extension MedianBracket {
  /// A bracket around all values of a pair.
  init(_ pair: Int, of data: ClusterData, positions: (first: Int64, second: Int64)) {
    let column = pair % data.columns
    self.init(
      pair: pair, low: SortableKey.of(data.minimum[column]),
      high: SortableKey.of(data.maximum[column]), first: positions.first, second: positions.second)
  }
}
