extension ColumnStatistics.Extent {
  /// Columns whose ranges differ by more than this are seldom meant to count alike.
  private static let mostRatio: Float = 1000

  /// What to know of columns that are not scaled: the one with the largest range beside the one with the smallest; nil
  /// where they differ little.
  package var unevenness: RunAdvice? {
    let ranges = zip(maximum, minimum).map { $0 - $1 }
    let varying = ranges.indices.filter { ranges[$0] > 0 && ranges[$0].isFinite }
    guard let widest = varying.max(by: { ranges[$0] < ranges[$1] }),
      let narrowest = varying.min(by: { ranges[$0] < ranges[$1] }),
      ranges[widest] > Self.mostRatio * ranges[narrowest]
    else { return nil }
    return .unevenColumns(
      widest: widest, range: Double(ranges[widest]), narrowest: narrowest,
      smallRange: Double(ranges[narrowest]))
  }
}
