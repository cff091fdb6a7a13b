import KernelTable
import XCTest

/// The kernels of clustering by L1 distances against plain loops, on every instruction set that this CPU runs.
final class ManhattanKernelTests: KernelTestCase {
  private static let columns = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 64, 100, 784]

  /// The documented order: column j to sum j mod 16, then halves.
  private func distance(_ x: [Float], _ c: [Float]) -> Double {
    var sums = [Double](repeating: 0, count: 16)
    for (j, (a, b)) in zip(x, c).enumerated() { sums[j % 16] += abs(Double(a) - Double(b)) }
    for half in [8, 4, 2, 1] {
      for j in 0..<half { sums[j] += sums[j + half] }
    }
    return sums[0]
  }

  func testDistances() {
    var generator = SeededGenerator(seed: 1)
    for kernels in builds() {
      for columns in Self.columns {
        for scale: Float in [1, 0x1p-140, 1e38, 1e5] {
          let c = generator.floats(columns, range: 1).map { $0 * scale }
          let x = generator.floats(columns, range: 1).map { $0 * scale }
          let name = "\(kernels.isaName), \(columns) columns, scale \(scale)"
          // A value behind the last column is never read.
          let found = kernels.manhattan.absoluteDistanceFloat(x + [.nan], c + [.nan], columns)
          XCTAssertEqual(found.bitPattern, distance(x, c).bitPattern, name)
          let bytes = (0..<columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
          XCTAssertEqual(
            kernels.manhattan.absoluteDistanceUInt8(bytes, c + [.nan], columns).bitPattern,
            distance(bytes.map { Float($0) }, c).bitPattern, name)
        }
      }
    }
  }

  func testSumOfDistances() {
    var generator = SeededGenerator(seed: 2)
    for kernels in builds() {
      for (rows, columns) in [(0, 3), (1, 16), (37, 5), (20, 33)] {
        let x = generator.floats(rows * columns + 1, range: 1)
        let centers = generator.floats(4 * columns, range: 1)
        let labels = (0..<rows + 1).map { Int32($0 % 4) }
        var (high, low): (Int64, Int64) = (7, -7)
        for row in 0..<rows {
          let center = row % 4 * columns
          let scaled =
            distance(
              Array(x[row * columns..<(row + 1) * columns]),
              Array(centers[center..<center + columns])) * 0x1p20
          let whole = scaled.rounded(.toNearestOrEven)
          high += Int64(whole)
          low += Int64(((scaled - whole) * 0x1p30).rounded(.toNearestOrEven))
        }
        var sums: [Int64] = [7, -7]
        kernels.manhattan.sumOfAbsoluteDistances(
          x, rows, columns, labels, centers, 0x1p20, 0x1p30, &sums)
        XCTAssertEqual(sums, [high, low], "\(kernels.isaName), \(rows) x \(columns)")
      }
    }
  }

  func testBytes() {
    var generator = SeededGenerator(seed: 3)
    for kernels in builds() {
      for columns in Self.columns {
        for clusters in [1, 2, 3, 4, 5, 9] {
          let stride = (columns + 63) / 64 * 64
          let row = (0..<columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
          var planes: [UInt8] = []
          for _ in 0..<2 * clusters {
            planes += (0..<columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
            planes += [UInt8](repeating: 9, count: stride - columns)
          }
          func sum(_ plane: Int) -> Int {
            (0..<columns).reduce(0) { $0 + abs(Int(row[$1]) - Int(planes[plane * stride + $1])) }
          }
          let first = (0..<clusters).map { Int32($0) }
          let second = (0..<clusters).map { Int32(2 * clusters - 1 - $0) }
          var sums = [UInt32](repeating: 0, count: 2 * clusters)
          var scores = [Float](repeating: -1, count: clusters + 1)
          kernels.manhattan.doubledByteDistances(
            row, columns, planes, stride, 2 * clusters, &sums, first, second, clusters, &scores)
          let expected = (0..<clusters).map { Float(sum($0) + sum(2 * clusters - 1 - $0)) } + [-1]
          XCTAssertEqual(scores, expected, "\(kernels.isaName), \(columns) x \(clusters)")
        }
      }
    }
  }

  /// Scores are within their error, and the smallest two are the smallest two.
  func testScores() {
    var generator = SeededGenerator(seed: 4)
    for kernels in builds() {
      for columns in Self.columns where columns <= 100 {
        for clusters in [1, 3, 4, 17] {
          let isTile = columns <= 32
          let padded = isTile ? (clusters + 3) / 4 * 4 : (clusters + 15) / 16 * 16
          let rows = generator.floats(16 * columns, range: 1)
          let centers = generator.floats(clusters * columns, range: 1)
          let stride = isTile ? columns : (columns + 15) / 16 * 16
          var prepared = [Float](repeating: 0, count: padded * stride)
          for cluster in 0..<clusters {
            for column in 0..<columns {
              prepared[cluster * stride + column] = centers[cluster * columns + column]
            }
          }
          var scores = [Float](repeating: .infinity, count: 16 * padded)
          var nearest = [Int32](repeating: -7, count: 16)
          var (best, runnerUp) = (
            [Float](repeating: -7, count: 16), [Float](repeating: -7, count: 16)
          )
          if isTile {
            var tile = [Float](repeating: 0, count: columns * 16)
            let chosen = (0..<16).map { Int32(15 - $0) }
            kernels.manhattan.transposeIntoTile(rows, columns, chosen, 16, &tile)
            kernels.manhattan.absoluteScoresInTile(
              tile, columns, prepared, padded, padded - clusters, &scores, &nearest, &best,
              &runnerUp)
          } else {
            for row in 0..<16 {
              scores.withUnsafeMutableBufferPointer { scores in
                rows.withUnsafeBufferPointer {
                  kernels.manhattan.absoluteScores(
                    $0.baseAddress! + (15 - row) * columns, columns, prepared, stride, padded,
                    scores.baseAddress! + row * padded)
                }
              }
              for padding in clusters..<padded { scores[row * padded + padding] = .infinity }
            }
            kernels.manhattan.smallestTwo(
              scores, padded, 16, padded / 16, &nearest, &best, &runnerUp)
          }
          for row in 0..<16 {
            let name = "\(kernels.isaName), \(columns) columns, \(clusters) centres, row \(row)"
            let own = (0..<clusters).map {
              isTile ? scores[$0 * 16 + row] : scores[row * padded + $0]
            }
            for cluster in 0..<clusters {
              let exact = distance(
                Array(rows[(15 - row) * columns..<(16 - row) * columns]),
                Array(centers[cluster * columns..<(cluster + 1) * columns]))
              XCTAssertEqual(
                Double(own[cluster]), exact, accuracy: Double(columns + 2) * 0x1p-24 * exact, name)
            }
            XCTAssertEqual(best[row], own.min(), name)
            XCTAssertEqual(own[Int(nearest[row])], best[row], name)
            var rest = own
            rest[Int(nearest[row])] = .infinity
            XCTAssertEqual(runnerUp[row], rest.min(), name)
          }
        }
      }
    }
  }

  /// Whole numbers, so that many lie on the ends and in the middle of brackets.
  func testBrackets() {
    var generator = SeededGenerator(seed: 5)
    func numbers(_ count: Int, _ range: ClosedRange<Int>) -> [Float] {
      (0..<count).map { _ in Float(Int.random(in: range, using: &generator)) }
    }
    for kernels in builds() {
      for columns in [1, 5, 16, 17, 40] {
        let (clusters, rows, stride) = (3, 50, (columns + 15) / 16 * 16)
        let x = numbers(rows * columns, -9...9)
        let labels = (0..<rows).map { Int32($0 * 7 % clusters) }
        var lower = [Float](repeating: .infinity, count: clusters * stride)
        var (middle, upper) = ([Float](repeating: .nan, count: lower.count), lower.map { -$0 })
        for cluster in 0..<clusters {
          for column in 0..<columns where (cluster + column) % 5 != 4 {
            let ends = numbers(3, -9...9).sorted()
            (lower[cluster * stride + column], upper[cluster * stride + column]) = (
              ends[0], ends[2]
            )
            if column % 2 == 0 { middle[cluster * stride + column] = ends[1] }
          }
        }
        var (below, equal) = (lower.map { _ in Int32(0) }, lower.map { _ in Int32(0) })
        var (first, second) = (below, below)
        var (expectedBelow, expectedEqual, expectedFirst) = (below, below, below)
        var expected: [[Float]] = []
        for row in 0..<rows {
          for column in 0..<columns {
            let (value, place) = (x[row * columns + column], Int(labels[row]) * stride + column)
            if value < lower[place] { expectedBelow[place] += 1 }
            if value < middle[place] { expectedFirst[place] += 1 }
            guard value >= lower[place], value <= upper[place] else { continue }
            if value == middle[place] {
              expectedEqual[place] += 1
            } else {
              expected.append([value, Float(place)])
            }
          }
        }
        for capacity in [rows * columns, 7] {
          let name = "\(kernels.isaName), \(columns) columns, room for \(capacity)"
          below = below.map { _ in 0 }
          equal = below
          var values = [Float](repeating: -77, count: capacity + 1)
          var places = [Int32](repeating: -77, count: capacity + 1)
          let found = kernels.manhattan.collectInBrackets(
            x, rows, columns, labels, stride, lower, middle, upper, &below, &equal, &values,
            &places,
            capacity)
          XCTAssertEqual(found, expected.count, name)
          let kept = min(found, capacity)
          XCTAssertEqual(
            (0..<kept).map { [values[$0], Float(places[$0])] }, Array(expected[..<kept]))
          XCTAssertEqual([values[capacity], Float(places[capacity])], [-77, -77], name)
          for cluster in 0..<clusters {
            let real = cluster * stride..<cluster * stride + columns
            XCTAssertEqual(below[real], expectedBelow[real], name)
            XCTAssertEqual(equal[real], expectedEqual[real], name)
          }
        }
        kernels.manhattan.countBelow(
          x, rows, 1, columns, labels, stride, middle, lower, &first, &second)
        for cluster in 0..<clusters {
          let real = cluster * stride..<cluster * stride + columns
          XCTAssertEqual(first[real], expectedFirst[real], "\(kernels.isaName), \(columns) columns")
          XCTAssertEqual(
            second[real], expectedBelow[real], "\(kernels.isaName), \(columns) columns")
        }
      }
    }
  }
}
