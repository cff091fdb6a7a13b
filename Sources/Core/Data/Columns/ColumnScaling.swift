/// An offset, a shift and a factor for each column, so that `scaled = (float32(x - offset) - shift) * factor`.
///
/// Offsets are in Double: see ``ColumnOffsets``. Rows that were read less their offsets are scaled by the rest.
/// Computed from the training rows of all ranks, with the same bits however they are divided.
public struct ColumnScaling: Equatable, Sendable {
  /// How columns are scaled.
  public enum Kind: String, CaseIterable, Sendable {
    /// Not at all.
    case none
    /// Bytes divided by 255; float columns by their largest magnitude.
    case unit
    /// Mean 0 and standard deviation 1 (of the population: divided by n) over the training rows.
    case standard
  }

  /// How it was computed.
  public let kind: Kind
  /// Subtracted before numbers are rounded, `[columns]`; empty for nothing.
  public let offsets: [Double]
  /// Subtracted next, `[columns]`.
  public let shift: [Float]
  /// Multiplied with afterwards, `[columns]`; finite and greater than 0.
  public let factor: [Float]

  /// A scaling that is already known, such as a model's.
  public init(kind: Kind, offsets: [Double] = [], shift: [Float], factor: [Float]) {
    precondition(shift.count == factor.count, "\(shift.count) shifts, \(factor.count) factors")
    precondition(offsets.isEmpty || offsets.count == shift.count, "\(offsets.count) offsets")
    self.kind = kind
    self.offsets = offsets
    self.shift = shift
    self.factor = factor
  }

  /// Computes a scaling; collective, and the same on every rank.
  ///
  /// A column without spread gets the factor 1 (`standard`), and so does one of zeros (`unit`).
  ///
  /// - Parameters:
  ///   - kind: how to scale.
  ///   - rows: this rank's rows, finite; all ranks have the same columns and element type.
  ///   - world: the ranks among which the rows are divided.
  /// - Complexity: O(own elements), two passes at most; see ``ColumnStatistics``.
  public init(_ kind: Kind, of rows: RowBlock, among world: Communicator) throws {
    try self.init(
      kind, of: rows, nil, try ColumnStatistics(of: rows, sums: kind.sums, among: world),
      among: world)
  }

  /// Computes a scaling by rows of which each counts as often as it weighs; collective, and the same on every rank.
  ///
  /// - Parameter statistics: of the rows and weights, with the sums that the kind wants; looked at only where the scaling
  ///   depends on the rows.
  /// - Parameter ofConstants: the factor of a column that is the same in all rows; 0 lets nothing follow from it.
  package init(
    _ kind: Kind, of rows: RowBlock, _ weights: RowWeights?,
    _ statistics: @autoclosure () throws -> ColumnStatistics, among world: Communicator,
    ofConstants constant: Float = 1
  ) throws {
    var shift = [Float](repeating: 0, count: rows.columns)
    var factor = [Float](repeating: 1, count: rows.columns)
    switch (kind, rows.element) {
    case (.none, _): break
    case (.unit, .uint8): factor = factor.map { $0 / 255 }
    case (.unit, .float32):
      let extent = try statistics().counted
      factor = factor.indices.map { column in
        let offset = rows.offsets.isEmpty ? 0 : rows.offsets[column]
        let ends = [extent.minimum[column], extent.maximum[column]]
        return Self.inverse(of: ends.map { (Double($0) + offset).magnitude }.max()!)
      }
    case (.standard, _):
      let statistics = try statistics()
      // Not -0, as small means below 0 would become.
      shift = statistics.mean.map { Float($0) + 0 }
      factor = try statistics.standardDeviations(of: rows, weights, among: world)
        .map { $0 == 0 ? constant : Self.inverse(of: $0) }
    }
    self.init(kind: kind, offsets: rows.offsets, shift: shift, factor: factor)
  }

  /// 1 / x, or 1 for 0; what exceeds binary32 is cut to its largest value.
  package static func inverse(of value: Double) -> Float {
    value == 0 ? 1 : Float(min(1 / value, Double(Float.greatestFiniteMagnitude)))
  }
}

extension ColumnScaling.Kind {
  /// The sums of the rows that a scaling is computed from.
  package var sums: ColumnStatistics.Sums {
    switch self {
    case .none, .unit: .none
    case .standard: .weighted
    }
  }
}
