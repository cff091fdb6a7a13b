/// An array whose rows are in memory, read from there as if from its file.
struct HeldFormat: ArrayFormat {
  let held: HeldRows
  /// Where the array's rows begin among those that are held.
  let firstRow: Int
  /// The file's own format.
  let base: any ArrayFormat

  var name: String { base.name }
  var endings: [String] { base.endings }
  var isSparse: Bool { base.isSparse }
  var holdsTexts: Bool { base.holdsTexts }
  func passedOver(of array: StoredArray) -> PassedOver { base.passedOver(of: array) }
  func matches(_ head: [UInt8]) -> Bool { base.matches(head) }
  func examine(_ file: ExaminedFile) throws -> FileContent { try base.examine(file) }

  func reader(
    of array: StoredArray, into target: RowTarget?, topology: NodeTopology
  ) throws -> any RowReader {
    try HeldReader(array, self, target)
  }
}

/// Copies one rank's rows of an array from memory.
private final class HeldReader: RowReader {
  private let array: StoredArray
  private let format: HeldFormat
  private let target: RowTarget?
  private let columns: [Column]
  /// Whether rows are in memory as they are in the file.
  private let isWhole: Bool
  private var row: Int

  /// Columns of the file that are neighbours in memory too.
  private struct Column {
    let stored: Range<Int>
    let place: Int
    /// The texts by their places when they were read; none for numbers.
    let texts: [String]
    /// The number that each text has now; nil for one that there is not any more.
    let codes: [Double?]
  }

  init(_ array: StoredArray, _ format: HeldFormat, _ target: RowTarget?) throws {
    (self.array, self.format, self.target) = (array, format, target)
    isWhole = format.held.plan.isWhole(of: array.columns)
    row = target?.rows.lowerBound ?? 0
    guard let target else {
      columns = []
      return
    }
    let wanted = StoredColumns(target.plan, columns: array.columns)
    var columns: [Column] = []
    for run in StoredColumns(format.held.plan, columns: array.columns).runs {
      guard let part = run.part else { continue }
      let names = wanted.runs[wanted.index(of: run.stored.lowerBound)].part?.texts ?? []
      let codes = part.texts.map { text -> Double? in
        names.isEmpty ? Double(text) : names.firstIndex(of: text).map { Double($0) }
      }
      columns.append(
        Column(stored: run.stored, place: run.place, texts: part.texts, codes: codes))
    }
    self.columns = columns
  }

  var fraction: Double { target?.fraction(before: row) ?? 1 }

  func readPiece(_ buffer: UnsafeMutableRawBufferPointer) throws -> Bool {
    guard let target, target.fault == nil, row < target.rows.upperBound else { return false }
    let held = format.held
    let end = min(target.rows.upperBound, row + max(1, ArrayReading.pieceBytes / held.rowBytes))
    if isWhole {
      put(held.row(format.firstRow + row), (end - row) * array.columns, column: 0, into: target)
      row = end
    }
    while row < end {
      let base = held.row(format.firstRow + row)
      for column in columns {
        let numbers = base + column.place * held.type.size
        if column.texts.isEmpty {
          put(numbers, column.stored.count, column: column.stored.lowerBound, into: target)
        } else {
          try put(textAt: numbers, column, into: target)
        }
      }
      row += 1
    }
    return row < target.rows.upperBound
  }

  private func put(
    _ numbers: UnsafeMutableRawPointer, _ count: Int, column: Int, into target: RowTarget
  ) {
    let type = format.held.type
    target.put(
      UnsafeMutableRawBufferPointer(start: numbers, count: count * type.size), of: type,
      isBigEndian: 1.bigEndian == 1, row: row, column: column)
  }

  /// Puts the number that a text has now; columns of texts are float64.
  private func put(
    textAt number: UnsafeMutableRawPointer, _ column: Column, into target: RowTarget
  ) throws {
    let place = number.load(as: Double.self)
    let code = place.isNaN ? nil : column.codes[Int(place)]
    let (row, index) = (row, column.stored.lowerBound)
    if code == nil, !place.isNaN, !target.takesMissing(index) {
      throw TrainerError(
        .badData,
        "\(array.name): row \(row) (counted from 0), \(array.columnNames.columnLabel(index)) is "
          + "'\(column.texts[Int(place)].printable)', which the rows that were trained on do not have; remove or replace it"
      )
    }
    withUnsafePointer(to: code ?? .nan) {
      target.put(UnsafeBufferPointer(start: $0, count: 1), row: row, column: index)
    }
  }
}
