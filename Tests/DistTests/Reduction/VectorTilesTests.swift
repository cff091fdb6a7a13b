import XCTest

@testable import DTrainDist

/// Tiles, their shares and their chunks cover a vector once, in order.
final class VectorTilesTests: XCTestCase {
  private let vectors = [
    VectorTiles(offsets: [0, 1]), VectorTiles(offsets: [0, 5, 6, 7, 100, 101]),
    VectorTiles(offsets: Array(stride(from: 0, through: 1000, by: 10))),
    VectorTiles(offsets: [0, 1000, 1001, 1002, 1003]),
  ]

  func testShares() {
    for tiles in vectors {
      for parts in 1...9 {
        for range in [0..<tiles.count, 0..<(tiles.count + 1) / 2] {
          let shares = (0..<parts).map { tiles.share($0, of: parts, in: range) }
          XCTAssertEqual(shares.flatMap { Array($0) }, Array(range), "\(tiles), \(parts) parts")
          // No part exceeds the even one by more than a tile.
          let even = tiles.elements(of: range).count / parts
          for share in shares {
            XCTAssertLessThanOrEqual(
              tiles.elements(of: share).count, even + tiles.longest + 1, "\(tiles), \(parts) parts")
          }
        }
      }
    }
  }

  func testChunks() {
    for tiles in vectors {
      for length in [1, 7, 50, 100, 999, 5000] {
        let chunks = tiles.chunks(of: length)
        XCTAssertEqual(chunks.flatMap { Array($0) }, Array(0..<tiles.count))
        for chunk in chunks {
          XCTAssertTrue(chunk.count == 1 || tiles.elements(of: chunk).count <= length)
        }
      }
    }
  }
}
