/// How the columns of rows lie in vectors of sixteen lanes.
///
/// Sixteen columns or more come in groups of sixteen, a vector a row; the last group is the last sixteen columns, some of
/// which may be in the group before as well. Fewer columns follow each other from row to row, and repeat after some
/// vectors, each of which is a group.
struct LaneLayout {
  static let width = 16

  let columns: Int
  /// Elements from one vector of a group to the next.
  let step: Int
  let groups: Int
  /// Rows from one vector of a group to the next.
  var stepRows: Int { step / columns }

  /// Elements in as many rows as are visited group by group, so that they stay in the first-level cache.
  private static let cachedElements = 2048

  init(columns: Int) {
    self.columns = columns
    if columns < Self.width {
      // The smallest number of vectors that holds whole rows.
      step = Self.width * columns / (1 << min(columns.trailingZeroBitCount, 4))
      groups = step / Self.width
    } else {
      (step, groups) = (columns, (columns + Self.width - 1) / Self.width)
    }
  }

  /// The column in a lane of a group; nil where that column is in the group before.
  func column(_ group: Int, _ lane: Int) -> Int? {
    guard columns >= Self.width else { return (group * Self.width + lane) % columns }
    let column = start(of: group) + lane
    return column < group * Self.width ? nil : column
  }

  /// Where the first vector of a group begins.
  private func start(of group: Int) -> Int {
    columns < Self.width ? group * Self.width : min(group * Self.width, columns - Self.width)
  }

  /// Calls `body` for vectors that make up some rows: with the place of the first one's first element, how many there
  /// are, ``step`` apart, how many of their lanes count, and their group.
  ///
  /// Where columns are fewer than lanes, the first row is the first that is visited, or ``stepRows`` or a multiple behind
  /// it.
  func visit(_ rows: Range<Int>, _ body: (Int, _ count: Int, _ lanes: Int, _ group: Int) -> Void) {
    guard columns < Self.width else {
      let part = max(4, Self.cachedElements / columns)
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: part) {
        let count = min(part, rows.upperBound - first)
        for group in 0..<groups {
          body(first * columns + start(of: group), count, Self.width, group)
        }
      }
      return
    }
    let (first, count) = (rows.lowerBound * columns, rows.count * columns)
    let vectors = count / Self.width
    for group in 0..<min(groups, vectors) {
      body(first + start(of: group), (vectors - group - 1) / groups + 1, Self.width, group)
    }
    let rest = count % Self.width
    if rest > 0 { body(first + count - rest, 1, rest, vectors % groups) }
  }
}
