import DTrainDist
import KernelTable

/// The values of the bins that hold medians, and how they are narrowed down to a few around each.
///
/// A *slot* is a bin of a pair in which one or both of its middle numbers are. Its values are parted by the lower
/// halves of their codes; a *cell* is a part that holds a number that is sought.
final class BinCandidates {
  private struct Slot {
    let pair: Int
    /// The places of the numbers that are sought among the values of the slot, from 0; negative for none.
    let first: Int64
    let second: Int64
  }

  /// A number that is sought: by its place among the sorted values of a cell.
  struct Sought {
    let cell: Int
    let index: Int
  }

  /// Values that are left, by cell.
  struct Cells {
    var count = 0
    /// For each pair the two numbers in its middle, which often are one.
    var sought: [(pair: Int, first: Sought, second: Sought)] = []
    /// This rank's values of small cells, as ``MedianSelection`` takes them.
    var own: [UInt64] = []
    /// Cells with too many values to be gathered, and this rank's values in them.
    var thick: [MedianBracket] = []
    var thickValues: [Float] = []
    var thickCells: [Int32] = []
  }

  /// The wanted codes of each pair, with its first slot as tag.
  private let ranges: CodeRanges
  private var slots: [Slot] = []
  /// How many values of this rank are wanted.
  private var expected = 0
  /// Collected values, their codes and their places, later the places of their parts.
  private var values: [Float] = []
  private var found: [Int32] = []
  private var places: [Int32] = []
  private var count = 0

  init(clusters: Int, columns: Int) {
    ranges = CodeRanges(clusters: clusters, columns: columns)
  }

  /// Begins anew.
  func removeAll() {
    ranges.removeAll()
    slots.removeAll(keepingCapacity: true)
    expected = 0
    count = 0
  }

  /// Adds a pair whose middle numbers have codes in a range.
  ///
  /// - Parameters:
  ///   - numbers: of the two numbers the places among all values whose codes lie in the range, from 0; the second
  ///     among those of its last bin, if that is another than the first.
  ///   - own: how many values of this rank there are.
  func seek(
    _ pair: Int, _ numbers: (first: Int64, second: Int64), codes: ClosedRange<Int>, own: Int
  ) {
    ranges.set(pair, codes, tag: slots.count)
    expected += own
    if codes.lowerBound >> 8 == codes.upperBound >> 8 {
      slots.append(Slot(pair: pair, first: numbers.first, second: numbers.second))
    } else {
      slots.append(Slot(pair: pair, first: numbers.first, second: -1))
      slots.append(Slot(pair: pair, first: -1, second: numbers.second))
    }
  }

  /// Collects this rank's values that are sought.
  ///
  /// - Complexity: O(rows · columns).
  func collect(
    _ rows: RowBlock, labels: [Int32], _ codes: ColumnCodes, _ kernels: KernelTable
  ) {
    guard !slots.isEmpty else { return }
    // The kernel writes whole vectors.
    if values.count < expected + 16 {
      let room = expected + expected / 4 + 16
      values = [Float](repeating: 0, count: room)
      found = [Int32](repeating: 0, count: room)
      places = found
    }
    let base = rows.base.assumingMemoryBound(to: Float.self)
    // In parts, so that the watchdog sees that work goes on.
    for first in stride(from: 0, to: rows.count, by: 1 << 16) {
      Progress.beat()
      let room = values.count - 15 - count
      labels.withUnsafeBufferPointer { labels in
        values.withUnsafeMutableBufferPointer { values in
          found.withUnsafeMutableBufferPointer { found in
            places.withUnsafeMutableBufferPointer { places in
              count += kernels.manhattan.collectCodes(
                base + first * rows.columns, min(1 << 16, rows.count - first), rows.columns,
                labels.baseAddress! + first, ranges.stride, codes.low.base, codes.scale.base,
                ranges.first.base, ranges.last.base, values.baseAddress! + count,
                found.baseAddress! + count, places.baseAddress! + count, room)
            }
          }
        }
      }
      precondition(count <= values.count, "more values than were counted")
    }
    precondition(count == expected, "not the values that were counted")
  }

  /// Narrows down to cells; collective.
  func spread(among world: Communicator) throws(MPIError) -> Cells {
    guard !slots.isEmpty else { return Cells() }
    let bits = max(0, min(8, 16 - (Int.bitWidth - (slots.count - 1).leadingZeroBitCount)))
    var counts = [Int32](repeating: 0, count: slots.count << bits)
    for index in 0..<count {
      let (place, code) = (Int(places[index]), found[index])
      let slot =
        Int(ranges.tags.base[place]) + (code >> 8 == ranges.first.base[place] >> 8 ? 0 : 1)
      let part = slot << bits | Int(code & 255) >> (8 - bits)
      places[index] = Int32(part)
      counts[part] &+= 1
    }
    try world.allReduce(&counts, .sum)

    var cells = Cells()
    var cellOfPart = [Int32](repeating: -1, count: counts.count)
    // Cells of which nothing is gathered.
    var isThick: [Bool] = []
    let limit = max(16, (1 << 17) / slots.count)
    func sought(_ slot: Int, _ rank: Int64) -> Sought {
      var (part, below) = (slot << bits, Int64(0))
      while below + Int64(counts[part]) <= rank {
        below += Int64(counts[part])
        part += 1
      }
      if cellOfPart[part] < 0 {
        cellOfPart[part] = Int32(isThick.count)
        isThick.append(counts[part] > limit)
      }
      let cell = Int(cellOfPart[part])
      let index = rank - below
      if isThick[cell] {
        if cells.thick.last?.pair == cell {
          cells.thick[cells.thick.count - 1].second = index
        } else {
          cells.thick.append(
            MedianBracket(
              pair: cell, low: .min, high: .max, below: 0, inside: Int64(counts[part]),
              first: index, second: index))
        }
      }
      return Sought(cell: cell, index: Int(index))
    }
    var first: Sought?
    for (index, slot) in slots.enumerated() {
      if slot.first >= 0 { first = sought(index, slot.first) }
      if slot.second >= 0 {
        cells.sought.append((slot.pair, first!, sought(index, slot.second)))
      }
    }
    cells.count = isThick.count
    for index in 0..<count {
      let cell = cellOfPart[Int(places[index])]
      guard cell >= 0 else { continue }
      if isThick[Int(cell)] {
        cells.thickValues.append(values[index])
        cells.thickCells.append(cell)
      } else {
        cells.own.append(MedianSelection.code(values[index], group: cell))
      }
    }
    try bound(&cells, among: world)
    return cells
  }

  /// Finds the extremes of thick cells, which often are one number; collective, and all ranks know whether there
  /// are any.
  private func bound(_ cells: inout Cells, among world: Communicator) throws(MPIError) {
    guard !cells.thick.isEmpty else { return }
    var rankOfCell: [Int32: Int] = [:]
    for (index, bracket) in cells.thick.enumerated() { rankOfCell[Int32(bracket.pair)] = index }
    // The complement turns the smallest into the largest: one reduction serves both ends.
    var ends = [Int32](repeating: .min, count: 2 * cells.thick.count)
    for (value, cell) in zip(cells.thickValues, cells.thickCells) {
      let (index, key) = (2 * rankOfCell[cell]!, SortableKey.of(value))
      ends[index] = max(ends[index], ~key)
      ends[index + 1] = max(ends[index + 1], key)
    }
    try world.allReduce(&ends, .maximum)
    for index in cells.thick.indices {
      cells.thick[index].low = ~ends[2 * index]
      cells.thick[index].high = ends[2 * index + 1]
    }
  }
}
