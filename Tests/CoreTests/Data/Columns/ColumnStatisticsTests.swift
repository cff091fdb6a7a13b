import DTrainBase
import DTrainDist
import XCTest

@testable import DTrainData

/// What is known of columns against plain loops and sums without rounding, at ranges where a plain sum fails, for any
/// order of the rows.
final class ColumnStatisticsTests: XCTestCase {
  /// Rows of wild ranges, an outlier, numbers that cancel, constants, zeros of either sign, and the smallest numbers.
  private func wildRows(_ count: Int, columns: Int) -> [Float] {
    var generator = SplitMix(state: UInt64(count + columns))
    let kinds: [(Int, Float) -> Float] = [
      { _, u in u }, { _, u in u * 1e30 }, { _, u in u * 1e-30 },
      { _, u in 1e6 + (u * 64).rounded() }, { row, u in row == 5 ? 1e30 : u * 90 },
      { row, _ in row % 2 == 0 ? 1e8 : -1e8 }, { _, _ in 1e-3 },
      { row, _ in row % 3 == 0 ? -0.0 : 0 },
      { _, u in u * 0x1p-126 },
      { row, u in (u - 0.5) * Float(sign: .plus, exponent: row % 60, significand: 1) },
      { row, _ in row == 0 ? 3 : 0x1p-149 }, { _, u in (u * 255).rounded() },
    ]
    return (0..<count).flatMap { row in
      (0..<columns).map { kinds[$0 % kinds.count](row, Float(generator.next() >> 40) * 0x1p-24) }
    }
  }

  private func exponent(ofLowestBit value: Float) -> Int {
    (-149...127).last { exponent in
      let unit = Double(value) / Double(sign: .plus, exponent: exponent, significand: 1)
      return unit.rounded() == unit
    }!
  }

  private func check(_ values: [Float], columns: Int, bytes: Bool = false, weights: [Float]? = nil)
    throws
  {
    let name = "\(values.count / columns) rows of \(columns), \(weights == nil ? "" : "weighted")"
    let rows =
      bytes
      ? try RowBlock(copying: values.map { UInt8($0) }, columns: columns)
      : try RowBlock(copying: values, columns: columns)
    let given = try weights.map { try RowWeights($0, count: rows.count, among: .solo) }
    for sums in [ColumnStatistics.Sums.unweighted, .weighted] {
      let found = try ColumnStatistics(of: rows, given, sums: sums, among: .solo)
      let deviations = try found.standardDeviations(of: rows, given, among: .solo)
      for column in 0..<columns {
        let all = (0..<rows.count).map {
          (value: values[$0 * columns + column], weight: weights?[$0] ?? 1)
        }
        let counted = all.filter { $0.weight > 0 }
        for (extent, rows) in [(found.all, all), (found.counted, counted)] {
          XCTAssertEqual(extent.minimum[column], rows.map(\.value).min(), name)
          XCTAssertEqual(extent.maximum[column], rows.map(\.value).max(), name)
          XCTAssertNotEqual(extent.minimum[column].bitPattern, Float(-0.0).bitPattern)
          XCTAssertEqual(extent.magnitude(column), rows.map { abs($0.value) }.max(), name)
          XCTAssertEqual(
            extent.unit[column],
            rows.filter { $0.value != 0 }.map { exponent(ofLowestBit: $0.value) }.min() ?? .max,
            name)
        }
        // Products of two Floats are Doubles.
        let terms = sums == .weighted ? counted : all.map { ($0.value, 1) }
        var (sum, total, squares) = (ExactSum(), ExactSum(), ExactSum())
        for (value, weight) in terms {
          sum.add(Double(value) * Double(weight))
          total.add(Double(weight))
        }
        let isConstant = terms.allSatisfy { $0.0 == terms[0].0 }
        let mean = isConstant ? Double(terms[0].0) : sum.value / total.value
        XCTAssertEqual(found.mean[column], mean, "\(name), mean of column \(column)")
        for (value, weight) in terms {
          let square = (Double(value) - mean) * (Double(value) - mean)
          let product = square * Double(weight)
          squares.add(product)
          squares.add((-product).addingProduct(square, Double(weight)))
        }
        XCTAssertEqual(
          deviations[column], (squares.value / total.value).squareRoot(),
          "\(name), standard deviation of column \(column)")
      }
    }
  }

  func testFloats() throws {
    let shapes = [
      (1, 1), (2, 3), (63, 12), (64, 5), (65, 12), (700, 13), (3000, 12), (999, 2), (257, 4),
      (300, 8), (1, 16), (65, 16), (130, 17), (70, 33), (9, 1030),
    ]
    for (count, columns) in shapes {
      try check(wildRows(count, columns: columns), columns: columns)
    }
  }

  func testBytes() throws {
    var generator = SplitMix(state: 3)
    for (count, columns) in [(1, 1), (65, 7), (3000, 4), (300, 20), (66, 784)] {
      let values = (0..<count * columns).map {
        Float(generator.next() % ($0 % columns == 0 ? 256 : 3))
      }
      try check(values, columns: columns, bytes: true)
      let weights = (0..<count).map { Float($0 % 3) * 0.1 + 0.1 }
      try check(values, columns: columns, bytes: true, weights: weights)
    }
  }

  func testWeights() throws {
    for (count, columns) in [(1, 1), (65, 12), (700, 13), (150, 16), (140, 18)] {
      let weights = (0..<count).map { row -> Float in
        switch row % 5 {
        case 1: 0
        case 2: 1e-20
        case 3: 0x1.234p10
        default: 1
        }
      }
      try check(wildRows(count, columns: columns), columns: columns, weights: weights)
    }
  }

  /// A row of weight w is what w rows are, and the order of rows does not matter.
  func testOrderAndRepetition() throws {
    let (count, columns) = (500, 12)
    let values = wildRows(count, columns: columns)
    func row(_ row: Int) -> ArraySlice<Float> { values[row * columns..<(row + 1) * columns] }
    let weights = (0..<count).map { Float($0 % 4) }
    let weighted = try RowBlock(copying: values, columns: columns)
    let given = try RowWeights(weights, count: count, among: .solo)
    let repeated = try RowBlock(
      copying: (0..<count).reversed().flatMap { index in
        (0..<index % 4).flatMap { _ in row(index) }
      }, columns: columns)
    let a = try ColumnStatistics(of: weighted, given, sums: .weighted, among: .solo)
    let b = try ColumnStatistics(of: repeated, sums: .unweighted, among: .solo)
    XCTAssertEqual(a.mean, b.mean)
    XCTAssertEqual(a.counted.unit, b.all.unit)
    XCTAssertEqual(
      try a.standardDeviations(of: weighted, given, among: .solo),
      try b.standardDeviations(of: repeated, among: .solo))
  }

  func testWhatIsNotFiniteIsPassedOver() throws {
    let rows = try RowBlock(
      copying: [.nan, 1, -.infinity, .infinity, -3, .nan, 2, .nan, .nan] as [Float], columns: 3)
    let found = try ColumnStatistics(of: rows, sums: .none, among: .solo).all
    XCTAssertEqual(found.minimum, [2, -3, .infinity])
    XCTAssertEqual(found.maximum, [2, 1, -.infinity])
    XCTAssertEqual(found.unit, [1, 0, .max])
  }

  /// More numbers than a window holds without carrying, of one sign, of either, and of all sizes.
  func testColumnSums() throws {
    var generator = SplitMix(state: 11)
    let sums = ColumnSums(columns: 3)
    var exact = [ExactSum](repeating: ExactSum(), count: 3)
    for index in 0..<10_000 {
      let bits = generator.next()
      let numbers = [
        Double.greatestFiniteMagnitude / 0x1p20, Double(bitPattern: bits & ~(1 << 62)),
        index % 2 == 0 ? -Double.leastNonzeroMagnitude : 0x1.fffffffffffffp-1000,
      ]
      sums.reserve(1)
      for (column, number) in numbers.enumerated() {
        sums.add(number, to: column)
        exact[column].add(number)
      }
    }
    XCTAssertEqual(try sums.values(among: .solo), exact.map(\.value))
  }
}
