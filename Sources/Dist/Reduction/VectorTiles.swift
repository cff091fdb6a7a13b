/// A vector cut into consecutive tiles, the smallest parts that are computed at a time.
public struct VectorTiles: Equatable, Sendable {
  /// Where each tile starts, and the end of the last: ascending from 0.
  public let offsets: [Int]

  /// The tiles between neighbouring `offsets`, which ascend from 0 without repetition.
  public init(offsets: [Int]) {
    precondition(
      offsets.first == 0 && offsets.count >= 2 && zip(offsets, offsets.dropFirst()).allSatisfy(<),
      "tiles at \(offsets.prefix(4))…")
    self.offsets = offsets
  }

  /// The number of tiles.
  public var count: Int { offsets.count - 1 }
  /// The number of elements.
  public var elementCount: Int { offsets[count] }
  /// The elements of the longest tile.
  public var longest: Int { (0..<count).reduce(0) { max($0, elements(of: $1).count) } }

  /// The elements of a tile.
  public func elements(of tile: Int) -> Range<Int> { offsets[tile]..<offsets[tile + 1] }

  /// The elements of consecutive tiles.
  public func elements(of tiles: Range<Int>) -> Range<Int> {
    offsets[tiles.lowerBound]..<offsets[tiles.upperBound]
  }

  /// One of `parts` parts of consecutive tiles that have about as many elements each; some may be empty.
  ///
  /// - Complexity: O(log(tiles)).
  func share(_ part: Int, of parts: Int, in tiles: Range<Int>) -> Range<Int> {
    let whole = elements(of: tiles)
    func cut(_ part: Int) -> Int {
      let wanted = whole.lowerBound + part * whole.count / parts
      var (low, high) = (tiles.lowerBound, tiles.upperBound)
      while low < high {
        let middle = (low + high) / 2
        // The tile belongs to the part in which its middle lies.
        if (offsets[middle] + offsets[middle + 1]) / 2 < wanted {
          low = middle + 1
        } else {
          high = middle
        }
      }
      return low
    }
    return cut(part)..<cut(part + 1)
  }

  /// Groups of consecutive tiles with at most `length` elements where a tile alone has no more.
  func chunks(of length: Int) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var first = 0
    for tile in 0..<count where offsets[tile + 1] - offsets[first] > length && tile > first {
      chunks.append(first..<tile)
      first = tile
    }
    return chunks + [first..<count]
  }
}
