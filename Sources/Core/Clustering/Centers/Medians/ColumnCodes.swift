/// Codes of 16 bits for the values of each column, which sort as the values do, and the bins that their upper bits are;
/// the same on all ranks.
///
/// Codes are even steps over the range where a sample of the rows lies; what is beyond has the first or the
/// last code. They say where a median is to be looked for, never what it is.
struct ColumnCodes {
  /// Rows that a rank looks at.
  private static let sampleRows = 512

  /// How many bits of a code tell its place within a bin.
  let lowerBits: Int
  /// Of each column; a multiple of 16 elements. See Codes.swift of the kernels.
  let low: AlignedFloats
  let scale: AlignedFloats
  /// The extremes of each bin's values over all ranks, `[columns, bins]`; infinite and -infinite where it has
  /// none.
  private var minimum: [Float]
  private var maximum: [Float]

  /// Codes for the columns of Float rows; collective.
  ///
  /// - Parameter binBits: how many of the 16 bits tell the bin.
  /// - Complexity: O(rows · columns).
  init(_ data: ClusterData, binBits: Int, _ kernels: KernelTable) throws(MPIError) {
    lowerBits = 16 - binBits
    let columns = data.columns
    let stride = AlignedFloats.stride(columns)
    low = AlignedFloats(count: stride)
    scale = AlignedFloats(count: stride)
    for column in 0..<stride { scale.base[column] = 1 }
    for (column, range) in try Self.ranges(data).enumerated() {
      // What is farther from the lowest than a Float can tell has the last code.
      let width = min(
        Double(range.upperBound) - Double(range.lowerBound), Double(Float.greatestFiniteMagnitude))
      low.base[column] = range.lowerBound
      if width > 0 { scale.base[column] = Float(min(65535 / width, 0x1p127)) }
    }
    minimum = [Float](repeating: .infinity, count: columns << binBits)
    maximum = [Float](repeating: -.infinity, count: columns << binBits)
    kernels.extremesOfBins(
      rows: data.rows.floats(), count: data.rows.count, columns: columns, low: low.base,
      scale: scale.base, lowerBits: lowerBits, minimum: &minimum, maximum: &maximum)
    try data.world.allReduce(&minimum, .minimum)
    try data.world.allReduce(&maximum, .maximum)
  }

  /// The number that all values of a bin are; nil where they differ.
  func onlyValue(column: Int, bin: Int) -> Float? {
    let place = column << (16 - lowerBits) + bin
    return minimum[place] == maximum[place] ? minimum[place] + 0 : nil
  }

  /// The bin of a number.
  func bin(_ value: Float, column: Int) -> Int {
    let scaled = (value - low.base[column]) * scale.base[column]
    return Int(max(0, min(65535, scaled)).rounded(.toNearestOrEven)) >> lowerBits
  }

  /// The codes of some bins.
  func codes(ofBins bins: ClosedRange<Int>) -> ClosedRange<Int> {
    bins.lowerBound << lowerBits...(bins.upperBound + 1) << lowerBits - 1
  }

  /// A range that holds all numbers with some codes, and few others: a code reaches half a code to either side, to
  /// which rounding adds less than 2^-6; it is wider by 2^-5.
  func values(column: Int, codes: ClosedRange<Int>) -> ClosedRange<Float> {
    let (low, scale) = (Double(low.base[column]), Double(scale.base[column]))
    let first = low + (Double(codes.lowerBound) - 0.53125) / scale
    let last = low + (Double(codes.upperBound) + 0.53125) / scale
    return
      (codes.lowerBound == 0 ? -.infinity : Float(first).nextDown)...(codes.upperBound == 65535
      ? .infinity : Float(last).nextUp)
  }

  /// Where most values of each column are, outliers left out; collective.
  private static func ranges(_ data: ClusterData) throws(MPIError) -> [ClosedRange<Float>] {
    let step = max(1, data.rows.count / sampleRows)
    let sampled = Array(stride(from: 0, to: data.rows.count, by: step))
    // The complement turns the smallest into the largest: one reduction serves both ends.
    var ends = [Int32](repeating: .min, count: 2 * data.columns)
    for column in 0..<data.columns where !sampled.isEmpty {
      let values = sampled.map { data.rows.floats($0)[column] }.sorted()
      let margin = values.count / 256
      ends[2 * column] = ~SortableKey.of(values[margin])
      ends[2 * column + 1] = SortableKey.of(values[values.count - 1 - margin])
    }
    try data.world.allReduce(&ends, .maximum)
    return (0..<data.columns).map { column in
      let first = Double(SortableKey.float(~ends[2 * column]))
      let last = Double(SortableKey.float(ends[2 * column + 1]))
      let margin = (last - first) / 16
      return max(
        data.minimum[column], Float(first - margin))...min(
          data.maximum[column], Float(last + margin))
    }
  }
}
