import KernelTable
import XCTest

/// The kernels over one flat run of elements, and the gathering of rows: exact, against scalar code.
final class StreamKernelTests: KernelTestCase {
  func testAddInEveryAliasing() {
    var generator = SeededGenerator(seed: 4)
    for count in Self.sizes + [63, 64, 65, 127, 144] {
      let a = generator.floats(count)
      let b = generator.floats(count)
      let expected = zip(a, b).map { $0 + $1 }
      for table in builds() {
        for offset in [0, 1, 5] {
          func row(_ values: [Float]) -> GuardedMatrix {
            GuardedMatrix(values, rows: 1, columns: count, stride: count, offset: offset)
          }
          var (d, x, y) = (row([Float](repeating: 9, count: count)), row(a), row(b))
          d.withPointer { dp in
            x.withPointer { xp in y.withPointer { table.add(xp, $0, into: dp, count: count) } }
          }
          assertSameBits(d.values, expected, "add \(count)")
          XCTAssertTrue(d.guardsAreIntact)
          d = row(a)
          d.withPointer { dp in y.withPointer { table.add(dp, $0, into: dp, count: count) } }
          assertSameBits(d.values, expected, "add into a, \(count)")
          d = row(b)
          d.withPointer { dp in x.withPointer { table.add($0, dp, into: dp, count: count) } }
          assertSameBits(d.values, expected, "add into b, \(count)")
        }
      }
    }
  }

  func testSquaredNormSumsInTheStatedOrder() {
    var generator = SeededGenerator(seed: 5)
    for count in Self.sizes {
      let x = generator.floats(count, range: 1e18)
      var sums = [Double](repeating: 0, count: 16)
      for (i, value) in x.enumerated() { sums[i % 16] += Double(value) * Double(value) }
      for width in [8, 4, 2, 1] {
        for j in 0..<width { sums[j] += sums[j + width] }
      }
      for table in builds() {
        XCTAssertEqual(table.squaredNorm(x, count: count), sums[0], "\(table.isaName) \(count)")
      }
    }
  }

  func testAllFinite() {
    for table in builds() {
      for count in Self.sizes where count > 0 {
        var x = [Float](repeating: .greatestFiniteMagnitude, count: count)
        XCTAssertTrue(table.allFinite(x, count: count))
        for position in Set([0, count / 2, count - 1]) {
          for bad in [Float.infinity, -.infinity, .nan, -.nan] {
            let saved = x[position]
            x[position] = bad
            XCTAssertFalse(table.allFinite(x, count: count), "\(bad) at \(position) of \(count)")
            x[position] = saved
          }
        }
      }
      XCTAssertTrue(table.allFinite([1], count: 0))
    }
  }

  /// Values of all sizes, of which some are not finite, against one after the other.
  func testTalliesOfLanes() {
    var generator = SeededGenerator(seed: 12)
    let special: [Float] = [
      0, -0.0, .nan, .infinity, -.infinity, 1, 0x1p-149, -0x1p127, .greatestFiniteMagnitude, 3,
    ]
    for (step, count, lanes) in [(16, 0, 16), (16, 9, 16), (19, 5, 16), (40, 1, 3), (17, 2, 15)] {
      let floats = (0..<(step * count + 16)).map { index -> Float in
        let value = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
        return index % 3 == 0 ? special[Int(generator.next() % 10)] : value
      }
      let bytes = floats.map { UInt8($0.bitPattern & 0xff) }
      for table in builds() {
        let start: [Float] = [.infinity, -.infinity, .infinity]
        var extents = (0..<48).map { start[$0 / 16] }
        var sums = [Double](repeating: 0.5, count: 16)
        func check(_ value: (Int) -> Float) {
          for lane in 0..<16 {
            let values = lane < lanes ? (0..<count).map { value($0 * step + lane) } : []
            let finite = values.filter(\.isFinite)
            let name = "\(table.isaName) \(step) \(count), lane \(lane) of \(lanes)"
            XCTAssertEqual(extents[lane], finite.min() ?? .infinity, name)
            XCTAssertEqual(extents[16 + lane], finite.max() ?? -.infinity, name)
            XCTAssertEqual(
              extents[32 + lane],
              finite.filter { $0 != 0 }.map {
                $0.ulp * Float(1 << ($0.significandBitPattern | 1 << 23).trailingZeroBitCount)
              }.min() ?? .infinity, name)
            XCTAssertEqual(sums[lane], finite.reduce(0.5) { $0 + Double($1) }, name)
          }
        }
        table.tallyLanes(
          floats, step: step, count: count, lanes: lanes, extents: &extents, sums: &sums)
        check { floats[$0] }
        extents = (0..<48).map { start[$0 / 16] }
        sums = [Double](repeating: 0.5, count: 16)
        table.tallyLanes(
          bytes, step: step, count: count, lanes: lanes, extents: &extents, sums: &sums)
        check { Float(bytes[$0]) }
      }
    }
  }

  func testGather() {
    var generator = SeededGenerator(seed: 6)
    for columns in Self.sizes where columns > 0 {
      let bytes = (0..<7 * columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let floats = generator.floats(7 * columns, range: 100)
      let shift = generator.floats(columns)
      let factor = generator.floats(columns)
      for rows: [Int32]? in [nil, [6, 0, 3, 3, 1], []] {
        let count = rows?.count ?? 7
        func expected(_ value: (Int) -> Float) -> [Float] {
          (0..<count).flatMap { i in
            (0..<columns).map { c in
              (value((rows.map { Int($0[i]) } ?? i) * columns + c) - shift[c]) * factor[c]
            }
          }
        }
        for table in builds() {
          for (gap, offset) in [(0, 0), (1, 3)] {
            let empty = GuardedMatrix(
              [Float](repeating: 0, count: count * columns), rows: count, columns: columns,
              stride: columns + gap, offset: offset)
            var a = empty
            a.withPointer {
              table.gather(
                bytes, columns: columns, rows: rows, count: count, shift: shift, factor: factor,
                into: $0, stride: columns + gap)
            }
            assertSameBits(a.values, expected { Float(bytes[$0]) }, "bytes, \(columns)")
            var b = empty
            b.withPointer {
              table.gather(
                floats, columns: columns, rows: rows, count: count, shift: shift, factor: factor,
                into: $0, stride: columns + gap)
            }
            assertSameBits(b.values, expected { floats[$0] }, "floats, \(columns)")
            XCTAssertTrue(a.guardsAreIntact && b.guardsAreIntact)
          }
        }
      }
    }
  }
}
