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

  private func put(_ part: UnsafeMutableRawBufferPointer, row: Int, column: Int) {
    if header.isBigEndian != (1.bigEndian == 1) { swapBytes(part, header.type.size) }
    switch header.type {
    case .bool: put(part, of: StoredBool.self, row, column)
    case .uint8: put(part, of: UInt8.self, row, column)
    case .int8: put(part, of: Int8.self, row, column)
    case .uint16: put(part, of: UInt16.self, row, column)
    case .int16: put(part, of: Int16.self, row, column)
    case .uint32: put(part, of: UInt32.self, row, column)
    case .int32: put(part, of: Int32.self, row, column)
    case .uint64: put(part, of: UInt64.self, row, column)
    case .int64: put(part, of: Int64.self, row, column)
    case .float16: put(part, of: StoredHalf.self, row, column)
    case .float32: put(part, of: Float.self, row, column)
    case .float64: put(part, of: Double.self, row, column)
    }
  }

  @inline(__always)
  private func put<S: NativeScalar>(
    _ part: UnsafeMutableRawBufferPointer, of type: S.Type, _ row: Int, _ column: Int
  ) {
    let values = UnsafeBufferPointer(
      start: UnsafePointer(part.baseAddress!.assumingMemoryBound(to: S.self)),
      count: part.count / MemoryLayout<S>.size)
    if header.isColumnMajor {
      target.put(values, downColumn: column, from: row)
    } else {
      target.put(values, row: row, column: column)
    }
  }
}

/// Reverses the bytes of each element in place.
private func swapBytes(_ part: UnsafeMutableRawBufferPointer, _ size: Int) {
  func swap<T: FixedWidthInteger>(_ type: T.Type) {
    let values = part.baseAddress!.assumingMemoryBound(to: T.self)
    for index in 0..<part.count / size { values[index] = values[index].byteSwapped }
  }
  switch size {
  case 2: swap(UInt16.self)
  case 4: swap(UInt32.self)
  case 8: swap(UInt64.self)
  default: break
  }
}
