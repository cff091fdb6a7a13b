import KernelTable
import XCTest

/// The clustering kernels against plain loops, on every instruction set that this CPU runs.
final class ClusteringKernelTests: KernelTestCase {
  private static let columns = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 64, 100, 784]

  /// The documented order: column j to sum j mod 16, then halves.
  private func distance(_ x: ArraySlice<Float>, _ c: ArraySlice<Float>) -> Double {
    var sums = [Double](repeating: 0, count: 16)
    for (j, (a, b)) in zip(x, c).enumerated() {
      let difference = Double(a) - Double(b)
      sums[j % 16] += difference * difference
    }
    for half in [8, 4, 2, 1] {
      for j in 0..<half { sums[j] += sums[j + half] }
    }
    return sums[0]
  }

  func testSquaredDistanceOfFloats() {
    var generator = SeededGenerator(seed: 1)
    for kernels in builds() {
      for columns in Self.columns {
        for scale: Float in [1, 1e-42, 1e30, 1e5] {
          // From any alignment, and never a value behind the last column.
          let x = generator.floats(columns + 4).map { $0 * scale }
          let c = generator.floats(columns + 4).map { $0 * scale }
          for offset in 0..<3 {
            var a = Array(x[offset..<offset + columns]) + [.nan]
            a.insert(.nan, at: 0)
            let found = a.withUnsafeBufferPointer { a in
              c.withUnsafeBufferPointer {
                kernels.squaredDistance(
                  a.baseAddress! + 1, $0.baseAddress! + offset, columns: columns)
              }
            }
            let expected = distance(x[offset..<offset + columns], c[offset..<offset + columns])
            XCTAssertEqual(
              found.bitPattern, expected.bitPattern,
              "\(kernels.isaName), \(columns) columns, scale \(scale): \(found), not \(expected)")
          }
        }
      }
    }
  }

  func testSquaredDistanceOfBytes() {
    var generator = SeededGenerator(seed: 2)
    for kernels in builds() {
      for columns in Self.columns {
        for scale: Float in [1, 128, 1e30] {
          let x = (0..<columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
          let c = generator.floats(columns).map { $0 * scale }
          let found = kernels.squaredDistance(x, c, columns: columns)
          let expected = distance(x.map { Float($0) }[...], c[...])
          XCTAssertEqual(
            found.bitPattern, expected.bitPattern, "\(kernels.isaName), \(columns) columns")
        }
      }
    }
  }

  /// Within the documented error of the exact distance, subnormal squares included.
  func testNearlySquaredDistances() {
    var generator = SeededGenerator(seed: 3)
    for kernels in builds() {
      for columns in Self.columns {
        for scale: Float in [1, 1e-22, 1e15] {
          let bytes = (0..<columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
          let x = generator.floats(columns).map { $0 * scale }
          let c = generator.floats(columns).map { $0 * scale }
          let error = (Double(columns) / 8 + 64) * 0x1p-24
          for (found, exact) in [
            (
              kernels.nearlySquaredDistance(x, c, columns: columns), distance(x[...], c[...])
            ),
            (
              kernels.nearlySquaredDistance(bytes, c, columns: columns),
              distance(bytes.map { Float($0) }[...], c[...])
            ),
          ] {
            XCTAssertEqual(
              Double(found), exact, accuracy: exact * error + Double(columns) * 0x1p-149,
              "\(kernels.isaName), \(columns) columns, scale \(scale)")
          }
        }
      }
    }
  }

  /// The same integers as rounding one by one, added and taken away.
  func testSquaredDistancesInTile() {
    var generator = SeededGenerator(seed: 41)
    for columns in [1, 2, 16, 33, 784] {
      let tile = generator.floats(16 * columns, range: 1e6)
      let points = generator.floats(3 * columns).map { Double($0) / 3 }
      var expected = [Double](repeating: 0, count: 48)
      for column in 0..<columns {
        for place in expected.indices {
          let difference =
            Double(tile[column * 16 + place % 16]) - points[column * 3 + place / 16]
          expected[place] += difference * difference
        }
      }
      for table in builds() {
        var distances = [Double](repeating: 9, count: 48)
        table.squaredDistancesInTile(tile, columns: columns, points: points, into: &distances)
        XCTAssertEqual(distances, expected, "\(table.isaName) \(columns)")
      }
    }
  }

  func testRowSums() {
    var generator = SeededGenerator(seed: 4)
    for kernels in builds() {
      for columns in Self.columns {
        let bytes = (0..<columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let start = (0..<columns + 1).map { _ in Int64.random(in: -9...9, using: &generator) }
        for sign: Int64 in [1, -1] {
          var sums = start
          kernels.addRow(bytes, columns: columns, sign: sign, to: &sums)
          let expected = zip(start, bytes).map { $0 + sign * Int64($1) } + [start[columns]]
          XCTAssertEqual(sums, expected, "\(kernels.isaName), \(columns) columns")
        }
        let x = generator.floats(columns, range: 1)
        let scales = (0..<columns).map { $0 % 2 == 0 ? 0x1p50 : 0x1p20 }
        for (sign, hasLow) in [(1.0, true), (-1.0, true), (1.0, false)] {
          var (high, low) = (start, start)
          low.withUnsafeMutableBufferPointer {
            kernels.addRow(
              x, columns: columns, sign: sign, scale: scales, lowScale: 0x1p48, high: &high,
              low: hasLow ? $0.baseAddress : nil)
          }
          for column in 0..<columns {
            let scaled = Double(x[column]) * scales[column]
            let whole = scaled.rounded(.toNearestOrEven)
            let rest = ((scaled - whole) * 0x1p48).rounded(.toNearestOrEven)
            XCTAssertEqual(high[column], start[column] + Int64(sign * whole), kernels.isaName)
            XCTAssertEqual(low[column], start[column] + (hasLow ? Int64(sign * rest) : 0))
          }
          XCTAssertEqual([high[columns], low[columns]], [start[columns], start[columns]])
        }
      }
    }
  }
}
