import DTrainDist

/// How many of this rank's values of each column of each cluster are in each of 256 bins, and where among those of
/// all ranks an order statistic is.
///
/// The ranks add up their counts of sixteen bins around an old median. Where the new one is not among them, two
/// rounds add up sixteen counts of sixteen bins each, and then the sixteen that matter. Messages hold at most 32
/// counts for each pair of cluster and column, whatever the number of rows.
final class BinCounts {
  /// A bin that holds an order statistic.
  struct Place {
    let bin: Int
    /// Values of all ranks in lower bins, and in this one.
    let below: Int64
    let count: Int64
  }

  /// `[pairs, 256]`.
  let counts: UnsafeMutablePointer<Int32>
  private let pairs: Int
  private static let window = 16
  /// The counts of a rank take 1024 bytes a pair, which must not exceed this.
  private static let mostBytes = 1 << 30

  /// Whether the counts of so many values can be kept.
  static func canCount(pairs: Int, rows: Int) -> Bool {
    pairs <= mostBytes / 1024 && rows < Int(Int32.max)
  }

  /// Nothing counted yet.
  init(pairs: Int) {
    self.pairs = pairs
    counts = .allocate(capacity: pairs * 256)
    counts.initialize(repeating: 0, count: pairs * 256)
  }

  deinit { counts.deallocate() }

  /// The first bin of the window around a bin.
  private static func start(near bin: Int) -> Int { min(max(bin - 8, 0), 256 - window) }

  /// This rank's counts around a bin of each pair, to be added up over all ranks.
  func windows(near: [Int]) -> [Int32] {
    var windows = [Int32](repeating: 0, count: pairs * (Self.window + 1))
    for pair in 0..<pairs { fillWindow(pair, start: Self.start(near: near[pair]), &windows) }
    return windows
  }

  /// Finds order statistics among the values of all ranks; collective, without any message where all are in their
  /// windows.
  ///
  /// - Parameters:
  ///   - ranks: of each pair the two numbers that are sought, from 0; nil for none.
  ///   - near: the bins that the windows are around.
  ///   - windows: the sums of all ranks' `windows(near:)`.
  /// - Returns: for each pair where its two numbers are.
  func locate(
    _ ranks: [(first: Int64, second: Int64)?], near: [Int], windows: [Int32],
    among world: Communicator
  ) throws(MPIError) -> [(first: Place, second: Place)?] {
    var found = [(first: Place, second: Place)?](repeating: nil, count: pairs)
    var missed: [(pair: Int, ranks: (first: Int64, second: Int64))] = []
    for pair in 0..<pairs {
      guard let sought = ranks[pair] else { continue }
      let start = pair * (Self.window + 1)
      let bin = Self.start(near: near[pair])
      let counts = windows[start + 1...start + Self.window]
      if let first = Self.place(
        of: sought.first, in: counts, from: bin, after: Int64(windows[start])),
        let second = Self.place(
          of: sought.second, in: counts, from: bin, after: Int64(windows[start]))
      {
        found[pair] = (first, second)
      } else {
        missed.append((pair, sought))
      }
    }
    if !missed.isEmpty { try search(missed, &found, among: world) }
    return found
  }

  /// The number of values under the window, and the counts in it.
  private func fillWindow(_ pair: Int, start: Int, _ windows: inout [Int32]) {
    let line = counts + pair * 256
    let out = pair * (Self.window + 1)
    var below: Int32 = 0
    for bin in 0..<start { below &+= line[bin] }
    windows[out] = below
    for bin in 0..<Self.window { windows[out + 1 + bin] = line[start + bin] }
  }

  /// Where in a run of counts, whose first is that of bin `start`, the number of some rank lies; nil if elsewhere.
  private static func place(
    of rank: Int64, in counts: ArraySlice<Int32>, from start: Int, after below: Int64
  ) -> Place? {
    guard rank >= below else { return nil }
    var sum = below
    for index in counts.indices {
      let count = Int64(counts[index])
      if rank < sum + count {
        return Place(bin: start + index - counts.startIndex, below: sum, count: count)
      }
      sum += count
    }
    return nil
  }

  /// Numbers that may be anywhere, in two rounds; collective.
  private func search(
    _ missed: [(pair: Int, ranks: (first: Int64, second: Int64))],
    _ found: inout [(first: Place, second: Place)?], among world: Communicator
  ) throws(MPIError) {
    var coarse = [Int32](repeating: 0, count: missed.count * 16)
    for (index, (pair, _)) in missed.enumerated() {
      for bin in 0..<256 { coarse[index * 16 + bin >> 4] &+= counts[pair * 256 + bin] }
    }
    try world.allReduce(&coarse, .sum)
    let groups = missed.enumerated().map { index, sought in
      let counts = coarse[index * 16..<(index + 1) * 16]
      return (
        Self.place(of: sought.ranks.first, in: counts, from: 0, after: 0)!,
        Self.place(of: sought.ranks.second, in: counts, from: 0, after: 0)!
      )
    }
    var fine = [Int32](repeating: 0, count: missed.count * 32)
    for (index, (pair, _)) in missed.enumerated() {
      for bin in 0..<16 {
        fine[index * 32 + bin] = counts[pair * 256 + groups[index].0.bin * 16 + bin]
        fine[index * 32 + 16 + bin] = counts[pair * 256 + groups[index].1.bin * 16 + bin]
      }
    }
    try world.allReduce(&fine, .sum)
    for (index, (pair, ranks)) in missed.enumerated() {
      let (low, high) = groups[index]
      let start = index * 32
      found[pair] = (
        Self.place(
          of: ranks.first, in: fine[start..<start + 16], from: low.bin * 16, after: low.below)!,
        Self.place(
          of: ranks.second, in: fine[start + 16..<start + 32], from: high.bin * 16,
          after: high.below)!
      )
    }
  }
}
