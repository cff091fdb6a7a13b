import DTrainDist

/// Statistics of columns of floats over all ranks, with the same bits for any division of the rows:
/// values are added as fixed-point integers, which is associative.
struct FloatColumns {
  private let rows: RowBlock
  private let world: Communicator
  private let columns: Int
  private let base: UnsafePointer<Float>

  init(_ rows: RowBlock, _ world: Communicator) {
    self.rows = rows
    self.world = world
    columns = rows.columns
    base = rows.base.assumingMemoryBound(to: Float.self)
  }

  /// The smallest and largest value of each column.
  func extremes() throws -> (least: [Float], greatest: [Float]) {
    // The negated smallest first, so that one reduction serves both.
    var bounds = [Float](repeating: -.infinity, count: 2 * columns)
    bounds.withUnsafeMutableBufferPointer { bounds in
      for row in 0..<rows.count {
        Progress.beat()
        let values = base + row * columns
        for column in 0..<columns {
          let value = values[column]
          bounds[column] = max(bounds[column], -value)
          bounds[columns &+ column] = max(bounds[columns &+ column], value)
        }
      }
    }
    try world.allReduce(&bounds, .maximum)
    // A zero's sign would depend on which rank held it.
    return (bounds[..<columns].map { 0 - $0 }, bounds[columns...].map { $0 + 0 })
  }

  /// Mean and variance of each column; see ``ColumnScaling`` for the bounds on their errors.
  func moments(_ extremes: (least: [Float], greatest: [Float])) throws -> ColumnMoments {
    let count = Double(try world.allReduce(rows.count, .sum))
    let magnitudes = zip(extremes.least, extremes.greatest).map { Double(max(-$0, $1)) }
    let total = try sums(quanta: magnitudes.map(Self.quantumExponent)) { _, value in value }
    var mean = total.map { $0 / count }
    var isConstant = [Bool](repeating: false, count: columns)
    for column in 0..<columns where extremes.least[column] == extremes.greatest[column] {
      mean[column] = Double(extremes.least[column])
      isConstant[column] = true
    }
    // Rounding is monotonic, so the largest deviation is that of an extreme.
    let deviations = (0..<columns).map { column in
      max(
        Double(extremes.greatest[column]) - mean[column],
        mean[column] - Double(extremes.least[column]))
    }
    let squares = try mean.withUnsafeBufferPointer { mean in
      try sums(quanta: deviations.map { Self.quantumExponent($0 * $0) }) { column, value in
        let deviation = value - mean[column]
        return deviation * deviation
      }
    }
    var variance = squares.map { $0 / count }
    for column in 0..<columns where isConstant[column] { variance[column] = 0 }
    return ColumnMoments(mean: mean, variance: variance)
  }

  /// The exponent q such that values up to `magnitude` are at most 2^62 quanta of 2^q.
  private static func quantumExponent(_ magnitude: Double) -> Int {
    magnitude == 0 ? 0 : Int(magnitude.exponent) + 1 - 62
  }

  /// The sum over all rows of a term of each element, in quanta of 2^quanta[column].
  @inline(__always)
  private func sums(
    quanta: [Int], _ term: (_ column: Int, _ value: Double) -> Double
  ) throws -> [Double] {
    let scales = quanta.map { Double(sign: .plus, exponent: -$0, significand: 1) }
    var totals = [Int128](repeating: 0, count: columns)
    totals.withUnsafeMutableBufferPointer { totals in
      for row in 0..<rows.count {
        Progress.beat()
        let values = base + row * columns
        for column in 0..<columns {
          // Cut to whole quanta: rounding to nearest is a function call on the oldest CPUs.
          let quanta = term(column, Double(values[column])) * scales[column]
          totals[column] &+= Int128(Int64(quanta))
        }
      }
    }
    // Three limbs of 43 bits leave room for the carries of 2^20 ranks.
    var limbs: [Int] = []
    let mask: Int128 = 1 << 43 - 1
    for total in totals {
      limbs.append(Int(total & mask))
      limbs.append(Int(total >> 43 & mask))
      limbs.append(Int(total >> 86))
    }
    try world.allReduce(&limbs, .sum)
    return (0..<columns).map { column in
      let total =
        Int128(limbs[3 * column]) + Int128(limbs[3 * column + 1]) << 43
        + Int128(limbs[3 * column + 2]) << 86
      return Double(total) * Double(sign: .plus, exponent: quanta[column], significand: 1)
    }
  }
}
