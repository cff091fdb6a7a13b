/// Finds one rank's rows in runs of consecutive stored elements, and hands them to their target.
struct PackedDecoder {
  let header: ArrayHeader
  let target: RowTarget
  private let columnOrder: [Int]?

  init(_ header: ArrayHeader, _ target: RowTarget) {
    self.header = header
    self.target = target
    columnOrder = header.columnOrder()
  }

  /// Decodes the elements of `run` that belong to own rows; foreign byte orders are swapped in place.
  ///
  /// - Parameters:
  ///   - run: whole elements, aligned to their size.
  ///   - start: the place of the run's first element among all stored ones.
  func decode(_ run: UnsafeMutableRawBufferPointer, at start: Int) {
    let size = header.type.size
    let end = start + run.count / size
    func part(_ first: Int, _ last: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: run[(first - start) * size..<(last - start) * size])
    }
    guard header.isColumnMajor else {
      let columns = header.columns
      let first = max(start, target.rows.lowerBound * columns)
      let last = min(end, target.rows.upperBound * columns)
      if first < last {
        put(part(first, last), row: first / columns, column: first % columns)
      }
      return
    }
    var place = start
    while place < end {
      let column = place / header.rows
      let columnStart = column * header.rows
      let next = min(end, columnStart + header.rows)
      let first = max(place, columnStart + target.rows.lowerBound)
      let last = min(next, columnStart + target.rows.upperBound)
      if first < last {
        put(part(first, last), row: first - columnStart, column: columnOrder?[column] ?? column)
      }
      place = next
    }
  }

  /// Where the element of an own row, and those that follow it, are kept as they are stored; nil where they have to be
  /// converted.
  func memory(of place: Int) -> UnsafeMutableRawPointer? {
    guard !header.isColumnMajor else { return nil }
    return target.memory(
      of: header.type, isBigEndian: header.isBigEndian, row: place / header.columns,
      column: place % header.columns)
  }

  /// Looks for what is wrong with elements of own rows that have been read to ``memory(of:)``.
  func check(_ run: UnsafeRawBufferPointer, at place: Int) {
    target.check(
      run, of: header.type, row: place / header.columns, column: place % header.columns)
  }

  private func put(_ part: UnsafeMutableRawBufferPointer, row: Int, column: Int) {
    target.put(
      part, of: header.type, isBigEndian: header.isBigEndian,
      header.isColumnMajor ? .downColumn : .alongRows, row: row, column: column)
  }
}
