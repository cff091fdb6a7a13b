/// What the values of each column are over the rows of all ranks, with the same bits however the rows are divided.
///
/// Minimum, maximum, unit and mean take one pass over the rows, standard deviations another. Sums are exact
/// (``ColumnSums``): a mean is rounded twice, a variance as often, and the square of each difference twice before. A
/// row of weight w is what w equal rows are.
package struct ColumnStatistics {
  /// Between what the values of each column are, and how fine they are.
  package struct Extent {
    /// The smallest and the largest value, neither -0; infinite and -infinite where there is none.
    package let minimum: [Float]
    package let maximum: [Float]
    /// The exponent of the lowest bit that any value has set; `Int.max` where all are 0.
    package let unit: [Int]

    /// The largest magnitude in a column.
    package func magnitude(_ column: Int) -> Float { max(-minimum[column], maximum[column]) }
  }

  /// Which sums are wanted: those of all rows alike, or of each row as often as it weighs.
  package enum Sums {
    case none, unweighted, weighted
  }

  /// Of all rows, and of those whose weight is positive.
  package let all: Extent
  package let counted: Extent
  /// The mean of each column by the sums that were wanted; empty for none.
  package let mean: [Double]
  /// What the sums were divided by: the number of rows, or their weight.
  private let total: Double
  /// Whether they are of each row as often as it weighs.
  private let isWeighted: Bool

  /// Looks at the rows once; collective. NaN and infinities are passed over, unless sums are wanted.
  ///
  /// - Parameters:
  ///   - rows: this rank's; all ranks have the same columns.
  ///   - weights: nil where all rows count the same.
  /// - Complexity: O(own elements), and two all-reduces of at most 25 numbers a column.
  package init(
    of rows: RowBlock, _ weights: RowWeights? = nil, sums: Sums, among world: Communicator
  ) throws(MPIError) {
    let pass = ColumnPass(rows, weights?.values, sums: sums)
    var extremes = pass.extremes
    try world.allReduce(&extremes, .maximum)
    counted = Extent(extremes.prefix(3 * rows.columns))
    all = weights == nil ? counted : Extent(counted, Extent(extremes.dropFirst(3 * rows.columns)))
    isWeighted = pass.isWeighted
    guard let sums = pass.sums else {
      (mean, total) = ([], 0)
      return
    }
    var values = try sums.values(among: world)
    let total = values.removeLast()
    let extent = isWeighted ? counted : all
    mean = zip(values, zip(extent.minimum, extent.maximum)).map { value, range in
      range.0 == range.1 ? Double(range.0) : value / total
    }
    self.total = total
  }

  /// The standard deviation (of the population: divided by n) of each column by the sums that were wanted; collective.
  ///
  /// - Parameters:
  ///   - rows, weights: what the statistics were made from.
  /// - Complexity: O(own elements), and an all-reduce of 69 numbers a column.
  package func standardDeviations(
    of rows: RowBlock, _ weights: RowWeights? = nil, among world: Communicator
  ) throws(MPIError) -> [Double] {
    let extent = isWeighted ? counted : all
    // Rounding is monotonic, so that the largest difference is that of an extreme.
    let largest = mean.indices.map {
      max(Double(extent.maximum[$0]) - mean[$0], mean[$0] - Double(extent.minimum[$0]))
    }
    let squares = SquareSums(
      of: rows, isWeighted ? weights?.values : nil, around: mean, largest: largest)
    return try squares.sums.values(among: world).map { ($0 / total).squareRoot() }
  }
}

extension ColumnStatistics.Extent {
  /// Of columns by their largest values, their negated smallest ones, and their negated lowest bits.
  fileprivate init(_ extremes: ArraySlice<Float>) {
    let columns = extremes.count / 3
    let extremes = Array(extremes)
    // A zero's sign would depend on which rank held it.
    maximum = extremes[..<columns].map { $0 + 0 }
    minimum = extremes[columns..<2 * columns].map { 0 - $0 }
    unit = extremes[(2 * columns)...].map { $0.isInfinite ? .max : Int($0.exponent) }
  }

  /// Of the values of both.
  fileprivate init(_ a: Self, _ b: Self) {
    minimum = zip(a.minimum, b.minimum).map { min($0, $1) }
    maximum = zip(a.maximum, b.maximum).map { max($0, $1) }
    unit = zip(a.unit, b.unit).map { min($0, $1) }
  }
}
