/// What the values of columns are in a block of rows, found sixteen values at a time.
final class ColumnLanes {
  /// The values of a column.
  struct Tally {
    /// Infinite and -infinite where there is none.
    var (smallest, largest) = (Float.infinity, -Float.infinity)
    /// The lowest bit that any value has set; infinite where all are 0.
    var lowest = Float.infinity
    var sum = 0.0

    var magnitude: Float { max(-smallest, largest) }

    mutating func merge(_ other: Tally) {
      smallest = min(smallest, other.smallest)
      largest = max(largest, other.largest)
      lowest = min(lowest, other.lowest)
      sum += other.sum
    }
  }

  /// Rows that are best taken between two calls of ``clear()``.
  let blockRows: Int

  private let rows: RowBlock
  private let layout: LaneLayout
  private let kernels = KernelTable.shared
  /// `[groups, 3, 16]`, and `[groups, 16]`: see ``KernelTable/tallyLanes(_:step:count:lanes:extents:sums:)``.
  private let extents: AlignedFloats
  private let sums: AlignedArray<Double>
  /// Of each column the lanes that hold its values, as places in ``sums``.
  private let places: [[Int]]

  private static let width = LaneLayout.width

  init(_ rows: RowBlock) {
    self.rows = rows
    layout = LaneLayout(columns: rows.columns)
    blockRows = rows.columns < Self.width ? 256 : 64
    extents = AlignedFloats(count: layout.groups * 3 * Self.width)
    sums = AlignedArray(count: layout.groups * Self.width)
    var places = [[Int]](repeating: [], count: rows.columns)
    for place in 0..<sums.count {
      if let column = layout.column(place / Self.width, place % Self.width) {
        places[column].append(place)
      }
    }
    self.places = places
    clear()
  }

  /// Forgets all values.
  func clear() {
    for group in 0..<layout.groups {
      let extents = extents.base + group * 3 * Self.width
      extents.update(repeating: .infinity, count: 3 * Self.width)
      (extents + Self.width).update(repeating: -.infinity, count: Self.width)
    }
    sums.base.update(repeating: 0, count: sums.count)
  }

  /// Takes the values of some rows, by local numbers.
  ///
  /// - Complexity: O(columns · rows).
  func take(_ some: Range<Int>) {
    let (floats, bytes) = (
      rows.base.assumingMemoryBound(to: Float.self), rows.base.assumingMemoryBound(to: UInt8.self)
    )
    layout.visit(some) { place, count, lanes, group in
      let extents = extents.base + group * 3 * Self.width
      let sums = sums.base + group * Self.width
      switch rows.element {
      case .float32:
        kernels.tallyLanes(
          floats + place, step: layout.step, count: count, lanes: lanes, extents: extents,
          sums: sums)
      case .uint8:
        kernels.tallyLanes(
          bytes + place, step: layout.step, count: count, lanes: lanes, extents: extents,
          sums: sums)
      }
    }
  }

  /// What was taken of a column.
  func tally(_ column: Int) -> Tally {
    var tally = Tally()
    for place in places[column] {
      let (group, lane) = (place / Self.width, place % Self.width)
      let extents = extents.base + (group * 3 * Self.width + lane)
      tally.merge(
        Tally(
          smallest: extents[0], largest: extents[Self.width], lowest: extents[2 * Self.width],
          sum: sums.base[place]))
    }
    return tally
  }
}
