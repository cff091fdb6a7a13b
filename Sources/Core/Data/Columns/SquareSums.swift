/// One pass over this rank's rows: the sum of each column's squared differences from its mean, exact but for two
/// roundings of each square.
///
/// Of rows that count the same, each square is cut into a multiple of 2^(e - 46) and a rest, sixteen lanes at a time,
/// 2^e being above the largest square. Sums of 64 of either are exact in Double where no square but 0 is below
/// 2^(e - 41); those that are, are added one by one.
final class SquareSums {
  let sums: ColumnSums
  private let rows: RowBlock
  private let mean: [Double]
  /// Of each column: squares below it are left out of the sums of lanes; and 1.5 · 2^(e + 6), to which a square is added
  /// to cut it.
  private let (thresholds, cuts): ([Double], [Double])

  /// Vectors of a group whose squares are summed up in Double.
  private static let vectors = 64

  /// Takes all rows.
  ///
  /// - Parameters:
  ///   - largest: of each column at least the largest magnitude of a difference.
  /// - Complexity: O(own elements).
  init(of rows: RowBlock, _ weights: [Float]?, around mean: [Double], largest: [Double]) {
    self.rows = rows
    self.mean = mean
    let exponents = largest.map { FixedPoint.exponent(above: $0 * $0) }
    thresholds = exponents.map { Double(sign: .plus, exponent: $0 - 41, significand: 1) }
    cuts = exponents.map { Double(sign: .plus, exponent: $0 + 6, significand: 1.5) }
    sums = ColumnSums(columns: rows.columns)
    if let weights {
      rows.forEachRow { row, values in add(values, weight: Double(weights[row])) }
    } else {
      addAll()
    }
  }

  private func add(_ values: UnsafeBufferPointer<Float>, weight: Double) {
    guard weight > 0 else { return }
    sums.reserve(2)
    for column in values.indices {
      let difference = Double(values[column]) - mean[column]
      let square = difference * difference
      let product = square * weight
      sums.add(product, to: column)
      // What the product lost.
      if weight != 1 { sums.add((-product).addingProduct(square, weight), to: column) }
    }
  }

  /// Adds rows that all count the same.
  private func addAll() {
    let layout = LaneLayout(columns: rows.columns)
    let width = LaneLayout.width
    let lanes = layout.groups * width
    let (points, parts) = (
      AlignedArray<Double>(count: 3 * lanes), AlignedArray<Double>(count: 2 * lanes)
    )
    // Columns that two groups share count in one of them.
    let columns = (0..<lanes).map { layout.column($0 / width, $0 % width) }
    for (lane, column) in columns.enumerated() {
      let point = points.base + (lane / width * 3 * width + lane % width)
      guard let column else { continue }
      (point[0], point[width], point[2 * width]) = (mean[column], thresholds[column], cuts[column])
    }
    let blockRows = Self.vectors * layout.stepRows
    for first in stride(from: 0, to: rows.count, by: blockRows) {
      Progress.beat()
      layout.visit(first..<min(first + blockRows, rows.count)) { place, count, counted, group in
        // What is no whole vector is added one by one, as is what is small.
        let isWhole = counted == width
        if isWhole,
          tally(
            place, layout.step, count, points.base + group * 3 * width,
            parts.base + group * 2 * width)
        {
          return
        }
        for lane in 0..<counted {
          guard let column = columns[group * width + lane] else { continue }
          let first = place + lane
          add(
            stride(from: first, to: first + count * layout.step, by: layout.step), to: column,
            below: isWhole ? thresholds[column] : .infinity)
        }
      }
      for (lane, column) in columns.enumerated() {
        let part = parts.base + (lane / width * 2 * width + lane % width)
        guard let column else { continue }
        sums.reserve(2)
        sums.add(part[0], to: column)
        sums.add(part[width], to: column)
      }
      parts.base.update(repeating: 0, count: parts.count)
    }
  }

  /// Adds the squares of vectors to sums of lanes, and says whether none was left out.
  private func tally(
    _ place: Int, _ step: Int, _ count: Int, _ points: UnsafePointer<Double>,
    _ parts: UnsafeMutablePointer<Double>
  ) -> Bool {
    let kernels = KernelTable.shared
    return switch rows.element {
    case .float32:
      kernels.tallySquares(
        rows.base.assumingMemoryBound(to: Float.self) + place, step: step, count: count,
        points: points, sums: parts)
    case .uint8:
      kernels.tallySquares(
        rows.base.assumingMemoryBound(to: UInt8.self) + place, step: step, count: count,
        points: points, sums: parts)
    }
  }

  /// Adds squares below a threshold of some elements of a column.
  private func add(_ places: StrideTo<Int>, to column: Int, below threshold: Double) {
    for place in places {
      let value =
        switch rows.element {
        case .float32: Double(rows.base.assumingMemoryBound(to: Float.self)[place])
        case .uint8: Double(rows.base.assumingMemoryBound(to: UInt8.self)[place])
        }
      let square = (value - mean[column]) * (value - mean[column])
      guard square < threshold else { continue }
      sums.reserve(1)
      sums.add(square, to: column)
    }
  }
}
