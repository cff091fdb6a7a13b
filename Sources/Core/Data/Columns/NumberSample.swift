/// Numbers of a matrix as they are stored, before they are rounded: those of some rows, spread evenly over all.
///
/// Each rank takes what it reads, and ``values(among:)`` joins them, so that they are the same for any number of ranks.
final class NumberSample {
  let columns: Int
  /// Every 2^shift-th row is taken.
  private let shift: Int
  /// `[rows that are taken, columns]`; below all numbers where another rank reads them.
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
    self.columns = columns
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
    var next = firstTaken(from: row)
    // Where the next row that is taken begins among the values.
    var start = (next - row) * columns - column
    while start < values.count {
      for index in max(0, start)..<min(start + columns, values.count) {
        own[(next >> shift) * columns + index - start] = values[index].asDouble
      }
      next += 1 << shift
      start += columns << shift
    }
  }

  /// Takes from numbers that follow each other down a column.
  func take<S: NativeScalar>(
    _ values: UnsafeBufferPointer<S>, downColumn column: Int, from row: Int
  ) {
    var next = firstTaken(from: row)
    while next - row < values.count {
      own[(next >> shift) * columns + column] = values[next - row].asDouble
      next += 1 << shift
    }
  }

  private func firstTaken(from row: Int) -> Int { ((row + (1 << shift) - 1) >> shift) << shift }

  /// What all ranks took, `[rows that are taken, columns]`; collective.
  ///
  /// - Complexity: an all-reduce of at most 2^18 numbers, or of one row.
  func values(among world: Communicator) throws -> [Double] {
    var all = own
    try world.allReduce(&all, .maximum)
    return all
  }
}
