/// Tables in text: CSV, and its like with tabs, semicolons, bars or spaces between fields.
///
/// The delimiter, and whether the first row has names, are told by looking. Lines that are empty or begin with `#` are
/// passed over. A column that holds texts is read as the number of each text, which a plan of columns gives. Every rank
/// scans an equal part of the bytes for the beginnings of rows, then reads its own rows.
struct TableFormat: ArrayFormat {
  let name: String
  let endings: [String]
  /// What stands between fields; nil to tell by looking.
  let delimiter: UInt8?

  static let csv = TableFormat(name: "csv", endings: [".csv", ".txt", ".dat"], delimiter: nil)
  static let tsv = TableFormat(
    name: "tsv", endings: [".tsv", ".tab"], delimiter: UInt8(ascii: "\t"))

  /// Content does not tell it: any text is one column of a table.
  func matches(_ head: [UInt8]) -> Bool { false }

  /// Whether a file of an unknown kind begins like a table of several columns.
  static func isLikely(_ head: [UInt8], isWhole: Bool) -> Bool {
    // Bytes that are no text would be columns of texts.
    guard !head.contains(where: { $0 < 0x20 && !(0x09...0x0d).contains($0) }),
      let found = try? TextHead(looking: head, isWhole: isWhole, name: "")
    else { return false }
    return found.columns > 1
  }

  var isSurveyed: Bool { true }
  var holdsTexts: Bool { true }

  func survey(
    _ path: String, _ options: DataCatalog.Options, among world: Communicator
  ) throws -> [UInt8] {
    var packer = WirePacker()
    var options = options
    options.delimiter = options.delimiter ?? delimiter
    try TextSurvey(path, options, among: world).pack(into: &packer)
    return packer.bytes
  }

  func examine(_ file: ExaminedFile) throws -> FileContent {
    let bytes = try file.survey ?? survey(file.path, file.options, among: .solo)
    var unpacker = WireUnpacker(bytes)
    let survey = TextSurvey(from: &unpacker)
    return .array(
      StoredArray(
        in: file, format: self, type: .float64, shape: [survey.rows, survey.head.columns],
        columnNames: survey.head.names, categories: survey.texts,
        copiedColumns: survey.head.uses.indices.filter { survey.head.uses[$0] == .copied },
        index: bytes))
  }

  func passedOver(of array: StoredArray) -> PassedOver {
    var unpacker = WireUnpacker(array.index)
    let survey = TextSurvey(from: &unpacker)
    return PassedOver(
      rows: survey.skipped, comments: survey.comments,
      isDoubtfulHeader: survey.head.hasDoubtfulNames)
  }

  func reader(
    of array: StoredArray, into target: RowTarget?, topology: NodeTopology
  ) throws -> any RowReader {
    try TableReader(array, target)
  }
}

/// Reads one rank's rows of a table in text.
final class TableReader: TextReader {
  private let array: StoredArray
  private let head: TextHead
  private var own: (pieces: TextPieces, target: RowTarget)?
  /// The row that is read next, and its line.
  private var (row, line) = (0, 0)
  private var record = TextRecord()
  private var numbers: [Double]
  /// What each column is read as; of texts, the number of each.
  private let columns: [Column]
  /// Whether each column is read at all.
  private let isWanted: [Bool]
  /// Whether rows of numbers alone can be read without looking for fields first.
  private let isPlain: Bool
  private let powers = DecimalPowers.shared

  private enum Column {
    case nothing
    case numbers
    case texts([[UInt8]: Int])
    case copied
  }

  init(_ array: StoredArray, _ target: RowTarget?) throws {
    self.array = array
    var unpacker = WireUnpacker(array.index)
    let survey = TextSurvey(from: &unpacker)
    let head = survey.head
    self.head = head
    numbers = [Double](repeating: 0, count: head.columns)
    guard let target else {
      (columns, isWanted, isPlain) = ([], [], false)
      return
    }
    for part in target.plan.parts where part.texts.count > TextSurvey.mostTexts {
      throw TrainerError(
        .badData,
        "\(array.name): \(head.label(of: part.stored.lowerBound)) holds more than \(TextSurvey.mostTexts) different texts, "
          + "too many for categories; leave it out")
    }
    columns = StoredColumns(target.plan, columns: head.columns).runs.flatMap { run in
      run.stored.map { _ -> Column in
        guard let part = run.part else { return .nothing }
        if part.isCopied { return .copied }
        guard !part.texts.isEmpty else { return .numbers }
        return .texts(
          Dictionary(
            uniqueKeysWithValues: part.texts.enumerated().map {
              ($1.system.dropLast().map { UInt8(bitPattern: $0) }, $0)
            }))
      }
    }
    isWanted = columns.map { if case .nothing = $0 { false } else { true } }
    isPlain =
      !head.dialect.isSpaced && !head.dialect.hasDecimalComma && !head.skipsMissing
      && !target.takesNames
      && columns.allSatisfy { column in
        switch column {
        case .nothing, .numbers: true
        case .texts, .copied: false
        }
      }
    let place = survey.places.last { $0.row <= target.rows.lowerBound }!
    (row, line) = (place.row, place.line)
    own = (TextPieces(try array.open(), place.byte..<array.fileSize), target)
  }

  var fraction: Double { own?.target.fraction(before: row) ?? 1 }

  func readText() throws -> Bool {
    guard let (pieces, target) = own, target.fault == nil, row < target.rows.upperBound,
      let (piece, isLast) = try TextSurvey.naming(array.path, { try pieces.next() })
    else { return false }
    var place = 0
    reading: while place < piece.count, row < target.rows.upperBound {
      if isPlain, row >= target.rows.lowerBound, let next = readPlainRow(piece, from: place) {
        numbers.withUnsafeBufferPointer { target.put($0, row: row, column: 0) }
        if target.fault == nil {
          row += 1
          line += 1
          place = next
          continue
        }
      }
      switch record.read(piece, from: place, isLast: isLast, head.dialect) {
      case .cut: break reading
      case .none(let next):
        place = next
        line += 1
      case .record(let next):
        if !head.skips(record, in: piece) {
          if row >= target.rows.lowerBound { try put(piece, into: target) }
          row += 1
        }
        line += 1
        for field in record.fields where field.isQuoted {
          line += piece[field.start..<field.end].count { $0 == TextDialect.lineFeed }
        }
        place = next
      }
    }
    pieces.take(place)
    return row < target.rows.upperBound
  }

  /// Reads a row whose wanted columns are numbers alone, with nothing between fields but delimiters, into ``numbers``; the
  /// byte behind its line, or nil for any other row.
  @inline(__always)
  private func readPlainRow(_ piece: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    let base = piece.baseAddress!
    let end = base + piece.count
    var place = base + start
    let delimiter = head.dialect.delimiter
    let powers = powers
    guard place < end, place[0] != TextDialect.comment else { return nil }
    return numbers.withUnsafeMutableBufferPointer { numbers in
      for column in numbers.indices {
        if isWanted[column] {
          guard let number = DecimalNumber.leading(&place, end, powers) else { return nil }
          numbers[column] = number
        } else {
          guard Self.pass(&place, end, delimiter) else { return nil }
        }
        if column < numbers.count - 1 {
          guard place < end, place[0] == delimiter else { return nil }
        } else {
          if place < end, place[0] == TextDialect.carriageReturn { place += 1 }
          guard place < end, place[0] == TextDialect.lineFeed else { return nil }
        }
        place += 1
      }
      return place - base
    }
  }

  /// Passes over a field without quotes; false where one may begin.
  @inline(__always)
  private static func pass(
    _ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ delimiter: UInt8
  ) -> Bool {
    while place < end {
      switch place[0] {
      case delimiter, TextDialect.lineFeed, TextDialect.carriageReturn: return true
      case TextDialect.quote: return false
      default: place += 1
      }
    }
    return true
  }

  private func put(_ piece: UnsafeBufferPointer<UInt8>, into target: RowTarget) throws {
    let fields = record.fields
    guard fields.count == head.columns else {
      throw fault(
        nil, "has \(fields.count.counted("field")) where others have \(head.columns)",
        "check quotes and delimiters")
    }
    if target.takesNames {
      let column = target.plan.parts[0].stored.lowerBound
      let name = record.bytes(column, in: piece)
      guard name.isUTF8 else { throw fault(column, "is not UTF-8", TextDialect.encodingRemedy) }
      return target.put(name: name, row: row)
    }
    for column in fields.indices {
      switch columns[column] {
      case .nothing: continue
      case .numbers:
        let field = fields[column]
        let bytes = UnsafeBufferPointer(rebasing: piece[field.start..<field.end])
        numbers[column] =
          try head.dialect.number(bytes) ?? trimmedNumber(column, bytes, into: target)
      case .texts(let codes):
        let text = record.bytes(column, in: piece)
        numbers[column] = try codes[text].map(Double.init) ?? missing(text, column, target)
      case .copied: numbers[column] = target.copy(record.bytes(column, in: piece))
      }
    }
    numbers.withUnsafeBufferPointer { target.put($0, row: row, column: 0) }
    guard let found = target.fault else { return }
    let column = found.column
    throw numbers[column].isFinite
      ? fault(column, found.reason)
      : fault(
        column, "is \(numbers[column])",
        numbers[column].isNaN ? Self.missingRemedy : "remove or replace it")
  }

  private static let missingRemedy =
    "fill in or remove the missing values, or train with \(parameter: "missing") mean or drop"

  /// NaN for a text that is missing, or unknown, where something stands for it.
  private func missing(_ text: [UInt8], _ column: Int, _ target: RowTarget) throws -> Double {
    if target.takesMissing(column) { return .nan }
    let words = String(decoding: text, as: UTF8.self).printable
    guard text.withUnsafeBufferPointer({ MissingField.matches($0, amongTexts: true) }) else {
      throw fault(
        column, "is '\(words)', which the rows that were trained on do not have",
        "remove or replace it")
    }
    throw fault(column, text.isEmpty ? "is empty" : "is '\(words)'", Self.missingRemedy)
  }

  /// A number with white space around it; NaN for one that is missing where something stands for it.
  private func trimmedNumber(
    _ column: Int, _ bytes: UnsafeBufferPointer<UInt8>, into target: RowTarget
  ) throws -> Double {
    let inside = TextRecord.trimmed(bytes)
    if let number = head.dialect.number(inside) { return number }
    let text = String(decoding: inside, as: UTF8.self)
    if MissingField.matches(inside, amongTexts: false) {
      if target.takesMissing(column) { return .nan }
      throw fault(column, text.isEmpty ? "is empty" : "is '\(text)'", Self.missingRemedy)
    }
    let isComma = text.contains(",") && text.allSatisfy { $0.isNumber || ",-+.".contains($0) }
    throw fault(
      column, "is '\(text.printable)', which is not a number",
      isComma
        ? "write numbers with a decimal point"
        : head.takesCategories
          ? "replace it or remove the row, or read the column as texts with \(parameter: "categories")"
          : "replace it or remove the row")
  }

  private func fault(_ column: Int?, _ what: String, _ remedy: String) -> TrainerError {
    fault(column, "\(what); \(remedy)")
  }

  private func fault(_ column: Int?, _ words: String) -> TrainerError {
    TrainerError(
      .badData,
      "\(array.name): line \(line)\(column.map { ", \(head.label(of: $0))" } ?? "") \(words)")
  }
}
