/// Converts runs of consecutive stored elements of one file into one rank's rows.
///
/// The first element that cannot be converted, by row and column, is remembered rather than thrown:
/// ranks that read together must all read to the end.
struct RunDecoder {
  /// An element that cannot be converted; row and column count from 0 within the file.
  struct Fault {
    let row: Int
    let column: Int
    let reason: String
  }

  private let header: ArrayHeader
  private let columns: Int
  private let columnOrder: [Int]?
  private let selection: ColumnSelection
  private let selectedColumns: Int
  /// This rank's rows, within the file.
  private let own: Range<Int>
  /// Where row `own.lowerBound` goes.
  private let target: RowTarget
  /// Whether NaN and infinity are kept as they are, instead of being faults.
  private let keepsNonFinite: Bool
  private(set) var fault: Fault?

  init(
    header: ArrayHeader, selection: ColumnSelection, own: Range<Int>, target: RowTarget,
    keepsNonFinite: Bool = false
  ) {
    self.header = header
    columns = header.columns
    columnOrder = header.columnOrder()
    self.selection = selection
    selectedColumns = selection.count(of: header.columns)
    self.own = own
    self.target = target
    self.keepsNonFinite = keepsNonFinite
  }

  /// Decodes the elements of `run` that belong to own rows; foreign byte orders are swapped in place.
  ///
  /// - Parameters:
  ///   - run: whole elements, aligned to their size.
  ///   - start: the place of the run's first element among all stored ones.
  mutating func decode(_ run: UnsafeMutableRawBufferPointer, at start: Int) {
    let size = header.type.size
    let end = start + run.count / size
    if header.isColumnMajor {
      var place = start
      while place < end {
        let column = place / header.rows
        let columnStart = column * header.rows
        let next = min(end, columnStart + header.rows)
        let first = max(place - columnStart, own.lowerBound)
        let last = min(next - columnStart, own.upperBound)
        if first < last {
          let offset = (columnStart + first - start) * size
          decodePart(
            UnsafeMutableRawBufferPointer(rebasing: run[offset..<offset + (last - first) * size]),
            row: first, column: columnOrder?[column] ?? column)
        }
        place = next
      }
      return
    }
    let first = max(start, own.lowerBound * columns)
    let last = min(end, own.upperBound * columns)
    guard first < last else { return }
    let part = run[(first - start) * size..<(last - start) * size]
    if selection == .all {
      decodePart(
        UnsafeMutableRawBufferPointer(rebasing: part), row: first / columns,
        column: first % columns)
      return
    }
    // A selection cuts each row into at most two pieces.
    var place = first
    while place < last {
      let row = place / columns
      let column = place % columns
      let next = min(last, (row + 1) * columns, row * columns + pieceEnd(after: column))
      let piece = run[(place - start) * size..<(next - start) * size]
      decodePart(UnsafeMutableRawBufferPointer(rebasing: piece), row: row, column: column)
      place = next
    }
  }

  /// The column before which a piece that begins at `column` ends, because of the selection.
  private func pieceEnd(after column: Int) -> Int {
    switch selection {
    case .all: columns
    case .only(let chosen), .except(let chosen):
      column < chosen ? chosen : column == chosen ? chosen + 1 : columns
    }
  }

  /// Decodes elements that follow each other along a row (or over whole rows, when all columns are
  /// selected), or down a column.
  private mutating func decodePart(_ part: UnsafeMutableRawBufferPointer, row: Int, column: Int) {
    guard let place = selection.place(of: column) else { return }
    if header.type.isBigEndian != Self.isBigEndianMachine { swapBytes(part, header.type.size) }
    let destination = (row - own.lowerBound) * selectedColumns + place
    let stride = header.isColumnMajor ? selectedColumns : 1
    let source = UnsafeRawPointer(part.baseAddress!)
    let bad =
      switch header.type.kind {
      case .bool: convert(StoredBool.self, source, part.count, destination, stride)
      case .uint8: convert(UInt8.self, source, part.count, destination, stride)
      case .int8: convert(Int8.self, source, part.count, destination, stride)
      case .uint16: convert(UInt16.self, source, part.count, destination, stride)
      case .int16: convert(Int16.self, source, part.count, destination, stride)
      case .uint32: convert(UInt32.self, source, part.count, destination, stride)
      case .int32: convert(Int32.self, source, part.count, destination, stride)
      case .uint64: convert(UInt64.self, source, part.count, destination, stride)
      case .int64: convert(Int64.self, source, part.count, destination, stride)
      case .float16: convert(StoredHalf.self, source, part.count, destination, stride)
      case .float32: convert(Float.self, source, part.count, destination, stride)
      case .float64: convert(Double.self, source, part.count, destination, stride)
      }
    guard let bad else { return }
    let reason = describe(source + bad * header.type.size)
    if header.isColumnMajor {
      note(Fault(row: row + bad, column: column, reason: reason))
    } else {
      let place = row * columns + column + bad
      note(Fault(row: place / columns, column: place % columns, reason: reason))
    }
  }

  private mutating func note(_ new: Fault) {
    if let old = fault, (old.row, old.column) <= (new.row, new.column) { return }
    fault = new
  }

  /// Converts elements, and returns the index of the first that cannot be, if any.
  @inline(__always)
  private func convert<S: NativeScalar>(
    _ type: S.Type, _ source: UnsafeRawPointer, _ bytes: Int, _ start: Int, _ stride: Int
  ) -> Int? {
    let count = bytes / MemoryLayout<S>.size
    let values = source.assumingMemoryBound(to: S.self)
    switch target {
    case .bytes(let base):
      // Only uint8 files give uint8 rows.
      let bytes = source.assumingMemoryBound(to: UInt8.self)
      if stride == 1 {
        (base + start).update(from: bytes, count: count)
      } else {
        for index in 0..<count { base[start &+ index &* stride] = bytes[index] }
      }
      return nil
    case .floats(let base):
      // The loop without a branch is vectorised; the place of a fault is sought only if there is one.
      var isFinite = true
      let to = base + start
      if stride == 1 {
        for index in 0..<count {
          let value = values[index].asFloat
          isFinite = isFinite && value.isFinite
          to[index] = value
        }
      } else {
        for index in 0..<count {
          let value = values[index].asFloat
          isFinite = isFinite && value.isFinite
          to[index &* stride] = value
        }
      }
      return isFinite || keepsNonFinite ? nil : (0..<count).first { !values[$0].asFloat.isFinite }
    case .labels(let base):
      for index in 0..<count {
        guard let label = values[index].asLabel else { return index }
        base[start &+ index &* stride] = label
      }
      return nil
    }
  }

  /// Why an element cannot be converted.
  private func describe(_ element: UnsafeRawPointer) -> String {
    let value: Double =
      switch header.type.kind {
      case .float64: element.loadUnaligned(as: Double.self)
      case .float32: Double(element.loadUnaligned(as: Float.self))
      case .float16: Double(StoredHalf(bits: element.loadUnaligned(as: UInt16.self)).asFloat)
      case .int64: Double(element.loadUnaligned(as: Int64.self))
      case .uint64: Double(element.loadUnaligned(as: UInt64.self))
      case .uint32: Double(element.loadUnaligned(as: UInt32.self))
      case .bool, .uint8, .int8, .uint16, .int16, .int32: .nan
      }
    if case .labels = target {
      return "is \(value), which is not a label (an integer of 32 bits)"
    }
    if value.isNaN { return "is not a number (NaN); remove or fill the missing values" }
    if value.isInfinite { return "is infinite; remove or replace it" }
    return "is \(value), beyond the range of float32; scale the data down"
  }

  private static let isBigEndianMachine = 1.bigEndian == 1
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
