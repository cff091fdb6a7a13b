/// Where a reader puts the numbers of one rank's rows of one array. Those of selected columns are converted and kept;
/// the first number, by row and column, that cannot be converted is noted rather than thrown, since ranks that read
/// together must all read on.
package final class RowTarget {
  /// Row-major memory for one rank's rows and the selected columns.
  package enum Memory {
    case bytes(UnsafeMutablePointer<UInt8>)
    /// Less an offset for each selected column, subtracted before rounding; none are empty.
    case floats(UnsafeMutablePointer<Float>, less: [Double])
    case doubles(UnsafeMutablePointer<Double>)
    case labels(UnsafeMutablePointer<Int32>)
    /// As they are in the files, of one type, or of floats of the widest.
    case stored(UnsafeMutableRawPointer, ScalarType)

    /// The memory `elements` further on.
    func advanced(by elements: Int) -> Memory {
      switch self {
      case .bytes(let base): .bytes(base + elements)
      case .floats(let base, let offsets): .floats(base + elements, less: offsets)
      case .doubles(let base): .doubles(base + elements)
      case .labels(let base): .labels(base + elements)
      case .stored(let base, let type): .stored(base + elements * type.size, type)
      }
    }
  }

  /// A number that cannot be converted; row and column count from 0 within the array.
  package struct Fault {
    let row: Int
    let column: Int
    let reason: String
  }

  /// This rank's rows, within the array; at least one.
  package let rows: Range<Int>
  /// The array's columns, selected or not.
  package let columns: Int
  private let selection: ColumnSelection
  private let selectedColumns: Int
  /// Where row `rows.lowerBound` goes.
  private let memory: Memory
  private let keepsNonFinite: Bool
  package private(set) var fault: Fault?

  /// - Parameter keepsNonFinite: whether NaN and infinity are kept as they are, instead of being faults.
  init(
    _ memory: Memory, rows: Range<Int>, columns: Int, selection: ColumnSelection,
    keepsNonFinite: Bool
  ) {
    self.memory = memory
    self.rows = rows
    self.columns = columns
    self.selection = selection
    selectedColumns = selection.count(of: columns)
    self.keepsNonFinite = keepsNonFinite
  }

  /// Puts numbers that follow each other along a row and on into the next ones; none is outside of ``rows``.
  ///
  /// - Parameters:
  ///   - row: of the first number, within the array.
  ///   - column: of the first number.
  func put<S: NativeScalar>(_ values: UnsafeBufferPointer<S>, row: Int, column: Int) {
    // A selection cuts each row into at most two pieces; without one, all rows are one piece.
    var (index, row, column) = (0, row, column)
    while index < values.count {
      let count = selection == .all ? values.count : pieceEnd(after: column) - column
      let piece = UnsafeBufferPointer(
        rebasing: values[index..<min(index + count, values.count)])
      if let place = selection.place(of: column),
        let bad = convert(piece, to: destination(row, place), stride: 1)
      {
        let element = row * columns + column + bad
        note(element / columns, element % columns, piece[bad])
      }
      index += count
      (row, column) = column + count < columns ? (row, column + count) : (row + 1, 0)
    }
  }

  /// Puts numbers that follow each other down a column; none is outside of ``rows``.
  func put<S: NativeScalar>(
    _ values: UnsafeBufferPointer<S>, downColumn column: Int, from row: Int
  ) {
    if let place = selection.place(of: column),
      let bad = convert(values, to: destination(row, place), stride: selectedColumns)
    {
      note(row + bad, column, values[bad])
    }
  }

  private func destination(_ row: Int, _ place: Int) -> Int {
    (row - rows.lowerBound) * selectedColumns + place
  }

  /// The column before which a piece that begins at `column` ends, because of the selection.
  private func pieceEnd(after column: Int) -> Int {
    switch selection {
    case .all: columns
    case .only(let chosen), .except(let chosen):
      column < chosen ? chosen : column == chosen ? chosen + 1 : columns
    }
  }

  /// Converts numbers, and returns the index of the first that cannot be, if any.
  @inline(__always)
  private func convert<S: NativeScalar>(
    _ values: UnsafeBufferPointer<S>, to start: Int, stride: Int
  ) -> Int? {
    let count = values.count
    switch memory {
    case .bytes(let base):
      // Only uint8 files give uint8 rows.
      let bytes = UnsafeRawPointer(values.baseAddress!).assumingMemoryBound(to: UInt8.self)
      if stride == 1 {
        (base + start).update(from: bytes, count: count)
      } else {
        for index in 0..<count { base[start &+ index &* stride] = bytes[index] }
      }
      return nil
    case .floats(let base, let offsets) where !offsets.isEmpty:
      var bad: Int?
      var column = start % selectedColumns
      for index in 0..<count {
        let value = Float(values[index].asDouble - offsets[column])
        if !value.isFinite, !keepsNonFinite, bad == nil { bad = index }
        base[start &+ index &* stride] = value
        column += stride
        if column >= selectedColumns { column -= selectedColumns }
      }
      return bad
    case .floats(let base, _):
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
      return isFinite || keepsNonFinite ? nil : values.firstIndex { !$0.asFloat.isFinite }
    case .doubles(let base):
      for index in 0..<count {
        // Results are float32: what is beyond that has no place.
        guard keepsNonFinite || values[index].asFloat.isFinite else { return index }
        base[start &+ index &* stride] = values[index].asDouble
      }
      return nil
    case .labels(let base):
      for index in 0..<count {
        guard let label = values[index].asLabel else { return index }
        base[start &+ index &* stride] = label
      }
      return nil
    case .stored(let base, let type):
      keep(values, at: base + start * type.size, type, stride: stride)
      return nil
    }
  }

  /// Keeps numbers as they are; floats may become wider.
  private func keep<S: NativeScalar>(
    _ values: UnsafeBufferPointer<S>, at base: UnsafeMutableRawPointer, _ type: ScalarType,
    stride: Int
  ) {
    func put<T>(_ type: T.Type, _ value: (S) -> T) {
      let base = base.assumingMemoryBound(to: T.self)
      for index in values.indices { base[index &* stride] = value(values[index]) }
    }
    if MemoryLayout<S>.size == type.size {
      put(S.self) { $0 }
    } else if type == .float64 {
      put(Double.self) { $0.asDouble }
    } else {
      put(Float.self) { $0.asFloat }
    }
  }

  private func note(_ row: Int, _ column: Int, _ number: some NativeScalar) {
    if let fault, (fault.row, fault.column) <= (row, column) { return }
    let value = number.asDouble
    let reason =
      if case .labels = memory {
        "is \(value), which is not a label (an integer of 32 bits)"
      } else if value.isNaN {
        "is not a number (NaN); remove or fill the missing values"
      } else if value.isInfinite {
        "is infinite; remove or replace it"
      } else {
        "is \(value), beyond the range of float32; scale the data down"
      }
    fault = Fault(row: row, column: column, reason: reason)
  }
}

/// Which columns of a matrix an ``ArraySource`` gives.
package enum ColumnSelection: Equatable {
  case all
  /// One column, as targets.
  case only(Int)
  /// All but the one that holds the targets.
  case except(Int)

  /// The number of columns given, of a matrix with `columns`.
  package func count(of columns: Int) -> Int {
    switch self {
    case .all: columns
    case .only: 1
    case .except: columns - 1
    }
  }

  /// The place of a column among those given, or nil if it is not.
  @inline(__always)
  package func place(of column: Int) -> Int? {
    switch self {
    case .all: column
    case .only(let chosen): column == chosen ? 0 : nil
    case .except(let left): column == left ? nil : column - (column > left ? 1 : 0)
    }
  }
}
