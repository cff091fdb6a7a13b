/// One pass over this rank's rows: the extent of each column and, where wanted, its sum.
///
/// Rows are taken in blocks, by ``ColumnLanes``. Of most blocks the sum in Double is exact: all values are multiples of
/// the column's lowest bit in the block, and their sum is below 2^52 of it. Where this does not hold, values are added
/// one by one.
final class ColumnPass {
  /// Nil where none are wanted; behind the columns' sums that of the rows' weights.
  let sums: ColumnSums?
  let isWeighted: Bool

  private let rows: RowBlock
  /// Of the rows of a block that count, and of those of weight 0.
  private let lanes: [ColumnLanes]
  /// `[kinds, 3, columns]`: what ``extremes`` gives.
  private var found: [Float]

  /// Takes all rows.
  ///
  /// - Complexity: O(own elements).
  init(_ rows: RowBlock, _ weights: [Float]?, sums: ColumnStatistics.Sums) {
    self.rows = rows
    lanes = (0..<(weights == nil ? 1 : 2)).map { _ in ColumnLanes(rows) }
    found = [Float](repeating: -.infinity, count: 3 * lanes.count * rows.columns)
    isWeighted = sums == .weighted && weights != nil
    self.sums =
      sums == .none
      ? nil
      : ColumnSums(columns: rows.columns + 1, exponents: isWeighted ? -298...255 : -149...127)
    let blockRows = lanes[0].blockRows
    for first in stride(from: 0, to: rows.count, by: blockRows) {
      Progress.beat()
      let block = first..<min(first + blockRows, rows.count)
      var rest = block
      while !rest.isEmpty {
        guard let weights else {
          lanes[0].take(rest)
          break
        }
        let counts = weights[rest.lowerBound] > 0
        let end = rest.first { (weights[$0] > 0) != counts } ?? rest.upperBound
        lanes[counts ? 0 : 1].take(rest.lowerBound..<end)
        rest = end..<rest.upperBound
      }
      endBlock(block)
    }
    guard let sums = self.sums else { return }
    if let weights, isWeighted {
      rows.forEachRow { row, values in Self.add(values, weight: weights[row], to: sums) }
    } else {
      sums.reserve(1)
      sums.add(Double(rows.count), to: rows.columns)
    }
  }

  private static func add(
    _ values: UnsafeBufferPointer<Float>, weight: Float, to sums: ColumnSums
  ) {
    guard weight > 0 else { return }
    sums.reserve(1)
    for column in values.indices { sums.add(Double(values[column]) * Double(weight), to: column) }
    sums.add(Double(weight), to: values.count)
  }

  /// Takes what the lanes hold of a block.
  private func endBlock(_ block: Range<Int>) {
    let columns = rows.columns
    sums?.reserve(block.count)
    for column in 0..<columns {
      var all = ColumnLanes.Tally()
      for (kind, lanes) in lanes.enumerated() {
        let tally = lanes.tally(column)
        let place = 3 * kind * columns + column
        found[place] = max(found[place], tally.largest)
        found[place + columns] = max(found[place + columns], -tally.smallest)
        found[place + 2 * columns] = max(found[place + 2 * columns], -tally.lowest)
        all.merge(tally)
      }
      guard let sums, !isWeighted else { continue }
      if all.magnitude == 0 || all.magnitude < all.lowest * 0x1p52 / Float(lanes[0].blockRows) {
        sums.add(all.sum, to: column)
      } else {
        // The sum of bytes is always exact.
        let values = rows.base.assumingMemoryBound(to: Float.self) + column
        for row in block { sums.add(Double(values[row * columns]), to: column) }
      }
    }
    for lanes in lanes { lanes.clear() }
  }

  /// The largest value of each column, its negated smallest one, and its negated lowest bit: of rows that count, then
  /// of those of weight 0.
  var extremes: [Float] { found }
}
