import DTrainDist

/// Statistics of columns of bytes over all ranks, from exact integer sums.
enum ByteColumns {
  /// Mean and variance of each column.
  static func moments(of rows: RowBlock, _ world: Communicator) throws -> ColumnMoments {
    let columns = rows.columns
    var sums = [Int](repeating: 0, count: 2 * columns + 1)
    sums[2 * columns] = rows.count
    let base = rows.base.assumingMemoryBound(to: UInt8.self)
    // 2^16 squares of bytes fit 32 bits: narrow sums are vectorised twice as wide.
    var narrow = [UInt32](repeating: 0, count: 2 * columns)
    for first in stride(from: 0, to: rows.count, by: 1 << 16) {
      Progress.beat()
      narrow.withUnsafeMutableBufferPointer { narrow in
        for index in 0..<narrow.count { narrow[index] = 0 }
        for row in first..<min(rows.count, first + 1 << 16) {
          let values = base + row * columns
          for column in 0..<columns {
            let value = UInt32(values[column])
            narrow[column] &+= value
            narrow[columns &+ column] &+= value &* value
          }
        }
      }
      for index in 0..<narrow.count { sums[index] += Int(narrow[index]) }
    }
    try world.allReduce(&sums, .sum)
    let count = sums[2 * columns]
    var moments = ColumnMoments(mean: [], variance: [])
    for column in 0..<columns {
      let sum = Int128(sums[column])
      let spread = Int128(count) * Int128(sums[columns + column]) - sum * sum
      moments.mean.append(Double(sums[column]) / Double(count))
      moments.variance.append(Double(spread) / (Double(count) * Double(count)))
    }
    return moments
  }
}
