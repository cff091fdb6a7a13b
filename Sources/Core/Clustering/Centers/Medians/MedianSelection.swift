/// The candidates of all ranks for all medians, in groups that hold one or two of them.
struct MedianSelection {
  /// Where the values of each group start in `keys`.
  private let starts: [Int32]
  private var keys: [UInt32]

  /// Gathers the ranks' candidates; collective.
  ///
  /// - Parameters:
  ///   - codes: of this rank, see ``code(_:group:)``.
  ///   - most: the largest number of them on any rank.
  ///   - groups: how many there are.
  init(_ codes: [UInt64], most: Int, groups: Int, among world: Communicator) throws(MPIError) {
    let padding = [UInt64](repeating: .max, count: most - codes.count)
    let all = try world.allGather(codes + padding)
    var starts = [Int32](repeating: 0, count: groups + 1)
    for code in all where code != .max { starts[Int(code >> 32) + 1] += 1 }
    for group in 0..<groups { starts[group + 1] += starts[group] }
    var next = starts
    keys = [UInt32](repeating: 0, count: Int(starts[groups]))
    for code in all where code != .max {
      let group = Int(code >> 32)
      keys[Int(next[group])] = UInt32(truncatingIfNeeded: code)
      next[group] += 1
    }
    self.starts = starts
  }

  /// A value and its group in one number.
  @inline(__always)
  static func code(_ value: Float, group: Int32) -> UInt64 {
    let key = UInt32(bitPattern: SortableKey.of(value)) ^ 0x8000_0000
    return UInt64(UInt32(bitPattern: group)) << 32 | UInt64(key)
  }

  /// The value at some index among the sorted ones of a group (C. A. R. Hoare's selection, 1961).
  ///
  /// - Complexity: O(values of the group) on average.
  mutating func value(_ group: Int, at index: Int) -> Float {
    var (low, high) = (Int(starts[group]), Int(starts[group + 1]) - 1)
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
