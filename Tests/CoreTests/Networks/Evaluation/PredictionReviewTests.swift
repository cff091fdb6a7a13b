import DTrainDist
import KernelTable
import XCTest

@testable import DTrainData
@testable import DTrainNetworks

/// What `evaluation.json` says of the predictions.
final class PredictionReviewTests: XCTestCase {
  /// Residuals are in the bins where they belong, whatever their sizes and their order.
  func testResidualsAreCountedWhereTheyAre() throws {
    var numbers = SeededGenerator(seed: 15)
    for scale in [1e-30, 1e-3, 1, 1e9, 1e200] {
      for spread in [0.0, 3, 12] {
        let residuals =
          (0..<500).map { _ in
            scale * Double.random(in: -1...1, using: &numbers)
              * pow(10, -spread * Double.random(in: 0...1, using: &numbers))
          } + [0, -0.0, scale, -scale]
        func report(_ values: [Double]) throws -> JSON {
          var histogram = ResidualHistogram()
          for value in values { histogram.add(value) }
          try histogram.combine(among: .solo)
          return histogram.report
        }
        let found = try report(residuals)
        for _ in 0..<3 {
          XCTAssertEqual(try report(residuals.shuffled(using: &numbers)), found)
        }
        let width = try XCTUnwrap(found["width"]?.double)
        let first = try XCTUnwrap(found["first"]?.int)
        let counts = try XCTUnwrap(found["counts"]?.items?.compactMap(\.int))
        var expected: [Int: Int] = [:]
        for residual in residuals {
          expected[Int((residual / width).rounded(.down)), default: 0] += 1
        }
        XCTAssertEqual(counts.count, expected.keys.max()! - expected.keys.min()! + 1)
        for (bin, count) in expected { XCTAssertEqual(counts[bin - first], count) }
        // As fine as 512 bins on each side allow, to a factor of two.
        XCTAssertLessThanOrEqual(width, scale / 256)
      }
    }
    var nothing = ResidualHistogram()
    nothing.add(.nan)
    nothing.add(0)
    XCTAssertEqual(nothing.report["counts"], [1])
    XCTAssertEqual(nothing.report["first"], 0)
  }

  /// The rows that are shown are spread evenly, and each has its own numbers.
  func testSampleIsSpreadEvenly() throws {
    let scaling = ColumnScaling(
      kind: .standard, offsets: [1e9, 0], shift: [2, -1], factor: [0.5, 4])
    for rows in [1, 7, 999, 1000, 1001, 2500] {
      var review = RegressionReview(rows: rows, outputs: 2, scaling: scaling)
      for position in (0..<rows).reversed() {
        let predicted = [Float(position), 1]
        predicted.withUnsafeBufferPointer {
          review.add(
            row: 2 * position, position: position, predicted: $0,
            actual: [Float(position) + 1, 1][...])
        }
      }
      let report = JSON.object(try review.report(among: .solo))
      let sample = try XCTUnwrap(report["sample"])
      let count = min(rows, 1000)
      let positions = (0..<count).map { $0 * rows / count }
      XCTAssertEqual(sample["rows"]?.items?.map(\.int), positions.map { 2 * $0 })
      XCTAssertEqual(
        sample["predicted"]?[0]?.items?.map(\.double),
        positions.map { Double(2 * $0 + 2) + 1e9 })
      XCTAssertEqual(
        sample["actual"]?[0]?.items?.map(\.double), positions.map { Double(2 * $0 + 4) + 1e9 })
      XCTAssertEqual(report["residuals"]?[0]?["counts"], [.integer(rows)])
      XCTAssertEqual(report["residuals"]?[1]?["first"], 0)
    }
  }

  /// The surest mistakes come first, equal ones in the order of their rows, with probabilities and pixels.
  func testConfusedRows() throws {
    let kernels = try KernelTable.select()
    var numbers = SeededGenerator(seed: 3)
    let rows = 200
    for element in [StoredElement.uint8, .float32] {
      let bytes = (0..<rows * 6).map { _ in UInt8.random(in: 0...255, using: &numbers) }
      let data =
        element == .uint8
        ? try RowBlock(copying: bytes, columns: 6, firstRow: 1000)
        : try RowBlock(copying: bytes.map { Float($0) - 300 }, columns: 6, firstRow: 1000)
      let margins = (0..<rows).map { _ in Float(Int.random(in: 1...40, using: &numbers)) / 8 }
      var confused = ConfusedRows(
        of: data, shape: [2, 3], loss: .softmaxCrossEntropy, kernels: kernels)
      for row in (0..<rows).shuffled(using: &numbers) {
        [1, 1 + margins[row], 0].withUnsafeBufferPointer {
          confused.add(row: row, actual: 0, predicted: 1, logits: $0)
        }
      }
      let report = JSON.object(
        try confused.report(classNames: ["a", "b", "c"], among: .solo))
      XCTAssertEqual(report["row_shape"], [2, 3])
      let found = try XCTUnwrap(report["confused"]?.items)
      let expected = (0..<rows).sorted { (margins[$1], $0) < (margins[$0], $1) }
        .prefix(ConfusedRows.most)
      XCTAssertEqual(found.map { $0["row"]?.int }, expected.map { 1000 + $0 })
      for (item, row) in zip(found, expected) {
        XCTAssertEqual(item["actual"]?.text, "a")
        XCTAssertEqual(item["predicted"]?.text, "b")
        let powers = [1, Double(1 + margins[row]), 0].map { exp($0) }
        let sum = powers.reduce(0, +)
        // A few roundings of probabilities below 1.
        XCTAssertEqual(item["probability"]?.double ?? 0, powers[1] / sum, accuracy: 1e-6)
        XCTAssertEqual(item["actual_probability"]?.double ?? 0, powers[0] / sum, accuracy: 1e-6)
        let own = bytes[row * 6..<row * 6 + 6]
        let (low, high) = (Double(own.min()!), Double(own.max()!))
        let pixels =
          element == .uint8
          ? Array(own)
          : own.map { UInt8((255 * (Double($0) - low) / (high - low)).rounded()) }
        XCTAssertEqual(item["pixels"]?.text.flatMap(Base64.decoded), pixels)
      }
    }
  }

  /// Rows that are no images, or images that are too large, are named without pixels.
  func testConfusedRowsWithoutPixels() throws {
    let kernels = try KernelTable.select()
    let columns = ConfusedRows.mostPixels + 1
    for (columns, shape) in [(6, []), (6, [6]), (6, [2, 2]), (columns, [1, columns])] {
      let data = try RowBlock(copying: [UInt8](repeating: 7, count: columns), columns: columns)
      var confused = ConfusedRows(
        of: data, shape: shape, loss: .sigmoidCrossEntropy, kernels: kernels)
      [Float(0), 3].withUnsafeBufferPointer {
        confused.add(row: 0, actual: 0, predicted: 1, logits: $0)
      }
      let report = JSON.object(try confused.report(classNames: [], among: .solo))
      XCTAssertNil(report["row_shape"])
      XCTAssertEqual(report["confused"]?[0]?["actual"]?.int, 0)
      XCTAssertNil(report["confused"]?[0]?["pixels"])
    }
  }
}
