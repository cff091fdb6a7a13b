/// How rows are brought near 0 and below 1 before anything is computed with less than Double: less their
/// columns' means, times one power of two.
struct CenteredRows {
  let rows: RowBlock
  /// What is taken from each column: the means, of bytes rounded to integers; 0 where differences from them
  /// would be infinite.
  let shift: [Float]
  /// A power of two: all (x - shift) · scale have magnitudes below 1.
  let scale: Double
  /// The norm of each local row after shift and scale, rounded up by less than 2^-22 of itself.
  let norms: [Float]
  /// Found on the way: the weighted sums of the squared distances of this rank's rows to the middle of the data, and of
  /// their distances to the point of the columns' weighted means.
  let squares: FixedPointSum
  let distances: FixedPointSum

  /// Looks at each row once.
  ///
  /// - Parameter data: of rows that are not scaled.
  init(_ data: ClusterData) {
    rows = data.rows
    let means = data.means
    var shift = rows.element == .uint8 ? means.map { $0.rounded() } : means
    var magnitude = Self.magnitude(of: data, without: shift)
    if magnitude >= Double(Float.greatestFiniteMagnitude) {
      shift = [Float](repeating: 0, count: data.columns)
      magnitude = Self.magnitude(of: data, without: shift)
    }
    let exponent = magnitude == 0 ? 0 : -(Int(magnitude.exponent) + 1)
    let scale = Double(sign: .plus, exponent: min(max(exponent, -126), 126), significand: 1)
    let middle = data.middle
    let points = shift.indices.flatMap { [Double(shift[$0]), middle[$0], Double(data.center[$0])] }
    var norms = [Float](repeating: 0, count: rows.count)
    // The middle of the ranges is at most half as far from a row as their farthest point is.
    var squares = FixedPointSum(
      bound: data.largestCost(.l2) / 4 * data.largestWeight, count: data.count)
    var distances = ClusterMetric.l2.emptySum(of: data)
    rows.forEachDistances(to: points) { row, costs in
      // A power of two leaves the bits of a sum and of all its terms as they are.
      norms[row] = Float((costs.0 * scale * scale).squareRoot() * (1 + 0x1p-40)).nextUp
      squares.add(costs.1 * data.weight(row))
      distances.add(ClusterMetric.l2.distance(costs.2) * data.weight(row))
    }
    self.shift = shift
    self.scale = scale
    self.norms = norms
    self.squares = squares
    self.distances = distances
  }

  /// A coordinate of a center after shift and scale.
  @inline(__always)
  func coordinate(_ value: Float, _ column: Int) -> Double {
    (Double(value) - Double(shift[column])) * scale
  }

  /// What kernels take from each column, and what they multiply it with to scale it, times a power of two; with zeros
  /// behind the last column.
  func shiftAndFactor(room: Int, times power: Double = 1) -> (AlignedFloats, AlignedFloats) {
    let (aligned, factor) = (AlignedFloats(count: room), AlignedFloats(count: room))
    for (column, shift) in shift.enumerated() {
      aligned.base[column] = shift
      factor.base[column] = Float(scale * power)
    }
    return (aligned, factor)
  }

  /// The largest magnitude of any element less its column's shift.
  private static func magnitude(of data: ClusterData, without shift: [Float]) -> Double {
    shift.indices.reduce(0.0) {
      max(
        $0, abs(Double(data.minimum[$1]) - Double(shift[$1])),
        abs(Double(data.maximum[$1]) - Double(shift[$1])))
    }
  }
}
