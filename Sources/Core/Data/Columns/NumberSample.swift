/// Numbers of a matrix as they are stored, before they are rounded: those of one row in each of many equal stretches, at a
/// place that no regular order of rows repeats.
///
/// Each rank takes what it reads, and ``values(among:)`` joins them, so that they are the same for any number of ranks.
final class NumberSample {
  let columns: Int
  private let rows: Int
  /// Of each 2^shift rows one is taken.
  private let shift: Int
  /// `[stretches, columns]`; below all numbers where another rank reads them.
  private var own: [Double]

  /// Rows and numbers that are taken, at most; but one row at least.
  private static let (mostRows, mostNumbers) = (4096, 1 << 18)

  /// - Parameters:
  ///   - rows: of the whole matrix.
  ///   - columns: of a row, as it is kept.
  init(rows: Int, columns: Int) {
    let most = max(1, min(Self.mostRows, Self.mostNumbers / columns))
    var shift = 0
    while (rows - 1) >> shift >= most { shift += 1 }
    (self.rows, self.columns) = (rows, columns)
    self.shift = shift
    own = [Double](repeating: -.infinity, count: ((rows - 1) >> shift + 1) * columns)
  }

  /// Takes from numbers that follow each other along a row, and on into the next ones where they begin at its first column.
  ///
  /// - Parameters:
  ///   - row: of the first number, in the whole matrix.
  ///   - column: of the first number.
  @inline(__always)
  func take<S: NativeScalar>(_ values: UnsafeBufferPointer<S>, row: Int, column: Int) {
    for stretch in stretches(of: row..<row + (column + values.count - 1) / columns + 1) {
      // Where the row that is taken begins among the values.
      let start = (taken(stretch) - row) * columns - column
      guard start + columns > 0, start < values.count else { continue }
      for index in max(0, start)..<min(start + columns, values.count) {
        own[stretch * columns + index - start] = values[index].asDouble
      }
    }
  }

  /// Takes from numbers that follow each other down a column.
  func take<S: NativeScalar>(
    _ values: UnsafeBufferPointer<S>, downColumn column: Int, from row: Int
  ) {
    for stretch in stretches(of: row..<row + values.count) {
      let index = taken(stretch) - row
      if values.indices.contains(index) { own[stretch * columns + column] = values[index].asDouble }
    }
  }

  /// Those in which some rows, at least one, lie.
  @inline(__always)
  private func stretches(of rows: Range<Int>) -> ClosedRange<Int> {
    rows.lowerBound >> shift...(rows.upperBound - 1) >> shift
  }

  /// The row of a stretch that is taken.
  @inline(__always)
  private func taken(_ stretch: Int) -> Int {
    // Bits of a product with 2^64 divided by the golden ratio are as good as random.
    let bits = UInt64(stretch) &* 0x9e37_79b9_7f4a_7c15 >> 32
    return min(stretch << shift + Int(bits) & (1 << shift - 1), rows - 1)
  }

  /// What all ranks took, `[rows that are taken, columns]`; collective.
  ///
  /// - Complexity: an all-reduce of at most 2^18 numbers, or of one row.
  func values(among world: Communicator) throws -> [Double] {
    var all = own
    try world.allReduce(&all, .maximum)
    return all
  }
}
