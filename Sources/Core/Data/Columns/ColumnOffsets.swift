/// What is subtracted in Double from each column of float64 or wide integers before it is rounded to float32, so that
/// large numbers which lie close together, such as Unix seconds, keep their differences.
///
/// A column gets an offset where at least three of four sampled numbers come 16 times closer to 0 by it. A number x is then
/// known to 2^-24 of |x - offset|; without an offset to 2^-24 of |x|.
package enum ColumnOffsets {
  /// Rows that are looked at, spread evenly over all; and the numbers in them, at most.
  private static let (sampledRows, sampledNumbers) = (1024, 1 << 20)
  /// How much closer to 0 numbers must come.
  private static let gain: Float = 16
  /// Offsets of offsets: each round adds the digits that float32 has.
  private static let rounds = 3

  /// Finds offsets, and has numbers read anew less these, until none come closer to 0; collective.
  ///
  /// - Parameters:
  ///   - rows, columns: of the whole matrix.
  ///   - own: the rows that this rank holds; each row is held by one rank at least.
  ///   - value: a number, by local row and column, less the offsets that `subtract` was called with last.
  ///   - subtract: is called with the offsets, `[columns]`.
  /// - Complexity: O(columns) times a constant, and an all-reduce of at most 2^20 numbers (or one row) a round.
  package static func find(
    of rows: Int, _ columns: Int, _ own: Range<Int>, among world: Communicator,
    value: (_ row: Int, _ column: Int) -> Float, subtract: ([Double]) throws -> Void
  ) throws {
    var offsets = [Double](repeating: 0, count: columns)
    let sampled = min(rows, max(1, min(sampledRows, sampledNumbers / columns)))
    for _ in 0..<rounds {
      var sample = [Float](repeating: -.infinity, count: columns * sampled)
      for index in 0..<sampled {
        let row = index * rows / sampled
        guard own.contains(row) else { continue }
        for column in 0..<columns {
          sample[column * sampled + index] = value(row - own.lowerBound, column)
        }
      }
      // Rows that several ranks hold are the same on each.
      try world.allReduce(&sample, .maximum)
      var isBetter = false
      for column in 0..<columns {
        guard let offset = offset(of: sample[(column * sampled)...].prefix(sampled)) else {
          continue
        }
        offsets[column] += Double(offset)
        isBetter = true
      }
      guard isBetter else { return }
      try subtract(offsets)
    }
  }

  /// The median, the lower of two, if it is an offset that pays.
  private static func offset(of sample: ArraySlice<Float>) -> Float? {
    let median = sample.sorted()[(sample.count - 1) / 2]
    guard median != 0 else { return nil }
    let closer = sample.count { ($0 - median).magnitude <= $0.magnitude / gain }
    return closer * 4 >= sample.count * 3 ? median : nil
  }
}
