/// The values of the bins that hold medians, and how they are narrowed down to a few around each.
///
/// A *slot* is a bin of a pair in which one or both of its middle numbers are. Its values are parted by the lower
/// bits of their codes; a *cell* is a part that holds a number that is sought.
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
  private let codes: ColumnCodes
  /// The smallest and the largest values that may have these codes: `[clusters, stride]`.
  private let minimum: AlignedFloats
  private let maximum: AlignedFloats
  /// Collected values and their places, later the places of their parts.
  private var values: [Float] = []
  private var places: [Int32] = []
  private var count = 0
  /// The kernel's.
  private let workspace = AlignedArray<Int32>(count: 128)

  init(clusters: Int, columns: Int, _ codes: ColumnCodes) {
    ranges = CodeRanges(clusters: clusters, columns: columns)
    self.codes = codes
    minimum = AlignedFloats(count: clusters * ranges.stride)
    maximum = AlignedFloats(count: clusters * ranges.stride)
    clear()
  }

  private func clear() {
    minimum.base.update(repeating: .infinity, count: minimum.count)
    maximum.base.update(repeating: -.infinity, count: maximum.count)
  }

  /// Begins anew.
  func removeAll() {
    ranges.removeAll()
    clear()
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
    let values = self.codes.values(column: pair % ranges.columns, codes: codes)
    minimum.base[ranges.place(pair)] = values.lowerBound
    maximum.base[ranges.place(pair)] = values.upperBound
    expected += own
    if codes.lowerBound >> self.codes.lowerBits == codes.upperBound >> self.codes.lowerBits {
      slots.append(Slot(pair: pair, first: numbers.first, second: numbers.second))
    } else {
      slots.append(Slot(pair: pair, first: numbers.first, second: -1))
      slots.append(Slot(pair: pair, first: -1, second: numbers.second))
    }
  }

  /// Whether any value is sought.
  var isEmpty: Bool { slots.isEmpty }

  /// Collects the values that are sought of some of this rank's rows.
  ///
  /// - Complexity: O(rows · columns).
  func collect(
    _ chosen: Range<Int>, of rows: RowBlock, labels: UnsafePointer<Int32>, _ kernels: KernelTable
  ) {
    // Some values beside those that are sought pass, too.
    reserve(expected + expected / 8)
    while true {
      // The kernel writes whole vectors.
      let room = values.count - 15 - count
      let found = values.withUnsafeMutableBufferPointer { values in
        places.withUnsafeMutableBufferPointer { places in
          kernels.collectValues(
            rows: rows.floats(chosen.lowerBound), count: chosen.count, columns: rows.columns,
            labels: labels + chosen.lowerBound, stride: ranges.stride,
            minimum: minimum.base, maximum: maximum.base, values: values.baseAddress! + count,
            places: places.baseAddress! + count, capacity: room, room: workspace.base)
        }
      }
      if found <= room {
        count += found
        return
      }
      reserve(count + found)
    }
  }

  /// Makes room for so many values.
  private func reserve(_ count: Int) {
    guard values.count < count + 16 else { return }
    let more = count + count / 4 + 16 - values.count
    values.append(contentsOf: repeatElement(0, count: more))
    places.append(contentsOf: repeatElement(0, count: more))
  }

  /// Narrows down to cells; collective.
  func spread(among world: Communicator, _ kernels: KernelTable) throws(MPIError) -> Cells {
    guard !slots.isEmpty else { return Cells() }
    let bits = max(
      0, min(codes.lowerBits, 16 - (Int.bitWidth - (slots.count - 1).leadingZeroBitCount)))
    var counts = [Int32](repeating: 0, count: slots.count << bits)
    count = kernels.countParts(
      values: &values, places: &places, count: count, stride: ranges.stride, low: codes.low.base,
      scale: codes.scale.base, lowerBits: codes.lowerBits, first: ranges.first.base,
      last: ranges.last.base, slots: ranges.tags.base, bits: bits, counts: &counts)
    precondition(count == expected, "not the values that were counted")
    try world.allReduce(&counts, .sum)

    var cells = Cells()
    var cellOfPart = [Int32](repeating: -1, count: counts.count)
    // Cells of which nothing is gathered.
    var isThick: [Bool] = []
    let limit = max(16, (1 << 17) / slots.count)
    func sought(_ slot: Int, _ position: Int64) -> Sought {
      var (part, below) = (slot << bits, Int64(0))
      while below + Int64(counts[part]) <= position {
        below += Int64(counts[part])
        part += 1
      }
      if cellOfPart[part] < 0 {
        cellOfPart[part] = Int32(isThick.count)
        isThick.append(counts[part] > limit)
      }
      let cell = Int(cellOfPart[part])
      let index = position - below
      if isThick[cell] {
        if cells.thick.last?.pair == cell {
          cells.thick[cells.thick.count - 1].second = index
        } else {
          cells.thick.append(
            MedianBracket(
              pair: cell, low: .min, high: .max, first: index, second: index))
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
    var placeOfCell: [Int32: Int] = [:]
    for (index, bracket) in cells.thick.enumerated() { placeOfCell[Int32(bracket.pair)] = index }
    // The complement turns the smallest into the largest: one reduction serves both ends.
    var ends = [Int32](repeating: .min, count: 2 * cells.thick.count)
    for (value, cell) in zip(cells.thickValues, cells.thickCells) {
      let (index, key) = (2 * placeOfCell[cell]!, SortableKey.of(value))
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
