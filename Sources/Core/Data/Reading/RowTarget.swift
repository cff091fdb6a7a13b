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
    case integers(UnsafeMutablePointer<Int64>)
    /// Nothing is kept but each column's mean.
    case means(ColumnMeans)
    /// Names from a row on, of one column.
    case names(RowNames, from: Int)
    /// As they are in the files, of one type, or of floats of the widest; and the texts among them.
    case stored(UnsafeMutableRawPointer, ScalarType, CopiedTexts)

    /// The memory `elements` further on.
    func advanced(by elements: Int) -> Memory {
      switch self {
      case .bytes(let base): .bytes(base + elements)
      case .floats(let base, let offsets): .floats(base + elements, less: offsets)
      case .doubles(let base): .doubles(base + elements)
      case .labels(let base): .labels(base + elements)
      case .integers(let base): .integers(base + elements)
      case .means: self
      case .names(let names, let row): .names(names, from: row + elements)
      case .stored(let base, let type, let texts):
        .stored(base + elements * type.size, type, texts)
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
  /// How the columns of the array become those of rows.
  package let plan: ColumnPlan
  private let isWhole: Bool
  private let stored: StoredColumns
  private let width: Int
  /// Where row `rows.lowerBound` goes.
  private let memory: Memory
  private let keepsNonFinite: Bool
  /// Whether something stands for what is missing in any column.
  private let fillsMissing: Bool
  /// What takes some of the numbers as they are stored, and the number of the array's first row in it.
  private let sample: (numbers: NumberSample, firstRow: Int)?
  package private(set) var fault: Fault?

  /// The part of the rows that comes before a row of the array.
  func fraction(before row: Int) -> Double {
    max(0, Double(row - rows.lowerBound) / Double(rows.count))
  }

  /// Whether a missing value in a column of the array, given as NaN, has something that stands for it, or is kept.
  func takesMissing(_ column: Int) -> Bool {
    keepsNonFinite || stored.runs[stored.index(of: column)].part.map { !$0.fill.isEmpty } ?? true
  }

  /// - Parameter keepsNonFinite: whether NaN and infinity are kept as they are, instead of being faults.
  init(
    _ memory: Memory, rows: Range<Int>, columns: Int, plan: ColumnPlan, keepsNonFinite: Bool,
    sample: (numbers: NumberSample, firstRow: Int)? = nil
  ) {
    self.memory = memory
    self.rows = rows
    self.columns = columns
    self.plan = plan
    isWhole = plan.isWhole(of: columns)
    stored = StoredColumns(plan, columns: columns)
    width = plan.width
    self.keepsNonFinite = keepsNonFinite
    fillsMissing = plan.parts.contains { !$0.fill.isEmpty }
    self.sample = sample
  }

  /// Puts numbers that follow each other along a row and on into the next ones; none is outside of ``rows``.
  ///
  /// - Parameters:
  ///   - row: of the first number, within the array.
  ///   - column: of the first number.
  func put<S: NativeScalar>(_ values: UnsafeBufferPointer<S>, row: Int, column: Int) {
    // Without a plan all rows are one piece; else each run of columns is one.
    guard !isWhole else {
      let bad = convert(values, to: destination(row, column), stride: 1)
      if let bad { note(bad, after: (row, column), values) }
      if let sample {
        sample.numbers.take(values, row: sample.firstRow + row, column: column)
      }
      return
    }
    var (index, row, column) = (0, row, column)
    var place = stored.index(of: column)
    while index < values.count {
      let run = stored.runs[place]
      let count = min(run.stored.upperBound - column, values.count - index)
      put(
        UnsafeBufferPointer(rebasing: values[index..<index + count]), run, row: row, column: column,
        .alongRows)
      index += count
      (row, column, place) = (row, run.stored.upperBound, place + 1)
      if column == columns { (row, column, place) = (row + 1, 0, 0) }
    }
  }

  /// Where a number of a type, in this machine's byte order, and those that follow it along rows, are kept as they are;
  /// nil where they have to be converted.
  func memory(of type: ScalarType, row: Int, column: Int) -> UnsafeMutableRawPointer? {
    guard isWhole, sample == nil else { return nil }
    let start = destination(row, column)
    switch memory {
    case .bytes(let base) where type == .uint8: return UnsafeMutableRawPointer(base + start)
    case .floats(let base, less: []) where type == .float32:
      return UnsafeMutableRawPointer(base + start)
    default: return nil
    }
  }

  /// Looks for what is wrong with numbers along rows that are kept as they were stored; none is outside of ``rows``.
  ///
  /// - Parameters:
  ///   - numbers: some that were put to ``memory(of:row:column:)``.
  ///   - row: of the first number, within the array.
  ///   - column: of the first number.
  func check(_ numbers: UnsafeRawBufferPointer, of type: ScalarType, row: Int, column: Int) {
    guard type == .float32, !keepsNonFinite, let base = numbers.baseAddress else { return }
    let floats = base.assumingMemoryBound(to: Float.self)
    let values = UnsafeBufferPointer(start: floats, count: numbers.count / MemoryLayout<Float>.size)
    guard !KernelTable.shared.allFinite(floats, count: values.count),
      let bad = values.firstIndex(where: { !$0.isFinite })
    else { return }
    note(bad, after: (row, column), values)
  }

  /// Whether names are wanted as they stand in the file, which formats of text have to give.
  var takesNames: Bool { if case .names = memory { true } else { false } }

  /// Puts what names a row.
  func put(name: [UInt8], row: Int) {
    if case .names(let names, let first) = memory {
      names.put(name, row: first + row - rows.lowerBound)
    }
  }

  /// Keeps a text that is passed on as it stands; the number that stands for it.
  func copy(_ text: [UInt8]) -> Double {
    guard case .stored(_, _, let texts) = memory else { return .nan }
    return Double(texts.add(text))
  }

  /// Puts numbers that follow each other down a column; none is outside of ``rows``.
  func put<S: NativeScalar>(
    _ values: UnsafeBufferPointer<S>, downColumn column: Int, from row: Int
  ) {
    put(values, stored.runs[stored.index(of: column)], row: row, column: column, .downColumn)
  }

  /// Puts numbers of one run of columns.
  private func put<S: NativeScalar>(
    _ values: UnsafeBufferPointer<S>, _ run: StoredColumns.Run, row: Int, column: Int,
    _ direction: Direction
  ) {
    guard let part = run.part else { return }
    let inPart = column - run.stored.lowerBound
    let start = destination(row, run.place + inPart)
    let isAlong = direction == .alongRows
    let stride = isAlong ? 1 : width
    let bad: Int?
    if part.isOneHot {
      bad = putOneHot(values, part, to: start)
    } else if part.fill.isEmpty || !values.contains(where: \.asDouble.isNaN) {
      bad = convert(values, to: start, stride: stride)
    } else {
      let filled = values.enumerated().map { index, value in
        value.asDouble.isNaN ? part.fill[inPart + (isAlong ? index : 0)] : value.asDouble
      }
      bad = filled.withUnsafeBufferPointer { convert($0, to: start, stride: stride) }
    }
    if let sample, !part.isOneHot {
      let (row, column) = (sample.firstRow + row, run.place + inPart)
      if isAlong {
        sample.numbers.take(values, row: row, column: column)
      } else {
        sample.numbers.take(values, downColumn: column, from: row)
      }
    }
    guard let bad else { return }
    note(isAlong ? row : row + bad, isAlong ? column + bad : column, values[bad])
  }

  /// Puts the numbers of a column's texts, down the column or one alone, as 1 in the column of each and 0 in the others.
  private func putOneHot<S: NativeScalar>(
    _ codes: UnsafeBufferPointer<S>, _ part: ColumnPlan.Part, to start: Int
  ) -> Int? {
    for (index, code) in codes.enumerated() {
      let missing = part.fill.isEmpty ? [Double](repeating: .nan, count: part.width) : part.fill
      var row = missing
      if let code = code.asLabel, code >= 0, code < part.width {
        row = [Double](repeating: 0, count: part.width)
        row[Int(code)] = 1
      }
      let bad = row.withUnsafeBufferPointer { convert($0, to: start + index * width, stride: 1) }
      if bad != nil { return index }
    }
    return nil
  }

  private func destination(_ row: Int, _ place: Int) -> Int {
    (row - rows.lowerBound) * width + place
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
      var column = start % width
      for index in 0..<count {
        let value = Float(values[index].asDouble - offsets[column])
        if !value.isFinite, !keepsNonFinite, bad == nil { bad = index }
        base[start &+ index &* stride] = value
        column += stride
        if column >= width { column -= width }
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
    case .integers(let base):
      for index in 0..<count {
        guard let integer = values[index].asInteger else { return index }
        base[start &+ index &* stride] = integer
      }
      return nil
    case .means(let means):
      for index in 0..<count {
        means.add(values[index].asDouble, to: (start &+ index &* stride) % width)
      }
      return nil
    case .names(let names, let first):
      for index in 0..<count {
        names.put(values[index].asDouble, row: first + start + index * stride)
      }
      return nil
    case .stored(let base, let type, _):
      keep(values, at: base + start * type.size, type, stride: stride)
      // What is missing is kept as NaN where something will stand for it.
      return keepsNonFinite
        ? nil
        : values.firstIndex {
          !$0.asDouble.isFinite && !(fillsMissing && $0.asDouble.isNaN)
        }
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

  private func note<S: NativeScalar>(
    _ index: Int, after place: (row: Int, column: Int), _ values: UnsafeBufferPointer<S>
  ) {
    let element = place.row * columns + place.column + index
    note(element / columns, element % columns, values[index])
  }

  private func note(_ row: Int, _ column: Int, _ number: some NativeScalar) {
    if let fault, (fault.row, fault.column) <= (row, column) { return }
    let value = number.asDouble
    let reason =
      if value.isNaN {
        "is not a number (NaN); remove or fill the missing values"
      } else if case .labels = memory {
        "is \(value), which is not a label (an integer of 32 bits); number the classes from 0, or train with "
          + "\(parameter: "targets") numbers if these are quantities"
      } else if case .integers = memory {
        "is \(value), which is not an integer of 64 bits; give whole numbers"
      } else if value.isInfinite {
        "is infinite; remove or replace it"
      } else {
        "is \(value), beyond the range of float32; scale the data down"
      }
    fault = Fault(row: row, column: column, reason: reason)
  }
}
