import DTrainDist

/// The candidates of all ranks for all medians, sorted by the pair of cluster and column they belong to.
struct MedianSelection {
  /// Where the values of each pair start in `keys`.
  private let starts: [Int32]
  private var keys: [UInt32]

  /// Gathers the ranks' candidates; collective.
  ///
  /// - Parameters:
  ///   - codes: of this rank, see ``code(_:pair:)``.
  ///   - most: the largest number of them on any rank.
  ///   - pairs: how many there are.
  init(_ codes: [UInt64], most: Int, pairs: Int, among world: Communicator) throws(MPIError) {
    let padding = [UInt64](repeating: .max, count: most - codes.count)
    let all = try world.allGather(codes + padding)
    var starts = [Int32](repeating: 0, count: pairs + 1)
    for code in all where code != .max { starts[Int(code >> 32) + 1] += 1 }
    for pair in 0..<pairs { starts[pair + 1] += starts[pair] }
    var next = starts
    keys = [UInt32](repeating: 0, count: Int(starts[pairs]))
    for code in all where code != .max {
      let pair = Int(code >> 32)
      keys[Int(next[pair])] = UInt32(truncatingIfNeeded: code)
      next[pair] += 1
    }
    self.starts = starts
  }

  /// A value and its pair in one number; values of a pair sort as the numbers do.
  @inline(__always)
  static func code(_ value: Float, pair: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: pair)) << 32 | UInt64(sortable(value))
  }

  @inline(__always)
  private static func sortable(_ value: Float) -> UInt32 {
    UInt32(bitPattern: SortableKey.of(value)) ^ 0x8000_0000
  }

  /// How many values a pair has.
  func count(_ pair: Int) -> Int { Int(starts[pair + 1] - starts[pair]) }

  /// How many values of a pair lie below a number, and below the range of candidates.
  func count(
    _ pair: Int, below value: Float, _ within: MedianSearch.Candidates
  ) -> Int64 {
    let equal = value > within.range.middle ? within.equal : 0
    return within.below + Int64(count(pair, below: value)) + equal
  }

  /// The number at some place, from 0, among all values of a pair.
  mutating func number(
    _ rank: Int64, of pair: Int, _ within: MedianSearch.Candidates
  ) -> Float {
    let index = rank - within.below
    guard within.equal > 0 else { return value(pair, at: Int(index)) }
    let under = Int64(count(pair, below: within.range.middle))
    if index < under { return value(pair, at: Int(index)) }
    if index < under + within.equal { return within.range.middle }
    return value(pair, at: Int(index - within.equal))
  }

  private func count(_ pair: Int, below value: Float) -> Int {
    let limit = Self.sortable(value)
    return keys[Int(starts[pair])..<Int(starts[pair + 1])].count { $0 < limit }
  }

  /// The value at some index among the sorted ones of a pair (C. A. R. Hoare's selection, 1961).
  ///
  /// - Complexity: O(values of the pair) on average.
  private mutating func value(_ pair: Int, at index: Int) -> Float {
    var (low, high) = (Int(starts[pair]), Int(starts[pair + 1]) - 1)
    let wanted = low + index
    while low < high {
      let pivot = keys[(low + high) / 2]
      var (i, j) = (low, high)
      while i <= j {
        while keys[i] < pivot { i += 1 }
        while keys[j] > pivot { j -= 1 }
        if i <= j {
          keys.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if wanted <= j {
        high = j
      } else if wanted >= i {
        low = i
      } else {
        break
      }
    }
    return SortableKey.float(Int32(bitPattern: keys[wanted] ^ 0x8000_0000))
  }
}
