import DTrainDist
import KernelTable

/// The search of one iteration for the medians of all columns of all clusters.
///
/// A rank keeps candidates of at most two bytes for each of its elements, or 512 KiB, or 128 bytes for each
/// median.
struct MedianSearch {
  /// What is known of the place of a median.
  enum Finding {
    /// Not yet where it is.
    case nothing
    /// Both numbers in the middle, and how many values lie below the first.
    case numbers(Float, Float, below: Int64)
    /// They are among the candidates.
    case candidates(Candidates)
  }

  /// Candidates lie in a range above `below` values; those that equal its middle are only counted.
  struct Candidates {
    var range: MedianRange
    var below: Int64
    var equal: Int64
  }

  /// For each pair.
  private(set) var findings: [Finding]
  /// This rank's candidates for the medians that are found.
  private(set) var codes: [UInt64] = []
  /// Rounds of refinement.
  private(set) var rounds = 0

  private let data: ClusterData
  private let labels: [Int32]
  private let kernels: KernelTable
  private let ranges: MedianRanges
  private let candidates: MedianCandidates
  /// What is sought, and the values in the range of the pair.
  private var brackets: [MedianBracket] = []

  /// Passes over the rows before their values are counted.
  private static let mostProbes = 3

  /// How many candidates a rank can keep.
  static func capacity(_ data: ClusterData, pairs: Int) -> Int {
    let elements = data.rows.count * data.columns
    return min(elements, max(1 << 16, elements / 4, 16 * pairs))
  }

  /// Candidates of a pair that are gathered without narrowing them down.
  private var limit: Int64 { max(16, 1 << 16 / Int64(ranges.pairs)) }

  init(
    _ data: ClusterData, labels: [Int32], kernels: KernelTable, ranges: MedianRanges,
    candidates: MedianCandidates
  ) {
    self.data = data
    self.labels = labels
    self.kernels = kernels
    self.ranges = ranges
    self.candidates = candidates
    findings = [Finding](repeating: .nothing, count: ranges.pairs)
  }

  /// Looks for medians in their ranges, and then beside them; collective, and all ranks have the same ranges.
  ///
  /// - Parameter wanted: pairs, and the places of the numbers in their middle.
  mutating func start(_ wanted: [(pair: Int, ranks: (first: Int64, second: Int64))])
    throws(MPIError)
  {
    brackets = wanted.map { pair, ranks in
      MedianBracket(
        pair: pair, low: SortableKey.of(data.least[pair % data.columns]),
        high: SortableKey.of(data.greatest[pair % data.columns]), below: 0, inside: 0,
        first: ranks.first, second: ranks.second)
    }
    for _ in 0..<Self.mostProbes {
      guard brackets.contains(where: { ranges.range($0.pair) != nil }) else { return }
      candidates.collect(data.rows, labels: labels, kernels)
      candidates.numberPairs()
      let counts = try combinedCounts()
      // Where a rank had too many, nobody knows how many there are.
      guard counts[ranges.pairs * 3] == 0 else { return }
      let beside = judge(counts)
      try refineCandidates()
      ranges.clear()
      for (pair, range) in beside { ranges.set(pair, range) }
    }
  }

  /// Finds out which medians are among the candidates.
  ///
  /// - Returns: for those that are not, where to look next.
  private mutating func judge(_ counts: [Int]) -> [(pair: Int, range: MedianRange)] {
    var beside: [(pair: Int, range: MedianRange)] = []
    for index in brackets.indices {
      let bracket = brackets[index]
      guard var range = ranges.range(bracket.pair) else { continue }
      let below = Int64(counts[bracket.pair])
      let equal = Int64(counts[ranges.pairs + bracket.pair])
      let others = Int64(counts[ranges.pairs * 2 + bracket.pair])
      if bracket.first >= below, bracket.second < below + equal + others {
        brackets[index].low = SortableKey.of(range.lower)
        brackets[index].high = SortableKey.of(range.upper)
        brackets[index].below = below
        brackets[index].inside = others
        findings[bracket.pair] = .candidates(Candidates(range: range, below: below, equal: equal))
        continue
      }
      let step = Float(range.width) * 4
      range.middle = .nan
      if bracket.second < below {
        (range.lower, range.upper) = (range.lower - step, range.lower)
      } else if bracket.first >= below + equal + others {
        (range.lower, range.upper) = (range.upper, range.upper + step)
      } else {
        (range.lower, range.upper) = (range.lower - step, range.upper + step)
      }
      beside.append((bracket.pair, range))
    }
    return beside
  }

  /// The counts of all ranks for each pair: below, equal, others; then how many ranks had too many others.
  private func combinedCounts() throws(MPIError) -> [Int] {
    let pairs = ranges.pairs
    var counts = [Int](repeating: 0, count: pairs * 3 + 1)
    for pair in 0..<pairs {
      let place = ranges.place(pair)
      counts[pair] = Int(candidates.below[place])
      counts[pairs + pair] = Int(candidates.equal[place])
    }
    for pair in candidates.kept.places { counts[pairs * 2 + Int(pair)] += 1 }
    counts[pairs * 3] = candidates.isComplete ? 0 : 1
    try data.world.allReduce(&counts, .sum)
    return counts
  }

  /// Narrows down the medians that have many candidates, among these; collective.
  private mutating func refineCandidates() throws(MPIError) {
    let wide = brackets.filter { bracket in
      guard ranges.range(bracket.pair) != nil,
        case .candidates(let within) = findings[bracket.pair]
      else { return false }
      return within.equal == 0 && bracket.inside > limit
    }
    if !wide.isEmpty {
      let kept = candidates.kept
      try refine(
        wide, .candidates(kept.values, pairs: UnsafeBufferPointer(kept.places)))
    }
    keepCandidates()
  }

  /// Finds what is not found yet among all rows; collective, and all ranks know what that is.
  ///
  /// - Parameter sizes: of the clusters.
  mutating func searchRows(_ sizes: [Int]) throws(MPIError) {
    let missed = brackets.filter { if case .nothing = findings[$0.pair] { true } else { false } }
    guard !missed.isEmpty else { return }
    ranges.clear()
    try refine(
      missed.map {
        var bracket = $0
        bracket.inside = Int64(sizes[$0.pair / data.columns])
        return bracket
      }, .rows(data.rows, labels: labels))
    guard missed.contains(where: { ranges.range($0.pair) != nil }) else { return }
    candidates.collect(data.rows, labels: labels, kernels)
    precondition(candidates.isComplete, "more candidates than were counted")
    candidates.numberPairs()
    keepCandidates()
  }

  /// Narrows brackets, and keeps what that finds: in `findings`, and as ranges of the pairs.
  private mutating func refine(
    _ brackets: [MedianBracket], _ source: BracketRefinement.Source
  ) throws(MPIError) {
    var refinement = BracketRefinement(source, pairs: ranges.pairs, among: data.world)
    let narrow = try refinement.narrow(brackets, limit: limit)
    rounds += refinement.rounds
    // The two brackets of a median that fell apart have nothing between them.
    var parts: [Int: (first: MedianBracket, last: MedianBracket)] = [:]
    for bracket in narrow {
      guard let other = parts[bracket.pair]?.first else {
        parts[bracket.pair] = (bracket, bracket)
        continue
      }
      parts[bracket.pair] = other.low < bracket.low ? (other, bracket) : (bracket, other)
    }
    for (pair, (first, last)) in parts {
      let range = MedianRange(
        lower: SortableKey.float(first.low), middle: .nan, upper: SortableKey.float(last.high))
      if first.isSingle, last.isSingle {
        findings[pair] = .numbers(range.lower, range.upper, below: first.below)
        ranges.set(pair, nil)
      } else {
        findings[pair] = .candidates(Candidates(range: range, below: first.below, equal: 0))
        ranges.set(pair, range)
      }
    }
  }

  /// Keeps the collected values that lie in the range of a pair whose median is among them.
  private mutating func keepCandidates() {
    // Where nothing is kept, no value lies between the ends.
    var lower = [Float](repeating: .infinity, count: ranges.pairs)
    var upper = [Float](repeating: -.infinity, count: ranges.pairs)
    for pair in 0..<ranges.pairs {
      guard case .candidates = findings[pair], let range = ranges.range(pair) else { continue }
      (lower[pair], upper[pair]) = (range.lower, range.upper)
    }
    let (values, pairs) = candidates.kept
    for index in 0..<values.count {
      let (value, pair) = (values[index], Int(pairs[index]))
      guard value >= lower[pair], value <= upper[pair] else { continue }
      codes.append(MedianSelection.code(value, pair: pairs[index]))
    }
  }
}
