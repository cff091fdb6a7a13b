/// How one rank reads its rows of a data set: box by box. A chunk lies in one box, so that it is decompressed once, unless
/// the range of rows cuts it.
struct HDF5Tiles {
  /// Neighbouring elements, by the first of them and their number in each dimension.
  struct Box: Equatable {
    let start: [Int]
    let count: [Int]
    var elements: Int { count.reduce(1, *) }
  }

  private let shape: [Int]
  private let rows: Range<Int>
  /// The extents of a box that nothing cuts.
  private let tile: [Int]
  /// The box that comes next, counted in each dimension; nil behind the last.
  private var place: [Int]?

  /// - Parameters:
  ///   - shape: of the whole data set.
  ///   - chunk: of a chunk; empty where numbers follow each other.
  ///   - rows: those that are read, at least one.
  ///   - elements: what a box should not exceed unless a chunk does.
  init(shape: [Int], chunk: [Int], rows: Range<Int>, elements: Int) {
    self.shape = shape
    self.rows = rows
    var tile = zip(shape, chunk.isEmpty ? shape.map { _ in 1 } : chunk).map { min($0, $1) }
    // Whole chunks are added along the last dimension until it is full, then along the one before, and so on.
    for dimension in shape.indices.reversed() {
      let needed = (shape[dimension] + tile[dimension] - 1) / tile[dimension]
      let count = max(1, min(needed, elements / tile.reduce(1, *)))
      tile[dimension] = min(tile[dimension] * count, shape[dimension])
      if count < needed { break }
    }
    self.tile = tile
    place = shape.map { _ in 0 }
    place![0] = rows.lowerBound / tile[0]
  }

  /// Elements of the largest box.
  var largest: Int { min(tile[0], rows.count) * tile.dropFirst().reduce(1, *) }

  /// The next box; nil behind the last.
  mutating func next() -> Box? {
    guard let current = place else { return nil }
    var start: [Int] = []
    var count: [Int] = []
    for dimension in shape.indices {
      let bounds = dimension == 0 ? rows : 0..<shape[dimension]
      let first = current[dimension] * tile[dimension]
      let own = (first..<first + tile[dimension]).clamped(to: bounds)
      start.append(own.lowerBound)
      count.append(own.count)
    }
    place = following(current)
    return Box(start: start, count: count)
  }

  private func following(_ current: [Int]) -> [Int]? {
    var next = current
    for dimension in shape.indices.reversed() {
      next[dimension] += 1
      let end = dimension == 0 ? rows.upperBound : shape[dimension]
      if next[dimension] * tile[dimension] < end { return next }
      next[dimension] = 0
    }
    return nil
  }

  /// The parts of a box that follow each other in flattened rows: row, column, and number of elements; in the order in which
  /// the box has them.
  func runs(of box: Box) -> [(row: Int, column: Int, count: Int)] {
    // Dimensions behind this one are full.
    let split = shape.indices.last { box.count[$0] < shape[$0] } ?? 0
    let run = box.count[split...].reduce(1, *)
    guard split > 0 else { return [(box.start[0], 0, run)] }
    return (0..<box.elements / run).map { index in
      var rest = index
      var indices = box.start
      for dimension in (0..<split).reversed() {
        indices[dimension] += rest % box.count[dimension]
        rest /= box.count[dimension]
      }
      let column = shape.indices.dropFirst().reduce(0) { $0 * shape[$1] + indices[$1] }
      return (indices[0], column, run)
    }
  }
}
