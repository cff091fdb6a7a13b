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
          let found = kernels.absoluteDistance(x + [.nan], c + [.nan], columns: columns)
          XCTAssertEqual(found.bitPattern, distance(x, c).bitPattern, name)
          let bytes = (0..<columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
          XCTAssertEqual(
            kernels.absoluteDistance(bytes, c + [.nan], columns: columns).bitPattern,
            distance(bytes.map { Float($0) }, c).bitPattern, name)
        }
      }
    }
  }

  func testSumOfDistances() {
    var generator = SeededGenerator(seed: 2)
    for kernels in builds() {
      for (rows, columns, bits) in [
        (0, 3, 20), (1, 16, 20), (37, 5, 20), (20, 33, 20), (64, 16, 48), (43, 17, 48),
        // More than what is added up at once, the largest that are allowed among them.
        (5000, 16, 49), (2, 65_536 + 40, 48),
      ] {
        let scale = Double(1 << bits)
        let stride = (columns + 15) / 16 * 16
        let x = generator.floats(rows * columns + 1, range: 1)
        let centers = generator.floats(4 * columns, range: 0.99)
        var prepared = [Double](repeating: 0, count: 4 * stride)
        for index in centers.indices {
          prepared[index / columns * stride + index % columns] = Double(centers[index])
        }
        let labels = (0..<rows + 1).map { Int32($0 % 4) }
        var expected: Int128 = 7 << 32 - 9
        for row in 0..<rows {
          for column in 0..<columns {
            let difference =
              Double(x[row * columns + column]) - Double(centers[row % 4 * columns + column])
            expected += Int128((abs(difference) * scale).rounded(.toNearestOrEven))
          }
        }
        var sums: [Int64] = [7, -9]
        kernels.sumOfAbsoluteDistances(
          rows: x, count: rows, columns: columns, labels: labels, centers: prepared,
          stride: stride, scale: scale, sums: &sums)
        XCTAssertEqual(
          Int128(sums[0]) << 32 + Int128(sums[1]), expected,
          "\(kernels.isaName), \(rows) x \(columns)")
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
          kernels.byteDistances(
            row: row, columns: columns, planes: planes, stride: stride, planeCount: 2 * clusters,
            sums: &sums, first: first, second: second, clusters: clusters, scores: &scores)
          let expected =
            (0..<clusters).map { Float(sum($0) + sum(2 * clusters - 1 - $0)) / 2 } + [-1]
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
            kernels.fillTile(&tile, from: rows, columns: columns, rows: chosen, count: 16)
            kernels.absoluteScores(
              tile: tile, columns: columns, centers: prepared, count: padded,
              padding: padded - clusters, scores: &scores, nearest: &nearest, best: &best,
              runnerUp: &runnerUp)
          } else {
            for row in 0..<16 {
              scores.withUnsafeMutableBufferPointer { scores in
                rows.withUnsafeBufferPointer {
                  kernels.absoluteScores(
                    row: $0.baseAddress! + (15 - row) * columns, columns: columns,
                    centers: prepared, stride: stride, count: padded,
                    scores: scores.baseAddress! + row * padded)
                }
              }
              for padding in clusters..<padded { scores[row * padded + padding] = .infinity }
            }
            kernels.smallestTwo(
              scores: scores, stride: padded, rows: 16, vectors: padded / 16, nearest: &nearest,
              best: &best, runnerUp: &runnerUp)
          }
          for row in 0..<16 {
            let name = "\(kernels.isaName), \(columns) columns, \(clusters) centers, row \(row)"
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

  /// Sums of absolute differences of 16-bit integers, exact, with odd numbers of columns and of centers.
  func testScoresInIntegers() {
    var generator = SeededGenerator(seed: 6)
    for kernels in builds() {
      for columns in [1, 2, 7, 8, 15, 16, 17, 32] {
        for clusters in [1, 3, 4, 18] {
          let (padded, words) = ((clusters + 3) / 4 * 4, (columns + 1) / 2)
          let most = 32767 / columns
          func integers(_ count: Int) -> [Int] {
            (0..<count).map { _ in Int.random(in: 0...most, using: &generator) }
          }
          let (rows, centers) = (integers(16 * columns), integers(clusters * columns))
          func word(_ values: [Int], _ start: Int, _ pair: Int) -> Int32 {
            let high = 2 * pair + 1 < columns ? values[start + 2 * pair + 1] : 0
            return Int32(values[start + 2 * pair] | high << 16)
          }
          var tile = [Int32](repeating: 0, count: words * 16)
          for (row, pair) in (0..<16).flatMap({ row in (0..<words).map { (row, $0) } }) {
            tile[pair * 16 + row] = word(rows, row * columns, pair)
          }
          let packed = (0..<padded * words).map { place in
            place / words < clusters ? word(centers, place / words * columns, place % words) : 0
          }
          var nearest = [Int32](repeating: -7, count: 16)
          var (best, runnerUp) = (nearest, nearest)
          kernels.nearestByAbsolute(
            pairTile: tile, words: words, centers: packed, count: padded,
            padding: padded - clusters, nearest: &nearest, best: &best, runnerUp: &runnerUp)
          for row in 0..<16 {
            let name = "\(kernels.isaName), \(columns) columns, \(clusters) centers, row \(row)"
            var scores = (0..<clusters).map { cluster in
              (0..<columns).reduce(0) {
                $0 + abs(rows[row * columns + $1] - centers[cluster * columns + $1])
              }
            }
            XCTAssertEqual(Int(best[row]), scores.min(), name)
            XCTAssertEqual(scores[Int(nearest[row])], Int(best[row]), name)
            scores[Int(nearest[row])] = Int(Int32.max)
            XCTAssertEqual(Int(runnerUp[row]), scores.min(), name)
          }
        }
      }
    }
  }

  /// Sums of absolute differences of bytes, exact, with odd numbers of columns and of centers.
  func testScoresInBytes() {
    var generator = SeededGenerator(seed: 8)
    for kernels in builds() {
      for columns in [1, 7, 8, 9, 16, 17, 40, 128] {
        for clusters in [2, 3, 4, 19, 300] {
          let (padded, groups) = ((clusters + 1) / 2 * 2, (columns + 7) / 8)
          // All 0 and all 255 are as far apart as can be.
          func bytes(_ count: Int) -> [UInt64] {
            (0..<count).flatMap { index in
              let whole: UInt64? = index % 7 == 0 ? 0 : index % 7 == 1 ? 255 : nil
              let values = (0..<groups * 8).map {
                $0 < columns ? whole ?? UInt64.random(in: 0...255, using: &generator) : 0
              }
              return (0..<groups).map { group in
                (0..<8).reduce(0) { $0 | values[group * 8 + $1] << UInt64($1 * 8) }
              }
            }
          }
          let (rows, centers) = (bytes(16), bytes(clusters))
          var tile = [UInt64](repeating: 0, count: groups * 16)
          for (row, group) in (0..<16).flatMap({ row in (0..<groups).map { (row, $0) } }) {
            tile[group * 16 + row] = rows[row * groups + group]
          }
          let padding = [UInt64](repeating: 0, count: (padded - clusters) * groups)
          var nearest = [Int32](repeating: -7, count: 16)
          var (best, runnerUp) = (nearest, nearest)
          kernels.nearestByAbsolute(
            byteTile: tile, groups: groups, centers: centers + padding, count: padded,
            padding: padded - clusters, nearest: &nearest, best: &best, runnerUp: &runnerUp)
          for row in 0..<16 {
            let name = "\(kernels.isaName), \(columns) columns, \(clusters) centers, row \(row)"
            var scores = (0..<clusters).map { cluster in
              (0..<groups * 8).reduce(0) { sum, column in
                func byte(_ words: [UInt64], _ line: Int) -> Int {
                  Int(words[line * groups + column / 8] >> UInt64(column % 8 * 8) & 255)
                }
                return sum + abs(byte(rows, row) - byte(centers, cluster))
              }
            }
            XCTAssertEqual(Int(best[row]), scores.min(), name)
            XCTAssertEqual(Int(nearest[row]), scores.firstIndex(of: Int(best[row])), name)
            scores[Int(nearest[row])] = Int(Int32.max)
            XCTAssertEqual(Int(runnerUp[row]), scores.min(), name)
          }
        }
      }
    }
  }

  /// The code of a value, as documented.
  private func code(_ x: Float, _ low: Float, _ scale: Float) -> Int {
    Int(max(0, min(65535, (x - low) * scale)).rounded(.toNearestOrEven))
  }

  /// Counts, extremes and values of bins, of rows that reach beyond the codes.
  func testBins() {
    var generator = SeededGenerator(seed: 5)
    for kernels in builds() {
      for (columns, lowerBits) in [(1, 8), (5, 6), (16, 6), (16, 8), (17, 8), (40, 6), (1100, 8)] {
        let (bins, codesOfBin) = (65536 >> lowerBits, 1 << lowerBits)
        let (clusters, rows, stride) = (3, 50, [16, 32, 64, 2048].first { $0 >= columns }!)
        let x = generator.floats(rows * columns, range: 10)
        let labels = (0..<rows).map { Int32($0 * 7 % clusters) }
        let low = (0..<stride).map { -9 - Float($0 % 48) / 8 }
        let scale = (0..<stride).map { 3000 + 100 * Float($0 % 48) }
        func codeOf(_ row: Int, _ column: Int) -> Int {
          code(x[row * columns + column], low[column], scale[column])
        }
        let name = "\(kernels.isaName), \(columns) columns"
        var room = [Int32](repeating: -77, count: 128)

        let chosen = (0..<rows).filter { $0 % 3 != 1 }.map { Int32($0) }
        var counts = [Int32](repeating: 5, count: columns * bins)
        var expected = counts
        for (row, column) in chosen.flatMap({ row in (0..<columns).map { (Int(row), $0) } }) {
          expected[column * bins + codeOf(row, column) >> lowerBits] -= 1
        }
        kernels.tallyBins(
          rows: x, columns: columns, chosen: chosen, count: chosen.count, low: low, scale: scale,
          lowerBits: lowerBits, counts: &counts, sign: -1, room: &room)
        XCTAssertEqual(counts, expected, name)

        var least = [Float](repeating: .infinity, count: columns * bins)
        var greatest = least.map { -$0 }
        var (expectedLeast, expectedGreatest) = (least, greatest)
        for (row, column) in (0..<rows).flatMap({ row in (0..<columns).map { (row, $0) } }) {
          let place = column * bins + codeOf(row, column) >> lowerBits
          expectedLeast[place] = min(expectedLeast[place], x[row * columns + column])
          expectedGreatest[place] = max(expectedGreatest[place], x[row * columns + column])
        }
        kernels.extremesOfBins(
          rows: x, count: rows, columns: columns, low: low, scale: scale, lowerBits: lowerBits,
          minimum: &least, maximum: &greatest)
        assertSameBits(least, expectedLeast, name)
        assertSameBits(greatest, expectedGreatest, name)

        // Ranges that begin and end at codes that some row has; of some columns none.
        var first = [Int32](repeating: 1 << 16, count: clusters * stride)
        var last = [Int32](repeating: -1, count: clusters * stride)
        for place in first.indices where place % stride < columns && place % 5 != 4 {
          let ends = (0..<2).map { _ in
            codeOf(Int.random(in: 0..<rows, using: &generator), place % stride)
          }
          (first[place], last[place]) = (Int32(ends.min()!), Int32(ends.max()!))
        }
        let offsets = first.indices.map { Int32($0 * codesOfBin) }
        var tally = [Int32](repeating: 3, count: first.count * codesOfBin)
        var expectedTally = tally
        var wanted: [[Float]] = []
        for (row, column) in (0..<rows).flatMap({ row in (0..<columns).map { (row, $0) } }) {
          let place = Int(labels[row]) * stride + column
          let code = codeOf(row, column)
          guard code >= first[place], code <= last[place] else { continue }
          expectedTally[place * codesOfBin + code & (codesOfBin - 1)] += 1
          wanted.append([x[row * columns + column], Float(code), Float(place)])
        }
        kernels.tallyCodes(
          rows: x, count: rows, columns: columns, labels: labels, stride: stride, low: low,
          scale: scale, lowerBits: lowerBits, first: first, last: last, offsets: offsets,
          counts: &tally)
        XCTAssertEqual(tally, expectedTally, name)
        // Ranges of values that hold these codes, and a few others.
        var leastValues = [Float](repeating: .infinity, count: first.count)
        var greatestValues = leastValues.map { -$0 }
        for place in first.indices where last[place] >= 0 {
          let column = place % stride
          leastValues[place] = low[column] + (Float(first[place]) - 4000) / scale[column]
          greatestValues[place] = low[column] + (Float(last[place]) + 4000) / scale[column]
          if first[place] == 0 { leastValues[place] = -.infinity }
          if last[place] == 65535 { greatestValues[place] = .infinity }
        }
        var between: [[Float]] = []
        for (row, column) in (0..<rows).flatMap({ row in (0..<columns).map { (row, $0) } }) {
          let (place, value) = (Int(labels[row]) * stride + column, x[row * columns + column])
          if value >= leastValues[place], value <= greatestValues[place] {
            between.append([value, Float(place)])
          }
        }
        XCTAssertGreaterThan(between.count, wanted.count, name)
        for capacity in [between.count, 3] {
          var values = [Float](repeating: -77, count: capacity + 15)
          var places = [Int32](repeating: -77, count: capacity + 15)
          let found = kernels.collectValues(
            rows: x, count: rows, columns: columns, labels: labels, stride: stride,
            minimum: leastValues, maximum: greatestValues, values: &values, places: &places,
            capacity: capacity, room: &room)
          XCTAssertEqual(found, between.count, name)
          let kept = min(found, capacity)
          XCTAssertEqual(
            (0..<kept).map { [values[$0], Float(places[$0])] }, Array(between[..<kept]), name)
          guard capacity == found else { continue }
          let slots = first.indices.map { Int32($0 * 2) }
          let bits = 3
          var parts = [Int32](repeating: 0, count: first.count * 2 << bits)
          let stayed = kernels.countParts(
            values: &values, places: &places, count: found, stride: stride, low: low,
            scale: scale, lowerBits: lowerBits, first: first, last: last, slots: slots,
            bits: bits, counts: &parts)
          XCTAssertEqual(stayed, wanted.count, name)
          var expectedParts = parts.map { _ in Int32(0) }
          for (index, sought) in wanted.enumerated() {
            let (code, place) = (Int(sought[1]), Int(sought[2]))
            let isFirst = code >> lowerBits == Int(first[place]) >> lowerBits
            let part =
              (place * 2 + (isFirst ? 0 : 1)) << bits | (code & (codesOfBin - 1))
              >> (lowerBits - bits)
            expectedParts[part] += 1
            XCTAssertEqual(values[index], sought[0], name)
            XCTAssertEqual(Int(places[index]), part, name)
          }
          XCTAssertEqual(parts, expectedParts, name)
        }
      }
    }
  }
}
