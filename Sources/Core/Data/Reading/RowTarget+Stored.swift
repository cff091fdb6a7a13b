/// Numbers as a file stores them.
extension RowTarget {
  /// Where numbers that follow each other in a file belong.
  enum Direction {
    /// Along a row and on into the next ones.
    case alongRows
    /// Down a column.
    case downColumn
  }

  /// Puts stored numbers that follow each other; foreign byte orders are swapped in place.
  ///
  /// - Parameters:
  ///   - part: whole elements, aligned to their size; none is outside of ``rows``.
  ///   - row: of the first element, within the array.
  ///   - column: of the first element.
  /// - Complexity: O(elements).
  func put(
    _ part: UnsafeMutableRawBufferPointer, of type: ScalarType, isBigEndian: Bool,
    _ direction: Direction = .alongRows, row: Int, column: Int
  ) {
    if isForeign(type, isBigEndian) { swapBytes(part, type.size) }
    func put<S: NativeScalar>(_ type: S.Type) {
      let values = UnsafeBufferPointer(
        start: UnsafePointer(part.baseAddress!.assumingMemoryBound(to: S.self)),
        count: part.count / MemoryLayout<S>.size)
      switch direction {
      case .alongRows: self.put(values, row: row, column: column)
      case .downColumn: self.put(values, downColumn: column, from: row)
      }
    }
    switch type {
    case .bool: put(StoredBool.self)
    case .uint8: put(UInt8.self)
    case .int8: put(Int8.self)
    case .uint16: put(UInt16.self)
    case .int16: put(Int16.self)
    case .uint32: put(UInt32.self)
    case .int32: put(Int32.self)
    case .uint64: put(UInt64.self)
    case .int64: put(Int64.self)
    case .float16: put(StoredHalf.self)
    case .float32: put(Float.self)
    case .float64: put(Double.self)
    }
  }

  /// Where a stored number, and those that follow it along rows, are kept as they are; nil where they have to be
  /// converted. ``check(_:of:row:column:)`` says what is wrong with numbers that were put there.
  func memory(
    of type: ScalarType, isBigEndian: Bool, row: Int, column: Int
  ) -> UnsafeMutableRawPointer? {
    isForeign(type, isBigEndian) ? nil : memory(of: type, row: row, column: column)
  }
}

/// Whether the bytes of elements are in another order than this machine's.
private func isForeign(_ type: ScalarType, _ isBigEndian: Bool) -> Bool {
  type.size > 1 && isBigEndian != (1.bigEndian == 1)
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
