import KernelTable
import XCTest

/// Tiles of rows and the scores of centers against plain loops, on every instruction set that this CPU runs.
final class TileKernelTests: KernelTestCase {
  private static let columns = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50, 64, 100]

  /// Sixteen of these rows, in no order, one of them twice.
  private static let rows: [Int32] = [5, 0, 19, 3, 3, 18, 7, 1, 9, 11, 4, 2, 16, 12, 6, 8]

  func testTilesOfRows() {
    var generator = SeededGenerator(seed: 1)
    for kernels in builds() {
      for columns in Self.columns {
        let room = (columns + 31) / 32 * 32
        let name = "\(kernels.isaName), \(columns) columns"
        func padded(_ values: [Float]) -> [Float] {
          values + [Float](repeating: 0, count: room - columns)
        }
        // Behind the last row there is nothing that may be read: NaN and 255 would show.
        let floats = generator.floats(20 * columns, range: 1) + [Float](repeating: .nan, count: 40)
        let bytes =
          (0..<20 * columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
          + [UInt8](repeating: 255, count: 40)
        let shift = padded(generator.floats(columns, range: 1))
        let factor = padded([Float](repeating: 4096, count: columns))
        let byteShift = padded((0..<columns).map { Float($0 % 200) })
        var tile = [Float](repeating: -7, count: room * 16)
        kernels.fillTile(
          &tile, from: floats, columns: columns, rows: Self.rows, shift: shift, factor: factor)
        check(tile, columns, name) { (floats[$0 * columns + $1] - shift[$1]) * factor[$1] }
        kernels.fillTile(
          &tile, from: bytes, columns: columns, rows: Self.rows, shift: byteShift, factor: factor)
        check(tile, columns, name) {
          (Float(bytes[$0 * columns + $1]) - byteShift[$1]) * factor[$1]
        }
        var words = [Int32](repeating: -7, count: room / 2 * 16)
        kernels.fillPairTile(
          &words, from: floats, columns: columns, rows: Self.rows, shift: shift, factor: factor)
        check(words, columns, name) {
          ((floats[$0 * columns + $1] - shift[$1]) * factor[$1]).rounded(.toNearestOrEven)
        }
        let groups = (columns + 7) / 8
        let few = padded([Float](repeating: 100, count: columns))
        let below = padded([Float](repeating: -1, count: columns))
        var packed = [UInt64](repeating: 7, count: groups * 16)
        kernels.fillByteTile(
          &packed, from: floats, columns: columns, rows: Self.rows, shift: below, factor: few)
        for (column, lane) in (0..<groups * 8).flatMap({ c in (0..<16).map { (c, $0) } }) {
          let byte = packed[column / 8 * 16 + lane] >> UInt64(column % 8 * 8) & 255
          let value = floats[Int(Self.rows[lane]) * columns + min(column, columns - 1)]
          let expected = column < columns ? ((value + 1) * 100).rounded(.toNearestOrEven) : 0
          XCTAssertEqual(Float(byte), expected, "\(name): column \(column), lane \(lane)")
        }
        let integers = byteShift.map { Int16($0) }
        kernels.fillPairTile(
          &words, from: bytes, columns: columns, rows: Self.rows, shift: integers)
        check(words, columns, name) { Float(bytes[$0 * columns + $1]) - byteShift[$1] }
      }
    }
  }

  /// Distances of tiles against the sums that define labels, rounded once.
  func testDistancesOfTiles() {
    var generator = SeededGenerator(seed: 11)
    for kernels in builds() {
      for columns in Self.columns + [200] {
        for (count, rows) in [(1, 16), (3, 1), (4, 15), (17, 16), (32, 3), (37, 16)] {
          let tile = generator.floats(columns * 16, range: 1000)
          let centers = generator.floats(count * columns, range: 1000)
          let last = centers.suffix(columns)
          let padded = centers + (0..<(4 - count % 4) % 4).flatMap { _ in last }
          for form in DistanceForm.allCases {
            // What is behind the rows that are wanted stays as it is.
            var found = [Float](repeating: -7, count: (rows + 1) * count)
            var room = [Float](repeating: .nan, count: 256)
            kernels.distances(
              tile: tile, columns: columns, rows: rows, centers: padded.map { Double($0) },
              count: count, form: form, distances: &found, room: &room)
            let expected = (0..<rows).flatMap { row in
              (0..<count).map { center in
                Self.distance(columns, form) {
                  Double(tile[$0 * 16 + row]) - Double(centers[center * columns + $0])
                }
              }
            }
            assertSameBits(
              found, expected + [Float](repeating: -7, count: count),
              "\(kernels.isaName), \(columns) columns, \(count) centers, \(form)")
          }
        }
      }
    }
  }

  /// Distances by products: what is not left open is rounded as by definition, duplicates of centers are left open, and
  /// little else is.
  func testDistancesByProducts() {
    var generator = SeededGenerator(seed: 12)
    for kernels in builds() {
      for columns in Self.columns + [200] {
        for (count, rows) in [(1, 16), (3, 1), (4, 15), (17, 16), (37, 16)] {
          let name = "\(kernels.isaName), \(columns) columns, \(count) centers"
          // Far from 0, which the shift undoes.
          let shift = (0..<columns).map { Double(1000 + $0) }
          var tile = (0..<columns * 16).map {
            Float(shift[$0 / 16]) + Float.random(in: -9...9, using: &generator)
          }
          let centers = (0..<count * columns).map {
            Float(shift[$0 % columns]) + Float.random(in: -9...9, using: &generator)
          }
          // The first row is the last center.
          for column in 0..<columns { tile[column * 16] = centers[(count - 1) * columns + column] }
          let padded = centers + (0..<(4 - count % 4) % 4).flatMap { _ in centers.suffix(columns) }
          let near = padded.indices.map { Double(padded[$0]) - shift[$0 % columns] }
          let squares = stride(from: 0, to: near.count, by: columns).map { first in
            near[first..<first + columns].reduce(0) { $0 + $1 * $1 }
          }
          let form: DistanceForm = rows == 15 ? .half : .root
          var found = [Float](repeating: -7, count: (rows + 1) * count)
          var undecided = [Int32](repeating: -7, count: rows * count)
          var shifted = [Double](repeating: .nan, count: (columns + 1) * 16)
          var room = [Float](repeating: .nan, count: 512)
          let open = kernels.distancesByProducts(
            tile: tile, columns: columns, rows: rows, shift: shift, centers: near, squares: squares,
            count: count, slack: Double(3 * columns + 64) * 0x1p-53, isHalved: form == .half,
            distances: &found, undecided: &undecided, shifted: &shifted, room: &room)
          let left = undecided.prefix(open).map { Int($0) }
          XCTAssertTrue(left.contains(count - 1), "\(name): a row that is a center")
          XCTAssertEqual(Set(left).count, open, name)
          // Squares of few bits often lie just between two Floats.
          XCTAssertLessThan(open, 3 + rows * count / 20, name)
          for place in 0..<rows * count where !left.contains(place) {
            let (row, center) = (place / count, place % count)
            let expected = Self.distance(columns, form) {
              Double(tile[$0 * 16 + row]) - Double(centers[center * columns + $0])
            }
            XCTAssertEqual(found[place], expected, "\(name): row \(row), center \(center)")
          }
          XCTAssertEqual(found.suffix(count), [Float](repeating: -7, count: count)[...], name)
        }
      }
    }
  }

  /// Column j goes to sum j mod 16; then sums j and j + 8 are added, j and j + 4, and so on.
  private static func distance(
    _ columns: Int, _ form: DistanceForm, _ difference: (Int) -> Double
  ) -> Float {
    var sums = [Double](repeating: 0, count: 16)
    for column in 0..<columns {
      let value = difference(column)
      sums[column % 16] += form == .magnitudes ? abs(value) : value * value
    }
    for width in [8, 4, 2, 1] {
      for place in 0..<width { sums[place] += sums[place + width] }
    }
    return switch form {
    case .root: Float(sums[0].squareRoot())
    case .half: Float(sums[0] / 2)
    case .magnitudes: Float(sums[0])
    }
  }

  func testTilesOfWords() {
    var generator = SeededGenerator(seed: 7)
    for kernels in builds() {
      for words in [4, 16, 20, 48] {
        let source = (0..<20 * words).map { _ in Int32.random(in: .min ... .max, using: &generator)
        }
        var tile = [Int32](repeating: 7, count: words * 16)
        kernels.fillTile(&tile, from: source, words: words, rows: Self.rows)
        for place in tile.indices {
          XCTAssertEqual(
            tile[place], source[Int(Self.rows[place % 16]) * words + place / 16],
            "\(kernels.isaName), \(words) words")
        }
      }
    }
  }

  /// Scores, the smallest, and what is sifted, against plain loops.
  func testSieve() {
    var generator = SeededGenerator(seed: 8)
    for kernels in builds() {
      for (count, words) in [(4, 1), (8, 3), (12, 16), (20, 7), (100, 48), (1000, 16)] {
        let name = "\(kernels.isaName), \(count) centers of \(words) words"
        func pairs(_ count: Int) -> [Int16] {
          (0..<count * 2).map { _ in Int16.random(in: -3000...3000, using: &generator) }
        }
        func packed(_ pairs: [Int16]) -> [Int32] {
          stride(from: 0, to: pairs.count, by: 2).map {
            Int32(pairs[$0 + 1]) << 16 | Int32(pairs[$0]) & 0xffff
          }
        }
        let (x, c) = (pairs(words * 16), pairs(words * count))
        var h = (0..<count).map { _ in Int32.random(in: 0...1_000_000, using: &generator) }
        h[count - 1] = .max
        var scores = [Int32](repeating: 7, count: count * 16)
        kernels.scores(
          pairTile: packed(x), words: words, centers: packed(c), h: h, count: count, into: &scores)
        for k in 0..<count {
          for lane in 0..<16 {
            var score = h[k]
            for word in 0..<words {
              for half in 0..<2 {
                score &-=
                  Int32(x[(word * 16 + lane) * 2 + half])
                  &* Int32(c[(k * words + word) * 2 + half])
              }
            }
            XCTAssertEqual(scores[k * 16 + lane], score, "\(name): center \(k), lane \(lane)")
          }
        }
        // Equal scores, and one of the largest integer, as of a center that is none.
        for lane in 0..<16 {
          scores[(count - 1) * 16 + lane] = .max
          scores[(count - 2) * 16 + lane] = scores[lane]
        }
        let lanes = (0..<16).map { lane in (0..<count).map { scores[$0 * 16 + lane] } }
        var nearest = [Int32](repeating: -1, count: 16)
        kernels.least(scores: scores, count: count, nearest: &nearest)
        XCTAssertEqual(nearest, lanes.map { Int32($0.firstIndex(of: $0.min()!)!) }, name)
        let limits = lanes.enumerated().map { lane, scores -> Int32 in
          lane == 0 ? .min : lane == 1 ? .max - 1 : scores.sorted()[min(lane, count) - 1]
        }
        let groupSize = (count + 15) / 16
        var chosen = [Int32](repeating: -1, count: count)
        var members = chosen
        var groups = [Float](repeating: -1, count: 256)
        let found = kernels.sift(
          scores: scores, count: count, groupSize: groupSize, unit: 0.5, limits: limits,
          chosen: &chosen, rows: &members, groups: &groups)
        var kept: [(Int32, Int32)] = []
        var least = [Float](repeating: .infinity, count: 256)
        for k in 0..<count {
          var rows: Int32 = 0
          for lane in 0..<16 {
            if lanes[lane][k] <= limits[lane] {
              rows |= 1 << Int32(lane)
            } else if lanes[lane][k] < .max {
              let place = lane * 16 + k / groupSize
              least[place] = min(least[place], Float(lanes[lane][k]) * 0.5)
            }
          }
          if rows != 0 { kept.append((Int32(k), rows)) }
        }
        XCTAssertEqual(found, kept.count, name)
        XCTAssertEqual(Array(chosen[..<found]), kept.map(\.0), name)
        XCTAssertEqual(Array(members[..<found]), kept.map(\.1), name)
        XCTAssertEqual(groups, least, name)
        XCTAssertEqual(
          kernels.sift(
            scores: scores, count: count, groupSize: count, unit: 1, limits: limits,
            chosen: &chosen, rows: &members, groups: nil), found, name)
      }
    }
  }

  private func check(
    _ tile: [Float], _ columns: Int, _ name: String, _ expected: (Int, Int) -> Float
  ) {
    for column in 0..<columns {
      for lane in 0..<16 {
        XCTAssertEqual(
          tile[column * 16 + lane], expected(Int(Self.rows[lane]), column),
          "\(name): column \(column), lane \(lane)")
      }
    }
  }

  /// Two columns to a word, zeros behind the last.
  private func check(
    _ words: [Int32], _ columns: Int, _ name: String, _ expected: (Int, Int) -> Float
  ) {
    for column in 0..<words.count / 8 {
      for lane in 0..<16 {
        let word = words[column / 2 * 16 + lane]
        let half = column % 2 == 0 ? Int16(truncatingIfNeeded: word) : Int16(word >> 16)
        XCTAssertEqual(
          Float(half), column < columns ? expected(Int(Self.rows[lane]), column) : 0,
          "\(name): column \(column), lane \(lane)")
      }
    }
  }

  /// Few different values make many ties; padding is infinite.
  func testNearestOfFloats() {
    var generator = SeededGenerator(seed: 2)
    for kernels in builds() {
      for columns in [1, 2, 3, 16, 31] {
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
            numbers(count * columns) + [Float](repeating: 0, count: (padded - count) * columns)
          let h = numbers(count) + [Float](repeating: .infinity, count: padded - count)
          let scores = (0..<16).map { row in
            (0..<padded).map { k in
              (0..<columns).reduce(h[k]) {
                $0.addingProduct(-centers[k * columns + $1], tile[$1 * 16 + row])
              }
            }
          }
          check(scores, padded, "\(kernels.isaName), \(columns) columns, \(count) centers") {
            kernels.nearest(
              tile: tile, columns: columns, centers: centers, h: h, count: padded, groupSize: $0,
              nearest: $1, best: $2, runnerUp: $3, scores: $4, groups: $5)
          }
        }
      }
    }
  }

  /// Sums that wrap around, as long as the scores themselves fit.
  func testNearestOfPairs() {
    var generator = SeededGenerator(seed: 3)
    for kernels in builds() {
      for words in [1, 16, 48] {
        for (count, range) in [(1, 9), (3, 2), (8, 3), (17, 300), (50, 32_767)] {
          let padded = (count + 3) / 4 * 4
          func pairs(_ n: Int) -> [Int16] {
            (0..<2 * n).map { _ in Int16.random(in: -Int16(range)...Int16(range), using: &generator)
            }
          }
          func joined(_ halves: [Int16]) -> [Int32] {
            stride(from: 0, to: halves.count, by: 2).map {
              Int32(halves[$0 + 1]) << 16 | Int32(UInt16(bitPattern: halves[$0]))
            }
          }
          let tile = pairs(words * 16)
          var centers = pairs(padded * words)
          for index in count * words * 2..<centers.count { centers[index] = 0 }
          var h = [Int32](repeating: .max, count: padded)
          var scores = [[Float]](
            repeating: [Float](repeating: .infinity, count: padded), count: 16)
          for k in 0..<count {
            // Far from 0: what is added to the products brings the scores of the first row near 0.
            let first = product(tile, centers, words, row: 0, k: k)
            h[k] = Int32(truncatingIfNeeded: first + Int64.random(in: -99...99, using: &generator))
            if h[k] == .max { h[k] -= 1 }
            for row in 0..<16 {
              let exact = Int64(h[k]) - product(tile, centers, words, row: row, k: k)
              scores[row][k] = Float(Int32(truncatingIfNeeded: exact)) * 0x1p-9
            }
          }
          check(scores, padded, "\(kernels.isaName), \(words) words, \(count) centers") {
            kernels.nearest(
              pairTile: joined(tile), words: words, centers: joined(centers), h: h, unit: 0x1p-9,
              count: padded, groupSize: $0, nearest: $1, best: $2, runnerUp: $3, scores: $4,
              groups: $5)
          }
        }
      }
    }
  }

  private func product(
    _ tile: [Int16], _ centers: [Int16], _ words: Int, row: Int, k: Int
  ) -> Int64 {
    (0..<2 * words).reduce(0) {
      $0 + Int64(tile[$1 / 2 * 32 + row * 2 + $1 % 2]) * Int64(centers[k * words * 2 + $1])
    }
  }

  private typealias Rank = (
    Int, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
    UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>?
  ) -> Void

  /// All results of a ranking of `scores`, `[16][count]`, with groups and without.
  private func check(_ scores: [[Float]], _ count: Int, _ name: String, _ rank: Rank) {
    for groupSize in Set([(count + 15) / 16, (count + 3) / 4, count]) {
      var nearest = [Int32](repeating: -7, count: 17)
      var (best, runnerUp) = ([Float](repeating: -7, count: 17), [Float](repeating: -7, count: 17))
      var found = [Float](repeating: -7, count: count * 16 + 1)
      var groups = [Float](repeating: -7, count: 513)
      groups.withUnsafeMutableBufferPointer {
        rank(
          groupSize, &nearest, &best, &runnerUp, &found, groupSize < count ? $0.baseAddress : nil)
      }
      for (row, line) in scores.enumerated() {
        let name = "\(name), row \(row), groups of \(groupSize)"
        XCTAssertEqual((0..<count).map { found[$0 * 16 + row] }, line, name)
        let expected = line.indices.first { line[$0] == line.min() }!
        XCTAssertEqual(Int(nearest[row]), expected, name)
        XCTAssertEqual(best[row], line[expected], name)
        var rest = line
        rest[expected] = .infinity
        XCTAssertEqual(runnerUp[row], rest.min(), name)
        guard groupSize < count else { continue }
        for group in 0..<16 {
          let members = rest.dropFirst(group * groupSize).prefix(groupSize)
          XCTAssertEqual(groups[row * 16 + group], members.min() ?? .infinity, name)
        }
      }
      XCTAssertEqual([best[16], runnerUp[16], found[count * 16], groups[512]], [-7, -7, -7, -7])
      XCTAssertEqual(nearest[16], -7)
    }
  }

  func testCentersWithin() {
    var generator = SeededGenerator(seed: 4)
    for kernels in builds() {
      for count in [1, 7, 40] {
        var scores = (0..<count * 16).map { _ in
          Float(Int.random(in: 0...60, using: &generator))
        }
        scores[count / 2 * 16 + 3] = .nan
        var limits = [Float](repeating: -.infinity, count: 16)
        limits[3] = 1
        limits[8] = 5
        var chosen = [Int32](repeating: -7, count: count + 1)
        let found = kernels.centersWithin(
          scores: scores, count: count, limits: limits, chosen: &chosen)
        let expected = (0..<count).filter { k in
          (0..<16).contains { !(scores[k * 16 + $0] > limits[$0]) }
        }
        XCTAssertEqual(chosen[..<found].map { Int($0) }, expected, kernels.isaName)
        XCTAssertEqual(chosen[count], -7)
      }
    }
  }
}
