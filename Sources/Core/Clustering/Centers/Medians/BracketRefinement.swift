/// Narrows brackets of order statistics by counting the values in equal parts of each, all brackets at once.
///
/// A round takes a pass over the values and one all-reduce. Counts take at most 512 KiB, or 128 bytes for each
/// bracket if that is more, so that they stay in a cache; up to 256 brackets are narrowed to their 2^8th part
/// in each round, many to their 2^4th, so that four to eight rounds find any Float.
struct BracketRefinement {
  /// The values among which the order statistics are.
  enum Source {
    /// Those of this rank's rows, in the clusters of its labels; each counts as one, or as its row's weight.
    case rows(RowBlock, labels: [Int32], weights: [Int64]? = nil)
    /// Numbers, and the pairs or other groups they belong to.
    case candidates([Float], groups: [Int32])
  }

  let source: Source
  /// cluster · columns + column is a pair's number, below this.
  let pairs: Int
  /// The ranks whose values count together.
  let world: Communicator
  /// Rounds so far.
  private(set) var rounds = 0

  /// A bracket as the pass over the values needs it; `next` is the other one of its pair, or -1.
  private struct Probe {
    var low: Int32 = 0
    var span: UInt32 = 0
    var shift: UInt32 = 0
    var counts: Int32 = -1
    var next: Int32 = -1
  }

  /// The two numbers that each bracket seeks, by its pair; collective.
  mutating func numbers(
    _ brackets: [MedianBracket]
  ) throws(MPIError) -> [Int: (first: Float, second: Float)] {
    var numbers: [Int: (first: Float, second: Float)] = [:]
    for bracket in try narrow(brackets) {
      let number = SortableKey.float(bracket.low)
      // A bracket's numbers end in one bracket, or in one each.
      let other = numbers[bracket.pair]?.first ?? number
      numbers[bracket.pair] = (min(number, other), max(number, other))
    }
    return numbers
  }

  /// Narrows until every bracket is a single number; collective.
  ///
  /// - Returns: for each bracket the one or two that hold its numbers, in no particular order.
  private mutating func narrow(
    _ brackets: [MedianBracket]
  ) throws(MPIError) -> [MedianBracket] {
    var open = brackets.filter { !$0.isSingle }
    var done = brackets.filter(\.isSingle)
    while !open.isEmpty {
      let bits = max(4, min(8, 16 - (Int.bitWidth - (open.count - 1).leadingZeroBitCount)))
      let counts = try count(open, bits: bits)
      var next: [MedianBracket] = []
      for (index, bracket) in open.enumerated() {
        for part in bracket.narrowed(
          by: counts[index << bits..<(index + 1) << bits], shift: bracket.droppedBits(keeping: bits)
        ) {
          if part.isSingle { done.append(part) } else { next.append(part) }
        }
      }
      open = next
      rounds += 1
    }
    return done
  }

  /// The values of all ranks in each part of each bracket; collective.
  private func count(_ brackets: [MedianBracket], bits: Int) throws(MPIError) -> [Int64] {
    // One probe a pair; the second bracket of a pair stands behind them.
    var probes = [Probe](repeating: Probe(), count: pairs)
    for (index, bracket) in brackets.enumerated() {
      let probe = Probe(
        low: bracket.low, span: UInt32(bitPattern: bracket.high &- bracket.low),
        shift: UInt32(bracket.droppedBits(keeping: bits)), counts: Int32(index << bits), next: -1)
      if probes[bracket.pair].counts < 0 {
        probes[bracket.pair] = probe
      } else {
        probes[bracket.pair].next = Int32(probes.count)
        probes.append(probe)
      }
    }
    var counts = [Int64](repeating: 0, count: brackets.count << bits)
    counts.withUnsafeMutableBufferPointer { counts in
      probes.withUnsafeBufferPointer { probes in
        tally(probes.baseAddress!, counts.baseAddress!)
      }
    }
    try world.allReduce(&counts, .sum)
    return counts
  }

  private func tally(_ probes: UnsafePointer<Probe>, _ counts: UnsafeMutablePointer<Int64>) {
    switch source {
    case .rows(let rows, let labels, let weights):
      labels.withUnsafeBufferPointer { labels in
        rows.forEachRow { row, values in
          let own = probes + Int(labels[row]) * rows.columns
          let weight = weights?[row] ?? 1
          guard weight > 0 else { return }
          for column in 0..<values.count {
            Self.tally(values[column], weight, own + column, probes, counts)
          }
        }
      }
    case .candidates(let values, let groups):
      for index in 0..<values.count {
        Self.tally(values[index], 1, probes + Int(groups[index]), probes, counts)
      }
    }
  }

  @inline(__always)
  private static func tally(
    _ value: Float, _ weight: Int64, _ probe: UnsafePointer<Probe>, _ probes: UnsafePointer<Probe>,
    _ counts: UnsafeMutablePointer<Int64>
  ) {
    let key = SortableKey.of(value)
    let first = probe.pointee
    guard first.counts >= 0 else { return }
    let distance = UInt32(bitPattern: key &- first.low)
    if key >= first.low, distance <= first.span {
      counts[Int(first.counts) &+ Int(distance &>> first.shift)] &+= weight
    } else if first.next >= 0 {
      let second = probes[Int(first.next)]
      let distance = UInt32(bitPattern: key &- second.low)
      if key >= second.low, distance <= second.span {
        counts[Int(second.counts) &+ Int(distance &>> second.shift)] &+= weight
      }
    }
  }
}
