import XCTest

@testable import DTrainExport
@testable import DTrainRuns

/// What TensorBoard is told of arrays: histograms, images, and how often.
final class EventTests: XCTestCase {
  private func histogram(_ values: [Float]) -> Histogram? {
    values.withUnsafeBufferPointer { Histogram(of: $0) }
  }

  func testHistograms() throws {
    let values = (0..<6400).map { Float($0) / 100 }
    let even = try XCTUnwrap(histogram(values))
    XCTAssertEqual(even.minimum, 0)
    XCTAssertEqual(even.maximum, Double(values.last!))
    XCTAssertEqual(even.counts, [Int](repeating: 100, count: 64))
    XCTAssertEqual(even.limits.count, 64)
    XCTAssertEqual(even.limits, even.limits.sorted())
    XCTAssertEqual(even.sum, values.reduce(0) { $0 + Double($1) })
    let same = try XCTUnwrap(histogram([2, .nan, 2, .infinity]))
    XCTAssertEqual(same.counts, [2])
    XCTAssertEqual(same.limits, [2])
    XCTAssertEqual(same.sumOfSquares, 8)
    XCTAssertNil(histogram([.nan, -.infinity]))
    XCTAssertNil(histogram([]))
    let widest = try XCTUnwrap(
      histogram([-Float.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0]))
    XCTAssertEqual(widest.counts.reduce(0, +), 3)
  }

  func testSheets() throws {
    let sheet = try XCTUnwrap(ImageSheet(rowShape: [2, 3], features: 6, number: 3))
    // Two beside each other, the third below; a gap of one pixel.
    let gray = sheet.image(.gray) { image, place in Float(image * 6 + place) }
    XCTAssertEqual([gray.height, gray.width, gray.channels], [5, 7, 1])
    func level(_ value: Int) -> UInt8 { UInt8((Float(value) / 17 * 255).rounded()) }
    let gap: UInt8 = 128
    XCTAssertEqual(
      Array(gray.samples[..<7]), [0, 1, 2].map(level) + [gap] + [6, 7, 8].map(level))
    XCTAssertEqual(
      Array(gray.samples[28...]), [15, 16, 17].map(level) + [UInt8](repeating: gap, count: 4))
    let signed = sheet.image(.signed) { image, place in [-2, 0, 2][place % 3] }
    XCTAssertEqual(Array(signed.samples[..<9]), [0, 0, 255, 255, 255, 255, 255, 0, 0])
    // All numbers the same, and none that is finite.
    for value in [7, Float.nan] {
      XCTAssertEqual(Set(sheet.image(.gray) { _, _ in value }.samples), [128])
    }
  }

  func testSheetsAreBounded() throws {
    XCTAssertEqual(ImageSheet(rowShape: [28, 28], features: 784, number: 5000)?.count, 100)
    XCTAssertEqual(ImageSheet(rowShape: [512, 512], features: 1 << 18, number: 50)?.count, 4)
    XCTAssertNil(ImageSheet(rowShape: [2048, 1024], features: 1 << 21, number: 1))
    for shape in [[], [6], [1, 2, 3], [2, 2], [0, 6]] {
      XCTAssertNil(ImageSheet(rowShape: shape, features: 6, number: 3), "\(shape)")
    }
  }

  /// Exhibits become rarer, so that a long run has few.
  func testExhibitsOfLongRuns() {
    let shown = (1...100_000).filter(EventLog.isShown)
    XCTAssertEqual(Array(shown.prefix(52)), Array(1...50) + [60, 70])
    XCTAssertEqual(Array(shown.drop { $0 < 490 }.prefix(4)), [490, 500, 600, 700])
    XCTAssertEqual(shown.count, 50 + 45 * 3 + 5)
  }
}
