extension ColumnScaling {
  /// Columns whose mean is more standard deviations than this from that of the training rows are in other units, or in
  /// another order.
  private static let mostDeviations = 10.0

  /// The column of other rows that lies farthest from the rows that the scaling is of, where it lies far and columns are
  /// scaled by standard deviations; collective over `world`.
  ///
  /// - Parameters:
  ///   - rows: this rank's, less the offsets of the scaling.
  ///   - source: what the rows were read from, for the message.
  /// - Complexity: O(own rows · columns).
  func foreignColumn(
    in rows: RowBlock, of source: ArraySource, among world: Communicator
  ) throws -> NetworkAdvice? {
    guard kind == .standard else { return nil }
    let means = try ColumnStatistics(of: rows, sums: .unweighted, among: world).mean
    let deviations = means.indices.map { abs(means[$0] - Double(shift[$0])) * Double(factor[$0]) }
    guard let column = deviations.indices.max(by: { deviations[$0] < deviations[$1] }),
      deviations[column] > Self.mostDeviations
    else { return nil }
    return .foreignColumn(
      name: source.name, column: source.columnLabel(column), deviations: deviations[column])
  }
}
