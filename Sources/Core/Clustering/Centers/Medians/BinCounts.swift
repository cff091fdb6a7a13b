/// How many of this rank's values of each column of each cluster are in each bin, and where among those of all ranks an
/// order statistic is.
///
/// The ranks add up their counts of a window of 32 bins of 1024, or 16 of 256, around an old median. Where the new one
/// is not among them, two rounds add up the counts of groups of as many bins, and then those of the bins of the groups
/// that matter. Messages hold at most 64 counts for each pair, whatever the number of rows.
final class BinCounts {
  /// A bin that holds an order statistic.
  struct Place {
    let bin: Int
    /// Values of all ranks in lower bins, and in this one.
    let below: Int64
    let count: Int64
  }

  /// There are 2^bits bins.
  let bits: Int
  /// `[pairs, bins]`.
  private let counts: UnsafeMutablePointer<Int32>
  private let pairs: Int
  /// The bins of a window, and of a group.
  private let window: Int
  /// The counts of a rank take 1024 bytes a pair, which must not exceed this; 1024 bins are for few pairs.
  private static let mostBytes = 1 << 30

  /// Whether the counts of so many values can be kept.
  static func canCount(pairs: Int, rows: Int) -> Bool {
    pairs <= mostBytes / 1024 && rows < Int(Int32.max)
  }

  /// Nothing counted yet, in 2^bits bins; `bits` is even, and 8 where there are many pairs.
  init(pairs: Int, bits: Int) {
    self.pairs = pairs
    self.bits = bits
    window = 1 << (bits / 2)
    counts = .allocate(capacity: pairs << bits)
    counts.initialize(repeating: 0, count: pairs << bits)
  }

  deinit { counts.deallocate() }

  /// This rank's counts of the bins of a pair, and of those that follow.
  func counts(ofPair pair: Int) -> UnsafeMutablePointer<Int32> { counts + pair << bits }

  /// The first bin of the window around a bin.
  private func start(near bin: Int) -> Int { min(max(bin - window / 2, 0), 1 << bits - window) }

  /// This rank's counts around a bin of each pair, to be added up over all ranks: for each pair the number of values
  /// under its window, and the counts in it.
  func windows(near: [Int]) -> [Int32] {
    var windows: [Int32] = []
    windows.reserveCapacity(pairs * (window + 1))
    for pair in 0..<pairs {
      let (line, start) = (counts(ofPair: pair), start(near: near[pair]))
      windows.append(Self.sum(line, start))
      windows += UnsafeBufferPointer(start: line + start, count: window)
    }
    return windows
  }

  /// Finds order statistics among the values of all ranks; collective, without any message where all are in their
  /// windows.
  ///
  /// - Parameters:
  ///   - positions: of each pair the two numbers that are sought, from 0; nil for none.
  ///   - near: the bins that the windows are around.
  ///   - windows: the sums of all ranks' `windows(near:)`.
  /// - Returns: for each pair where its two numbers are.
  func locate(
    _ positions: [(first: Int64, second: Int64)?], near: [Int], windows: [Int32],
    among world: Communicator
  ) throws(MPIError) -> [(first: Place, second: Place)?] {
    var found = [(first: Place, second: Place)?](repeating: nil, count: pairs)
    var missed: [(pair: Int, positions: (first: Int64, second: Int64))] = []
    for pair in 0..<pairs {
      guard let sought = positions[pair] else { continue }
      let place = pair * (window + 1)
      let bin = start(near: near[pair])
      let below = Int64(windows[place])
      let counts = windows[place + 1...place + window]
      if let first = Self.place(of: sought.first, in: counts, from: bin, after: below),
        let second = Self.place(of: sought.second, in: counts, from: bin, after: below)
      {
        found[pair] = (first, second)
      } else {
        missed.append((pair, sought))
      }
    }
    if !missed.isEmpty { try search(missed, &found, among: world) }
    return found
  }

  private static func sum(_ counts: UnsafePointer<Int32>, _ count: Int) -> Int32 {
    var sum: Int32 = 0
    for index in 0..<count { sum &+= counts[index] }
    return sum
  }

  /// Where in a run of counts, whose first is that of bin `start`, the number at some position lies; nil if elsewhere.
  static func place(
    of position: Int64, in counts: ArraySlice<Int32>, from start: Int, after below: Int64
  ) -> Place? {
    guard position >= below else { return nil }
    var sum = below
    for index in counts.indices {
      let count = Int64(counts[index])
      if position < sum + count {
        return Place(bin: start + index - counts.startIndex, below: sum, count: count)
      }
      sum += count
    }
    return nil
  }

  /// Numbers that may be anywhere, in two rounds; collective.
  private func search(
    _ missed: [(pair: Int, positions: (first: Int64, second: Int64))],
    _ found: inout [(first: Place, second: Place)?], among world: Communicator
  ) throws(MPIError) {
    var coarse: [Int32] = []
    coarse.reserveCapacity(missed.count * window)
    for (pair, _) in missed {
      let line = counts(ofPair: pair)
      for group in 0..<window { coarse.append(Self.sum(line + group * window, window)) }
    }
    try world.allReduce(&coarse, .sum)
    // Of each number that is sought, two for each pair, its group, and the counts of the bins of that.
    var groups: [Place] = []
    var fine: [Int32] = []
    fine.reserveCapacity(missed.count * 2 * window)
    for (index, (pair, positions)) in missed.enumerated() {
      for position in [positions.first, positions.second] {
        let counts = coarse[index * window..<(index + 1) * window]
        let group = Self.place(of: position, in: counts, from: 0, after: 0)!
        groups.append(group)
        fine += UnsafeBufferPointer(
          start: self.counts(ofPair: pair) + group.bin * window, count: window)
      }
    }
    try world.allReduce(&fine, .sum)
    func place(_ number: Int, _ position: Int64) -> Place {
      let (counts, group) = (fine[number * window..<(number + 1) * window], groups[number])
      return Self.place(of: position, in: counts, from: group.bin * window, after: group.below)!
    }
    for (index, (pair, positions)) in missed.enumerated() {
      found[pair] = (place(2 * index, positions.first), place(2 * index + 1, positions.second))
    }
  }
}
