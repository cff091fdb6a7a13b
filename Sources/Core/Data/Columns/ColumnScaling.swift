import DTrainDist

/// A shift and a factor for each column, so that `scaled = (x - shift) * factor`.
///
/// Computed from the training rows of all ranks, with the same bits however they are divided.
public struct ColumnScaling: Equatable, Sendable {
  /// How columns are scaled.
  public enum Kind: String, CaseIterable, Sendable {
    /// Not at all.
    case none
    /// Bytes divided by 255; float columns by their largest magnitude.
    case unit
    /// Mean 0 and deviation 1 (of the population: divided by n) over the training rows.
    case standard
  }

  /// How it was computed.
  public let kind: Kind
  /// Subtracted first, `[columns]`.
  public let shift: [Float]
  /// Multiplied with afterwards, `[columns]`; finite and greater than 0.
  public let factor: [Float]

  /// A scaling that is already known, such as a model's.
  public init(kind: Kind, shift: [Float], factor: [Float]) {
    precondition(shift.count == factor.count, "\(shift.count) shifts, \(factor.count) factors")
    self.kind = kind
    self.shift = shift
    self.factor = factor
  }

  /// Computes a scaling; collective, and the same on every rank.
  ///
  /// A column without spread gets the factor 1 (`standard`), and so does one of zeros (`unit`).
  ///
  /// Errors of `standard`. Bytes: sums are exact, so that mean and variance are rounded a few times
  /// only. Floats: values are added as whole quanta of 2^(e-62), where 2^e is the power of two above
  /// the column's largest magnitude M; each is cut by less than one quantum, at most M·2^-61, so the
  /// mean is off by less than that and two roundings of Double. Squared deviations are added likewise,
  /// each cut by less than D²·2^-61, D being the largest deviation; since their sum is at least D², the
  /// variance of n rows is off by less than the fraction n·2^-61 + 2^-50.
  ///
  /// - Parameters:
  ///   - kind: how to scale.
  ///   - rows: this rank's rows, finite; all ranks have the same columns and element type.
  ///   - world: the ranks among which the rows are divided.
  /// - Complexity: O(own elements), three passes at most, and five all-reduces of `columns` numbers.
  public init(_ kind: Kind, of rows: RowBlock, among world: Communicator) throws {
    let columns = rows.columns
    var shift = [Float](repeating: 0, count: columns)
    var factor = [Float](repeating: 1, count: columns)
    switch (kind, rows.element) {
    case (.none, _): break
    case (.unit, .uint8): factor = [Float](repeating: 1 / 255, count: columns)
    case (.unit, .float32):
      let extremes = try FloatColumns(rows, world).extremes()
      factor = zip(extremes.least, extremes.greatest).map { least, greatest in
        Self.inverse(of: Double(max(-least, greatest)))
      }
    case (.standard, .uint8):
      let moments = try ByteColumns.moments(of: rows, world)
      for column in 0..<columns {
        shift[column] = Float(moments.mean[column])
        factor[column] = Self.inverse(of: moments.variance[column].squareRoot())
      }
    case (.standard, .float32):
      let statistics = FloatColumns(rows, world)
      let extremes = try statistics.extremes()
      let moments = try statistics.moments(extremes)
      for column in 0..<columns {
        shift[column] = Float(moments.mean[column])
        factor[column] = Self.inverse(of: moments.variance[column].squareRoot())
      }
    }
    self.init(kind: kind, shift: shift, factor: factor)
  }

  /// 1 / x, or 1 for 0; what exceeds binary32 is cut to its largest value.
  package static func inverse(of value: Double) -> Float {
    value == 0 ? 1 : Float(min(1 / value, Double(Float.greatestFiniteMagnitude)))
  }
}

/// Mean and variance (divided by n) of each column.
struct ColumnMoments {
  var mean: [Double]
  var variance: [Double]
}
