/// Numbers of a column that differ, but are the same once they are rounded to float32.
package struct MergedNumbers {
  /// The first column that lost many differences.
  package let column: Int
  /// Numbers of it that were looked at and differ, and that still do after rounding.
  package let (differing, remaining): (Int, Int)
  /// Between what the numbers lie.
  package let (minimum, maximum): (Double, Double)

  /// One of this many numbers that become equal to others is no accident: of 4,096 uniform ones hardly one does.
  private static let rareness = 20

  /// Looks for the first column that lost many differences; nil where none did.
  ///
  /// - Parameters:
  ///   - values: some rows before rounding, `[rows, columns]`.
  ///   - offsets: what was subtracted in Double before rounding, `[columns]`; empty for nothing.
  /// - Complexity: O(v log v) for v values.
  init?(in values: [Double], columns: Int, less offsets: [Double]) {
    for column in 0..<columns {
      let offset = offsets.isEmpty ? 0 : offsets[column]
      let numbers = stride(from: column, to: values.count, by: columns).map { values[$0] - offset }
      guard numbers.contains(where: { Double(Float($0)) != $0 }) else { continue }
      let sorted = numbers.sorted()
      var (differing, remaining) = (1, 1)
      for (before, number) in zip(sorted, sorted.dropFirst()) where before != number {
        differing += 1
        if Float(before) != Float(number) { remaining += 1 }
      }
      guard (differing - remaining) * Self.rareness >= differing, remaining < differing else {
        continue
      }
      self.column = column
      (self.differing, self.remaining) = (differing, remaining)
      (minimum, maximum) = (sorted.first! + offset, sorted.last! + offset)
      return
    }
    return nil
  }
}
