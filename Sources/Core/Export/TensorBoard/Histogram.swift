/// How often values lie in each of some intervals of the same width.
package struct Histogram: Sendable {
  /// The smallest and the largest value.
  let minimum: Double, maximum: Double
  let sum: Double, sumOfSquares: Double
  /// The upper ends of the intervals; the first begins at ``minimum``.
  let limits: [Double]
  /// The values of each interval.
  let counts: [Int]

  /// The most intervals.
  private static let intervals = 64

  /// The histogram of all values that are finite; nil where none is.
  ///
  /// - Complexity: O(values).
  package init?(of values: UnsafeBufferPointer<Float>) {
    var (low, high) = (Float.infinity, -Float.infinity)
    var (sum, sumOfSquares) = (0.0, 0.0)
    for value in values where value.isFinite {
      (low, high) = (min(low, value), max(high, value))
      sum += Double(value)
      sumOfSquares += Double(value) * Double(value)
    }
    guard low <= high else { return nil }
    (minimum, maximum) = (Double(low), Double(high))
    (self.sum, self.sumOfSquares) = (sum, sumOfSquares)
    // Values that are all the same have one interval.
    let count = low < high ? Self.intervals : 1
    let (start, width) = (minimum, (maximum - minimum) / Double(count))
    var counts = [Int](repeating: 0, count: count)
    for value in values where value.isFinite {
      let place = width > 0 ? Int((Double(value) - start) / width) : 0
      counts[min(place, count - 1)] += 1
    }
    self.counts = counts
    limits = (1..<count).map { start + Double($0) * width } + [maximum]
  }
}
