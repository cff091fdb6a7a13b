import DTrainDist
import XCTest

@testable import DTrainData

/// Scaling against plain formulas, at sizes and ranges where naive sums fail.
final class ColumnScalingTests: XCTestCase {
  func testUnit() throws {
    let bytes = try RowBlock(copying: [0, 255, 3, 4] as [UInt8], columns: 2)
    let scaled = try ColumnScaling(.unit, of: bytes, among: .solo)
    XCTAssertEqual(scaled.shift, [0, 0])
    XCTAssertEqual(scaled.factor, [1 / 255, 1 / 255])
    let floats = try RowBlock(
      copying: [1, -8, 0, 1e-42, -4, 2, -0.0, -1e-45] as [Float], columns: 4)
    let unit = try ColumnScaling(.unit, of: floats, among: .solo)
    XCTAssertEqual(unit.shift, [0, 0, 0, 0])
    XCTAssertEqual(unit.factor, [0.25, 0.125, 1, .greatestFiniteMagnitude])
    XCTAssertEqual(
      try ColumnScaling(.none, of: floats, among: .solo),
      ColumnScaling(kind: .none, shift: [0, 0, 0, 0], factor: [1, 1, 1, 1]))
  }

  func testStandardOfBytes() throws {
    // Column 0: half zeros, half 255: mean 127.5, deviation 127.5. Column 1 is constant.
    let count = 70_000
    let values = (0..<count).flatMap { [UInt8($0 % 2 * 255), 9] as [UInt8] }
    let block = try RowBlock(copying: values, columns: 2)
    let scaling = try ColumnScaling(.standard, of: block, among: .solo)
    XCTAssertEqual(scaling.shift, [127.5, 9])
    XCTAssertEqual(scaling.factor, [1 / 127.5, 1])
  }

  func testStandardOfFloats() throws {
    // Wild ranges, an outlier, an offset far larger than the spread, constants, the smallest numbers.
    var generator = SplitMix(state: 7)
    let rows = 3_000
    let columns = 8
    var values: [Float] = []
    for row in 0..<rows {
      let u = Float(generator.next() >> 40) * 0x1p-24
      values += [
        u, u * 1e30, u * 1e-30, 1e6 + (u * 64).rounded(), row == 5 ? 1e30 : u * 90, 1e-3, 0,
        u * 0x1p-126,
      ]
    }
    let block = try RowBlock(copying: values, columns: columns)
    let scaling = try ColumnScaling(.standard, of: block, among: .solo)
    for column in 0..<columns {
      // The reference uses compensated sums in Double.
      let data = (0..<rows).map { Double(values[$0 * columns + column]) }
      let mean = compensatedSum(data) / Double(rows)
      let variance = compensatedSum(data.map { ($0 - mean) * ($0 - mean) }) / Double(rows)
      XCTAssertEqual(
        Double(scaling.shift[column]), mean, accuracy: max(abs(mean) * 0x1p-24, 0x1p-150),
        "mean of column \(column)")
      let isConstant = data.min() == data.max()
      let expected = isConstant ? 1 : min(1 / variance.squareRoot(), 0x1.fffffep127)
      XCTAssertEqual(
        Double(scaling.factor[column]), expected, accuracy: expected * 0x1p-22,
        "factor of column \(column)")
    }
  }

  private func compensatedSum(_ values: [Double]) -> Double {
    var sum = 0.0
    var lost = 0.0
    for value in values {
      let next = sum + value
      lost += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
      sum = next
    }
    return sum + lost
  }
}

/// A small seeded generator for test data.
struct SplitMix {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
