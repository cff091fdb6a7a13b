extension RowBlock {
  /// What to know of numbers that became equal; nil where few did.
  ///
  /// - Parameter source: what the rows were read from.
  package func mergedNumbers(of source: ArraySource) -> RunAdvice? {
    merged.map {
      .mergedNumbers(
        column: source.columnLabel($0.column), differing: $0.differing, remaining: $0.remaining,
        minimum: $0.minimum,
        maximum: $0.maximum)
    }
  }
}

extension ColumnStatistics.Extent {
  /// A column with fewer steps of float32 in its range than this loses differences that may matter.
  private static let fewestSteps: Float = 512

  /// What to know of numbers that were rounded to float32: the first column that lost its differences, or all of them;
  /// nil where none did.
  ///
  /// - Parameter source: what the rows were read from.
  package func coarseness(of source: ArraySource) -> RunAdvice? {
    for column in minimum.indices {
      let (low, high) = (minimum[column], maximum[column])
      // Beyond 2^24 float32 has not every whole number.
      let isLarge = max(-low, high) >= 0x1p24
      if (high > low || isLarge), high - low < Self.fewestSteps * magnitude(column).ulp {
        return .coarseColumn(
          source.columnLabel(column), minimum: Double(low), maximum: Double(high))
      }
    }
    return nil
  }

  /// Columns whose ranges differ by more than this are seldom meant to count alike.
  private static let mostRatio: Float = 1000

  /// What to know of columns that are not scaled: the one with the largest range beside the one with the smallest; nil
  /// where they differ little.
  ///
  /// - Parameter source: what the rows were read from.
  package func unevenness(of source: ArraySource) -> RunAdvice? {
    let ranges = zip(maximum, minimum).map { $0 - $1 }
    let varying = ranges.indices.filter { ranges[$0] > 0 && ranges[$0].isFinite }
    guard let widest = varying.max(by: { ranges[$0] < ranges[$1] }),
      let narrowest = varying.min(by: { ranges[$0] < ranges[$1] }),
      ranges[widest] > Self.mostRatio * ranges[narrowest]
    else { return nil }
    return .unevenColumns(
      widest: source.columnLabel(widest), range: Double(ranges[widest]),
      narrowest: source.columnLabel(narrowest),
      smallRange: Double(ranges[narrowest]))
  }
}
