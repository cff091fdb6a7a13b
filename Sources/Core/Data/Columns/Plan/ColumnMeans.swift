/// The mean of each column's numbers, those that are missing left out: exact sums, so the same however rows are divided.
package final class ColumnMeans {
  private let sums: ColumnSums
  private var counts: [Int]
  private var last = -1

  init(columns: Int) {
    sums = ColumnSums(columns: columns)
    counts = [Int](repeating: 0, count: columns)
  }

  /// Takes a number, unless it is NaN or infinite.
  func add(_ value: Double, to column: Int) {
    if column <= last { sums.reserve(1) }
    last = column
    guard value.isFinite else { return }
    sums.add(value, to: column)
    counts[column] += 1
  }

  /// The means over all ranks; NaN for a column without numbers; collective.
  func values(among world: Communicator) throws -> [Double] {
    try world.allReduce(&counts, .sum)
    return zip(try sums.values(among: world), counts).map { $0 / Double($1) }
  }
}
