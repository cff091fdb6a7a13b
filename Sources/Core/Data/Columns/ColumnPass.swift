/// One pass over this rank's rows: the extent of each column and, where wanted, its sum.
///
/// Rows are taken four columns at a time, in blocks of 64. Of most blocks the sum in Double is exact: all values are
/// multiples of the column's lowest bit in the block, and their sum is below 2^52 of it. Where this does not hold,
/// values are added one by one.
final class ColumnPass {
  /// The extent of four columns in some rows.
  private struct Lanes {
    var minimum = SIMD4<Float>(repeating: .infinity)
    var maximum = SIMD4<Float>(repeating: -.infinity)
    /// The lowest bit that any value has set.
    var lowest = SIMD4<Float>(repeating: .infinity)

    /// Takes four values; those that are not finite are passed over.
    @inline(__always)
    mutating func take(_ x: SIMD4<Float>) {
      let bits = unsafeBitCast(x, to: SIMD4<Int32>.self) & 0x7fff_ffff
      let isFinite = bits .< 0x7f80_0000
      let magnitude = unsafeBitCast(bits, to: SIMD4<Float>.self)
      let rest = unsafeBitCast(bits & (bits &- 1), to: SIMD4<Float>.self)
      // Of a power of two the lowest bit is the hidden one.
      var bit = (magnitude - rest).replacing(with: magnitude, where: (bits & 0x7f_ffff) .== 0)
      bit.replace(with: SIMD4(repeating: .infinity), where: bits .== 0)
      lowest.replace(with: bit, where: (bit .< lowest) .& isFinite)
      minimum.replace(with: x, where: (x .< minimum) .& isFinite)
      maximum.replace(with: x, where: (x .> maximum) .& isFinite)
    }

    mutating func merge(_ other: Lanes) {
      minimum.replace(with: other.minimum, where: other.minimum .< minimum)
      maximum.replace(with: other.maximum, where: other.maximum .> maximum)
      lowest.replace(with: other.lowest, where: other.lowest .< lowest)
    }
  }

  /// Nil where none are wanted; behind the columns' sums that of the rows' weights.
  let sums: ColumnSums?
  let isWeighted: Bool

  private static let blockRows = 64

  private let rows: RowBlock
  private let groups: Int
  /// Of rows that count, then of those of weight 0: `[kinds, groups]`, in the block and in all.
  private let block: UnsafeMutableBufferPointer<Lanes>
  private let found: UnsafeMutableBufferPointer<Lanes>
  /// The sums of all rows of the block.
  private let blockSums: UnsafeMutableBufferPointer<SIMD4<Double>>

  /// Takes all rows.
  ///
  /// - Complexity: O(own elements).
  init(_ rows: RowBlock, _ weights: [Float]?, sums: ColumnStatistics.Sums) {
    self.rows = rows
    groups = (rows.columns + 3) / 4
    block = .allocate(capacity: (weights == nil ? 1 : 2) * groups)
    found = .allocate(capacity: block.count)
    blockSums = .allocate(capacity: groups)
    found.initialize(repeating: Lanes())
    isWeighted = sums == .weighted && weights != nil
    self.sums =
      sums == .none
      ? nil
      : ColumnSums(columns: rows.columns + 1, exponents: isWeighted ? -298...255 : -149...127)
    if !isWeighted { self.sums?.add(Double(rows.count), to: rows.columns) }
    beginBlock()
    rows.forEachRow { row, values in add(row, values, weight: weights?[row] ?? 1) }
  }

  deinit {
    block.deallocate()
    found.deallocate()
    blockSums.deallocate()
  }

  private func add(_ row: Int, _ values: UnsafeBufferPointer<Float>, weight: Float) {
    let lanes = block.baseAddress! + (weight > 0 ? 0 : groups)
    let blockSums = blockSums.baseAddress!
    let bytes = UnsafeRawPointer(values.baseAddress!)
    for group in 0..<values.count / 4 {
      let x = bytes.loadUnaligned(fromByteOffset: group &* 16, as: SIMD4<Float>.self)
      lanes[group].take(x)
      blockSums[group] += SIMD4(Double(x[0]), Double(x[1]), Double(x[2]), Double(x[3]))
    }
    if values.count % 4 != 0 {
      var x = SIMD4<Float>(repeating: 0)
      for lane in 0..<values.count % 4 { x[lane] = values[values.count & ~3 + lane] }
      lanes[groups - 1].take(x)
      blockSums[groups - 1] += SIMD4(Double(x[0]), Double(x[1]), Double(x[2]), Double(x[3]))
    }
    if isWeighted, weight > 0, let sums {
      sums.reserve(1)
      for column in values.indices {
        sums.add(Double(values[column]) * Double(weight), to: column)
      }
      sums.add(Double(weight), to: values.count)
    }
    if row % Self.blockRows == Self.blockRows - 1 || row == rows.count - 1 {
      endBlock(row / Self.blockRows * Self.blockRows...row)
      beginBlock()
    }
  }

  private func beginBlock() {
    block.update(repeating: Lanes())
    blockSums.update(repeating: SIMD4(repeating: 0))
  }

  private func endBlock(_ block: ClosedRange<Int>) {
    for place in self.block.indices { found[place].merge(self.block[place]) }
    guard let sums, !isWeighted else { return }
    sums.reserve(Self.blockRows)
    for column in 0..<rows.columns {
      if isExact(column) {
        sums.add(blockSums[column / 4][column % 4], to: column)
      } else {
        let values = rows.base.assumingMemoryBound(to: Float.self) + column
        for row in block { sums.add(Double(values[row * rows.columns]), to: column) }
      }
    }
  }

  /// Whether the sum of a column in the block is exact; that of bytes always is.
  private func isExact(_ column: Int) -> Bool {
    var lanes = block[column / 4]
    if block.count > groups { lanes.merge(block[groups + column / 4]) }
    let lane = column % 4
    let magnitude = max(-lanes.minimum[lane], lanes.maximum[lane])
    return magnitude == 0 || magnitude < lanes.lowest[lane] * 0x1p46
  }

  /// The largest value of each column, its negated smallest one, and its negated lowest bit: of rows that count, then
  /// of those of weight 0.
  var extremes: [Float] {
    stride(from: 0, to: found.count, by: groups).flatMap { first in
      [\Lanes.maximum, \Lanes.minimum, \Lanes.lowest].flatMap { key in
        (0..<rows.columns).map { column in
          let value = found[first + column / 4][keyPath: key][column % 4]
          return key == \Lanes.maximum ? value : -value
        }
      }
    }
  }
}

/// One pass over this rank's rows: the sum of each column's squared differences from its mean, exact but for two
/// roundings of each square.
///
/// Of rows that count the same, 64 at a time, each square is cut into a multiple of 2^(e - 46) and a rest, two columns
/// at a time, 2^e being above the largest square. Sums of either are exact in Double where no square but 0 is below
/// 2^(e - 41); those that are, are added one by one.
final class SquareSums {
  let sums: ColumnSums
  private let columns: Int
  private let pairs: Int
  private let mean: UnsafeMutableBufferPointer<SIMD2<Double>>
  /// Numbers below which a square does not go into the block's sums; and 1.5 · 2^(e + 6), to which a square is added
  /// to cut it.
  private let threshold: UnsafeMutableBufferPointer<SIMD2<Double>>
  private let cut: UnsafeMutableBufferPointer<SIMD2<Double>>
  /// The sums of the block, of multiples and of rests.
  private let high: UnsafeMutableBufferPointer<SIMD2<Double>>
  private let low: UnsafeMutableBufferPointer<SIMD2<Double>>

  private static let blockRows = 64

  /// Takes all rows.
  ///
  /// - Parameters:
  ///   - largest: of each column at least the largest magnitude of a difference.
  /// - Complexity: O(own elements).
  init(of rows: RowBlock, _ weights: [Float]?, around mean: [Double], largest: [Double]) {
    columns = rows.columns
    pairs = (columns + 1) / 2
    sums = ColumnSums(columns: columns)
    self.mean = .allocate(capacity: pairs)
    threshold = .allocate(capacity: pairs)
    cut = .allocate(capacity: pairs)
    high = .allocate(capacity: pairs)
    low = .allocate(capacity: pairs)
    for array in [self.mean, threshold, cut, high, low] {
      array.initialize(repeating: SIMD2(repeating: 0))
    }
    for column in 0..<columns {
      let exponent = FixedPoint.exponent(above: largest[column] * largest[column])
      self.mean[column / 2][column % 2] = mean[column]
      threshold[column / 2][column % 2] = Double(
        sign: .plus, exponent: exponent - 41, significand: 1)
      cut[column / 2][column % 2] = Double(sign: .plus, exponent: exponent + 6, significand: 1.5)
    }
    if let weights {
      rows.forEachRow { row, values in add(values, weight: Double(weights[row])) }
    } else {
      rows.forEachRow { row, values in
        add(values)
        if row % Self.blockRows == Self.blockRows - 1 { endBlock() }
      }
      endBlock()
    }
  }

  deinit { for array in [mean, threshold, cut, high, low] { array.deallocate() } }

  private func add(_ values: UnsafeBufferPointer<Float>, weight: Double) {
    guard weight > 0 else { return }
    sums.reserve(2)
    for column in values.indices {
      let difference = Double(values[column]) - mean[column / 2][column % 2]
      let square = difference * difference
      let product = square * weight
      sums.add(product, to: column)
      // What the product lost.
      if weight != 1 { sums.add((-product).addingProduct(square, weight), to: column) }
    }
  }

  private func add(_ values: UnsafeBufferPointer<Float>) {
    sums.reserve(1)
    for pair in 0..<columns / 2 { add(values[2 &* pair], values[2 &* pair &+ 1], to: pair) }
    // The last pair of an odd number of columns is one column, and a 0 whose mean is 0.
    if columns % 2 == 1 { add(values[columns - 1], 0, to: pairs - 1) }
  }

  @inline(__always)
  private func add(_ first: Float, _ second: Float, to pair: Int) {
    let difference = SIMD2(Double(first), Double(second)) - mean[pair]
    var square = difference * difference
    let isSmall = (square .< threshold[pair]) .& (square .> SIMD2(repeating: 0))
    let lanes = unsafeBitCast(isSmall, to: SIMD2<Int64>.self)
    if lanes[0] | lanes[1] != 0 {
      for lane in 0..<2 where isSmall[lane] { sums.add(square[lane], to: 2 * pair + lane) }
      square.replace(with: SIMD2(repeating: 0), where: isSmall)
    }
    let multiple = (square + cut[pair]) - cut[pair]
    high[pair] += multiple
    low[pair] += square - multiple
  }

  private func endBlock() {
    sums.reserve(2)
    for column in 0..<columns {
      sums.add(high[column / 2][column % 2], to: column)
      sums.add(low[column / 2][column % 2], to: column)
    }
    high.update(repeating: SIMD2(repeating: 0))
    low.update(repeating: SIMD2(repeating: 0))
  }
}
