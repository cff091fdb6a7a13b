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
                kernels.clustering.squaredDistanceFloat(
                  a.baseAddress! + 1, $0.baseAddress! + offset, columns)
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
          let found = kernels.clustering.squaredDistanceUInt8(x, c, columns)
          let expected = distance(x.map { Float($0) }[...], c[...])
          XCTAssertEqual(
            found.bitPattern, expected.bitPattern, "\(kernels.isaName), \(columns) columns")
        }
      }
    }
  }

  /// Few different values make many ties; padding is infinite.
  func testSmallestScores() {
    var generator = SeededGenerator(seed: 3)
    for kernels in builds() {
      for (count, values) in [(1, 9), (2, 9), (15, 3), (16, 3), (17, 4), (48, 5), (100, 1000)] {
        let vectors = (count + 15) / 16
        let (rows, stride) = (37, vectors * 16 + 3)
        var scores = [Float](repeating: .nan, count: rows * stride)
        for row in 0..<rows {
          for k in 0..<vectors * 16 {
            scores[row * stride + k] =
              k < count ? Float(Int.random(in: -values...values, using: &generator)) : .infinity
          }
        }
        var columns = [Int32](repeating: -7, count: rows + 1)
        var best = [Float](repeating: -7, count: rows + 1)
        var runnerUp = best
        var lanes = [Float](repeating: -7, count: rows * 16 + 1)
        for isWithLanes in [false, true] {
          lanes.withUnsafeMutableBufferPointer {
            kernels.clustering.smallestScores(
              scores, stride, rows, vectors, &columns, &best, &runnerUp,
              isWithLanes ? $0.baseAddress : nil)
          }
          for row in 0..<rows {
            let line = scores[row * stride..<row * stride + vectors * 16]
            let name = "\(kernels.isaName), \(count) scores, row \(row)"
            let place = Int(columns[row])
            XCTAssertTrue((0..<count).contains(place), "\(name): column \(place)")
            XCTAssertEqual(best[row], line.min(), name)
            XCTAssertEqual(line[line.startIndex + place], best[row], name)
            var rest = Array(line)
            rest[place] = .infinity
            XCTAssertEqual(runnerUp[row], rest.min(), name)
            guard isWithLanes else { continue }
            for lane in 0..<16 {
              let least = inLane(lane, rest).min()
              XCTAssertEqual(lanes[row * 16 + lane], least, "\(name), lane \(lane)")
            }
          }
        }
        XCTAssertEqual([columns[rows]], [-7])
        XCTAssertEqual([best[rows], runnerUp[rows], lanes[rows * 16]], [-7, -7, -7])
      }
    }
  }

  private func inLane(_ lane: Int, _ values: [Float]) -> [Float] {
    stride(from: lane, to: values.count, by: 16).map { values[$0] }
  }

  func testNearestInTile() {
    var generator = SeededGenerator(seed: 4)
    for kernels in builds() {
      for columns in [1, 2, 3, 16, 31, 32] {
        for (count, isGrid) in [
          (1, false), (2, true), (3, true), (4, false), (17, true), (50, false),
        ] {
          let padded = (count + 3) / 4 * 4
          func numbers(_ n: Int) -> [Float] {
            isGrid
              ? (0..<n).map { _ in Float(Int.random(in: 0...2, using: &generator)) }
              : generator.floats(n, range: 1)
          }
          let tile = numbers(columns * 16)
          let centers =
            numbers(count * columns)
            + [Float](
              repeating: 0, count: (padded - count) * columns)
          let h = numbers(count) + [Float](repeating: .infinity, count: padded - count)
          var nearest = [Int32](repeating: -7, count: 17)
          var best = [Float](repeating: -7, count: 17)
          var runnerUp = best
          kernels.clustering.nearestInTile(
            tile, columns, centers, h, padded, &nearest, &best, &runnerUp)
          for row in 0..<16 {
            let scores = (0..<padded).map { k in
              (0..<columns).reduce(h[k]) {
                $0.addingProduct(-centers[k * columns + $1], tile[$1 * 16 + row])
              }
            }
            let name = "\(kernels.isaName), \(columns) columns, \(count) centres, row \(row)"
            let expected = scores.indices.first { scores[$0] == scores.min() }!
            XCTAssertEqual(Int(nearest[row]), expected, name)
            XCTAssertEqual(best[row], scores[expected], name)
            var rest = scores
            rest[expected] = .infinity
            XCTAssertEqual(runnerUp[row], rest.min(), name)
          }
          XCTAssertEqual([best[16], runnerUp[16]], [-7, -7])
        }
      }
    }
  }

  /// Bounds hold only where they do in exact arithmetic, in every lane; where they hold clearly, they do.
  func testBoundsHold() {
    var generator = SeededGenerator(seed: 5)
    for kernels in builds() {
      var held = 0
      for trial in 0..<4000 {
        let drift = generator.floats(16, range: 1).map { abs($0) * (trial % 3 == 0 ? 1e-4 : 1) }
        var lower = generator.floats(16, range: 1).map { abs($0) + 1 + drift[0] }
        let limit = Float.random(in: 0...1, using: &generator)
        let lane = trial % 16
        // One lane within a few units of the limit, on either side of it or on it.
        lower[lane] = limit + drift[lane]
        for _ in 0..<trial / 16 % 5 {
          lower[lane] = trial % 2 == 0 ? lower[lane].nextUp : lower[lane].nextDown
        }
        let isExact = zip(lower, drift).allSatisfy { Double($0) - Double($1) > Double(limit) }
        let holds = kernels.clustering.boundsHold(lower, drift, limit)
        XCTAssertFalse(holds && !isExact, "\(kernels.isaName): \(lower) - \(drift) > \(limit)")
        lower[lane] = (limit + drift[lane]) * (1 + 0x1p-18) + 1e-6
        let isClear = zip(lower, drift).allSatisfy {
          Double($0) - Double($1) > Double(limit) + 1e-6 * Double($0 + $1)
        }
        if isClear {
          held += 1
          XCTAssertTrue(kernels.clustering.boundsHold(lower, drift, limit), kernels.isaName)
        }
        lower[lane] = limit + drift[lane] - 0.5
        XCTAssertFalse(kernels.clustering.boundsHold(lower, drift, limit), "lane \(lane)")
      }
      XCTAssertGreaterThan(held, 100, "no trial says that bounds can hold")
    }
  }

  /// Never above the exact value, and close to it.
  func testLowerBounds() {
    var generator = SeededGenerator(seed: 6)
    for kernels in builds() {
      for trial in 0..<2000 {
        let squared = Float.random(in: 0...2, using: &generator)
        let error: Float = trial % 2 == 0 ? 0 : 1e-6
        let drift = generator.floats(16, range: 3).map { abs($0) }
        var lanes = generator.floats(16, range: 1)
        lanes[trial % 16] = -squared / 2
        let scores = lanes
        kernels.clustering.lowerBounds(&lanes, squared, error, drift)
        for lane in 0..<16 {
          let square = Double(squared) + 2 * (Double(scores[lane]) - Double(error))
          // Three roundings of numbers up to this size are the caller's to bound.
          let slack = (Double(squared) + 2 * abs(Double(scores[lane]))) * 0x1p-22
          let exact = max(0, square + slack).squareRoot() + Double(drift[lane])
          XCTAssertLessThanOrEqual(Double(lanes[lane]), exact, "\(kernels.isaName), lane \(lane)")
          let least = max(0, square - slack).squareRoot() + Double(drift[lane])
          XCTAssertGreaterThan(Double(lanes[lane]), least * (1 - 0x1p-18) - 1e-30, "lane \(lane)")
        }
      }
      var lanes = [Float](repeating: .infinity, count: 16)
      let drift = [Float](repeating: 1, count: 16)
      kernels.clustering.lowerBounds(&lanes, 1, 0, drift)
      XCTAssertTrue(kernels.clustering.boundsHold(lanes, drift, 1e9), "padding breaks bounds")
    }
  }
}
