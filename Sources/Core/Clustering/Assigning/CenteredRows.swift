import DTrainData

/// How rows are brought near 0 and below 1 before anything is computed with less than Double: less their
/// columns' means, times one power of two.
struct CenteredRows {
  let data: ClusterData
  /// What is taken from each column: the means, of bytes rounded to integers; 0 where differences from them
  /// would be infinite.
  let shift: [Float]
  /// A power of two: all (x - shift) · scale have magnitudes below 1.
  let scale: Double
  /// The norm of each local row after shift and scale, rounded up by less than 2^-22 of itself.
  let norms: [Float]

  init(_ data: ClusterData) {
    self.data = data
    var shift = data.rows.element == .uint8 ? data.means.map { $0.rounded() } : data.means
    var magnitude = Self.magnitude(of: data, without: shift)
    if magnitude >= Double(Float.greatestFiniteMagnitude) {
      shift = [Float](repeating: 0, count: data.columns)
      magnitude = Self.magnitude(of: data, without: shift)
    }
    self.shift = shift
    let exponent = magnitude == 0 ? 0 : -(Int(magnitude.exponent) + 1)
    scale = Double(sign: .plus, exponent: min(max(exponent, -126), 126), significand: 1)
    norms = Self.norms(of: data.rows, shift: shift, scale: scale)
  }

  /// A coordinate of a center after shift and scale.
  @inline(__always)
  func coordinate(_ value: Float, _ column: Int) -> Double {
    (Double(value) - Double(shift[column])) * scale
  }

  /// The largest magnitude of any element less its column's shift.
  private static func magnitude(of data: ClusterData, without shift: [Float]) -> Double {
    shift.indices.reduce(0.0) {
      max(
        $0, abs(Double(data.least[$1]) - Double(shift[$1])),
        abs(Double(data.greatest[$1]) - Double(shift[$1])))
    }
  }

  private static func norms(of rows: RowBlock, shift: [Float], scale: Double) -> [Float] {
    var norms = [Float](repeating: 0, count: rows.count)
    rows.forEachRow { row, values in
      var sum = 0.0
      for column in values.indices {
        let difference = (Double(values[column]) - Double(shift[column])) * scale
        sum += difference * difference
      }
      norms[row] = Float(sum.squareRoot() * (1 + 0x1p-40)).nextUp
    }
    return norms
  }
}
