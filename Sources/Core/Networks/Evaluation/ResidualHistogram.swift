/// How often residuals (predicted less actual) fall into bins of equal width. The width is the power of two that the
/// largest magnitude asks for, so that it does not matter in which order, and on which ranks, they were added.
struct ResidualHistogram {
  /// Bins on each side of 0.
  private static let half = 512

  /// The logarithm of the width to base 2; nil before there is a number other than 0.
  private var exponent: Int?
  /// Bin `k` is `counts[k + half]`: residuals from `k` to `k + 1` widths.
  private var counts = [Int](repeating: 0, count: 2 * half)

  /// Counts a residual; what is not finite is left out.
  mutating func add(_ residual: Double) {
    guard residual.isFinite else { return }
    guard residual != 0 else {
      counts[Self.half] += 1
      return
    }
    // Less than 2^(e+1) in magnitude, it is within 512 widths of 2^(e-8).
    widen(to: Int(residual.exponent) - 8)
    counts[Int((residual / width).rounded(.down)) + Self.half] += 1
  }

  private var width: Double { Double(sign: .plus, exponent: exponent ?? 0, significand: 1) }

  /// Makes bins at least as wide as 2 to this power.
  private mutating func widen(to wanted: Int) {
    // Before there is a width only 0 was counted, and its bin begins there whatever the width is.
    guard let exponent else { return self.exponent = wanted }
    guard wanted > exponent else { return }
    var merged = [Int](repeating: 0, count: counts.count)
    for (index, count) in counts.enumerated() where count > 0 {
      merged[((index - Self.half) >> (wanted - exponent)) + Self.half] += count
    }
    (counts, self.exponent) = (merged, wanted)
  }

  /// Adds the residuals of all ranks; collective.
  mutating func combine(among world: Communicator) throws(MPIError) {
    let widest = try world.allReduce(exponent ?? Int.min, .maximum)
    if widest > Int.min { widen(to: widest) }
    try world.allReduce(&counts, .sum)
  }

  /// The width of a bin, the number of the first that is not empty, and the counts from there to the last.
  var report: JSON {
    let first = counts.firstIndex { $0 > 0 } ?? Self.half
    let last = counts.lastIndex { $0 > 0 } ?? Self.half
    return [
      "width": .number(width), "first": .integer(first - Self.half),
      "counts": .array(counts[first...last].map { .integer($0) }),
    ]
  }
}
