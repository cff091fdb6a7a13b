/// Numbers of a source that differ, but are the same once they are rounded to float32: looked for in some rows.
struct MergedNumbers {
  /// The first column that lost half of its differences; nil where none did.
  private(set) var worst: (column: Int, minimum: Double, maximum: Double)?

  /// Numbers that all ranks look at, at most.
  private static let (sampledRows, sampledNumbers) = (4096, 1 << 20)

  /// Reads some of this rank's rows again where rounded numbers occur twice; collective over `topology.world`.
  ///
  /// - Parameter block: this rank's rows, less their offsets.
  /// - Complexity: O(sampled numbers), and reading them.
  init(in block: RowBlock, of source: ArraySource, _ topology: NodeTopology) throws {
    let (world, columns) = (topology.world, block.columns)
    // A few rows of these would cost as much as all.
    guard !source.arrays.contains(where: \.isCompressed) else { return }
    let most = max(1, min(Self.sampledRows, Self.sampledNumbers / columns) / world.size)
    let rows = block.rows.lowerBound..<block.rows.lowerBound + min(block.count, most)
    let floats = block.base.assumingMemoryBound(to: Float.self)
    func rounded(_ column: Int) -> [Float] {
      rows.indices.map { floats[($0 - rows.lowerBound) * columns + column] }
    }
    let isSuspect = (0..<columns).contains { column in
      var seen: Set<Float> = []
      // Whole numbers below 2^24 are exact.
      return rounded(column).contains { value in
        !seen.insert(value).inserted && (value.magnitude >= 0x1p24 || value != value.rounded())
      }
    }
    guard try world.allReduce(isSuspect ? 1 : 0, .maximum) == 1 else { return }
    let numbers = try source.readDoubles(rows, topology: topology)
    // Of each column: different numbers before and after; then extremes.
    var counts = [Int](repeating: 0, count: 2 * columns)
    var extremes = [Double](repeating: -.infinity, count: 2 * columns)
    for column in 0..<columns {
      let own = rows.indices.map { numbers[($0 - rows.lowerBound) * columns + column] }
      counts[column] = Set(own).count
      counts[columns + column] = Set(rounded(column)).count
      extremes[column] = own.max() ?? -.infinity
      extremes[columns + column] = -(own.min() ?? .infinity)
    }
    try world.allReduce(&counts, .sum)
    try world.allReduce(&extremes, .maximum)
    worst = (0..<columns).first { 2 * counts[columns + $0] <= counts[$0] }.map {
      (column: $0, minimum: -extremes[columns + $0], maximum: extremes[$0])
    }
  }
}
