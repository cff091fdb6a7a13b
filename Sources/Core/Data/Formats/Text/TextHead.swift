/// What the beginning of a table in text shows: how fields are separated, the names of the columns, and what these hold.
struct TextHead {
  /// What a column is read as.
  enum Use: Int { case nothing, numbers, texts }

  let dialect: TextDialect
  /// The byte at which the first row may begin, and its line, counted from 1.
  let start: Int
  let line: Int
  /// The names of the columns; empty where the table has none.
  let names: [String]
  /// What each column is read as; the count is that of the columns.
  private(set) var uses: [Use]
  /// Whether rows in which a value is missing are passed over.
  private(set) var skipsMissing = false

  var columns: Int { uses.count }

  /// A column in a message.
  func label(of column: Int) -> String {
    names.columnLabel(column)
  }

  /// Bytes that are looked at.
  static let most = 1 << 18
  /// In the order in which one is preferred.
  private static let delimiters: [UInt8] = [",", "\t", ";", "|", " "].map { UInt8(ascii: $0) }
  /// Looks at the first bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: at most ``most``, beginning with the file.
  ///   - isWhole: whether these are all.
  ///   - name: of the file, for messages.
  /// - Throws: `TrainerError` (bad data) where there is no row, or rows have different numbers of fields.
  init(looking bytes: [UInt8], isWhole: Bool, name: String) throws {
    try require(
      !bytes.contains(0), .badData,
      "\(name): byte \(bytes.firstIndex(of: 0)!) is 0, which no table in text has; save it as UTF-8 (it may be UTF-16), or "
        + "name its format with \(parameter: "format")")
    try require(
      !Self.hasOldLineEnds(bytes), .badData,
      "\(name): its lines end with carriage returns alone, as on old Macintoshes; write them with line feeds, for example "
        + "with: tr '\\r' '\\n' < OLD.csv > NEW.csv")
    let first = bytes.starts(with: TextDialect.byteOrderMark) ? TextDialect.byteOrderMark.count : 0
    var best: (score: Double, records: Records)?
    // One by which most rows are even tells better what is wrong with the others than a comma that is nowhere.
    var nearly: Records?
    for delimiter in Self.delimiters {
      let records = bytes.withUnsafeBufferPointer {
        Records($0, from: first, isWhole: isWhole, delimiter: delimiter)
      }
      guard !records.rows.isEmpty, records.width > 1 else { continue }
      guard records.isEven else {
        if nearly == nil, records.isMostlyEven { nearly = records }
        continue
      }
      if best.map({ records.score > $0.score }) ?? true { best = (records.score, records) }
    }
    let records =
      best?.records ?? nearly
      ?? bytes.withUnsafeBufferPointer {
        Records($0, from: first, isWhole: isWhole, delimiter: UInt8(ascii: ","))
      }
    if let line = records.openQuote {
      throw TrainerError(
        .badData,
        "\(name): a quoted field of the row that begins in line \(line) is not closed; close it, or double the quotes in text"
      )
    }
    try require(
      !records.rows.isEmpty, .badData,
      isWhole
        ? "\(name) holds no rows of text; give at least one"
        : "\(name): its first row is longer than \(Self.most) bytes; is a quote not closed?")
    if let (row, line) = records.uneven {
      throw TrainerError(
        .badData,
        "\(name): line \(line) has \(row.counted("field")) where line \(records.lines[0]) has \(records.width); check "
          + "quotes and delimiters (a comma, tab, semicolon, bar or space)")
    }
    var rows = records.rows
    let dialect = TextDialect(
      delimiter: records.delimiter, hasDecimalComma: Self.hasDecimalComma(rows, records.delimiter))
    // numpy.savetxt puts the names into a comment.
    let comment = records.comment ?? []
    let isHeader = Self.isHeader(rows[0], above: Array(rows.dropFirst()), dialect)
    if isHeader { rows.removeFirst() }
    try require(!rows.isEmpty, .badData, "\(name) has names of columns but no rows; give one")
    names =
      isHeader
      ? records.rows[0] : comment.count == records.width && records.width > 1 ? comment : []
    uses = (0..<records.width).map { column in
      let fields = rows.map { $0[column] }.filter { !MissingField.matches($0, amongTexts: false) }
      let texts = fields.count { !Self.isNumber($0, dialect) }
      // A few texts among numbers are mistakes, which are refused where they stand.
      return texts * 2 > fields.count ? .texts : .numbers
    }
    self.dialect = dialect
    start = isHeader ? records.ends[0] : first
    line = isHeader ? records.nextLines[0] : 1
    try Self.checkNames(names, of: name)
  }

  /// Whether carriage returns stand where line feeds should: outside of quotes, not at the end, and no line feed anywhere.
  private static func hasOldLineEnds(_ bytes: [UInt8]) -> Bool {
    guard !bytes.contains(TextDialect.lineFeed) else { return false }
    var isQuoted = false
    for byte in bytes.dropLast() {
      if byte == TextDialect.quote { isQuoted.toggle() }
      if byte == TextDialect.carriageReturn, !isQuoted { return true }
    }
    return false
  }

  /// The head of a table of which certain columns are wanted.
  func adapted(to options: DataCatalog.Options) -> TextHead {
    var head = self
    (head.uses, head.skipsMissing) = (
      options.uses(of: names, uses),
      options.columns.missing == .drop || options.schema?.dropsMissing == true
    )
    return head
  }

  /// Whether a record is passed over because a value is missing in it.
  @inline(__always)
  func skips(_ record: TextRecord, in piece: UnsafeBufferPointer<UInt8>) -> Bool {
    guard skipsMissing, record.fields.count == columns else { return false }
    return uses.indices.contains { column in
      guard uses[column] != .nothing else { return false }
      let field = record.fields[column]
      return MissingField.matches(
        TextRecord.trimmed(UnsafeBufferPointer(rebasing: piece[field.start..<field.end])),
        amongTexts: uses[column] == .texts)
    }
  }

  func pack(into packer: inout WirePacker) {
    packer.pack(Int(dialect.delimiter))
    packer.pack(dialect.hasDecimalComma ? 1 : 0)
    packer.pack(start)
    packer.pack(line)
    packer.pack(names) { $0.pack($1) }
    packer.pack(uses) { $0.pack($1.rawValue) }
    packer.pack(skipsMissing ? 1 : 0)
  }

  init(from unpacker: inout WireUnpacker) {
    let delimiter = UInt8(unpacker.integer())
    dialect = TextDialect(delimiter: delimiter, hasDecimalComma: unpacker.integer() == 1)
    start = unpacker.integer()
    line = unpacker.integer()
    names = unpacker.array { $0.string() }
    uses = unpacker.array { Use(rawValue: $0.integer())! }
    skipsMissing = unpacker.integer() == 1
  }

  fileprivate static func isNumber(_ text: String, _ dialect: TextDialect) -> Bool {
    var text = text
    return text.withUTF8 { dialect.number(TextRecord.trimmed($0)) != nil }
  }

  /// Whether some column holds numbers with a comma before their decimals, and none does with a point.
  private static func hasDecimalComma(_ rows: [[String]], _ delimiter: UInt8) -> Bool {
    guard delimiter != UInt8(ascii: ",") else { return false }
    let (point, comma) = (
      TextDialect(delimiter: delimiter), TextDialect(delimiter: delimiter, hasDecimalComma: true)
    )
    // The first row may have names.
    let rows = rows.count > 1 ? rows.dropFirst() : rows[...]
    return rows[rows.startIndex].indices.contains { column in
      rows.contains { $0[column].contains(",") }
        && rows.allSatisfy {
          isNumber($0[column], comma) || MissingField.matches($0[column], amongTexts: false)
        }
    } && !rows.contains { $0.contains { $0.contains(".") && isNumber($0, point) } }
  }

  /// Whether the first record names the columns of the others: none of its fields is a number, and those below one are, or
  /// are texts that it does not repeat.
  private static func isHeader(
    _ first: [String], above rows: [[String]], _ dialect: TextDialect
  ) -> Bool {
    func isMissing(_ text: String) -> Bool { MissingField.matches(text, amongTexts: false) }
    func isNumber(_ text: String) -> Bool { Self.isNumber(text, dialect) }
    // pandas gives the column of its row numbers no name.
    guard !first.contains(where: isNumber), !first.dropFirst().contains(""), first != [""] else {
      return false
    }
    guard !rows.isEmpty else { return true }
    let isNumeric = first.indices.contains { column in
      !isMissing(first[column])
        && rows.allSatisfy { isNumber($0[column]) || isMissing($0[column]) }
        && rows.contains { isNumber($0[column]) }
    }
    return isNumeric
      || Set(first).count == first.count
        && !first.indices.contains { column in rows.contains { $0[column] == first[column] } }
  }

  private static func checkNames(_ names: [String], of file: String) throws {
    var (seen, repeated): (Set<String>, [String]) = ([], [])
    for name in names where !seen.insert(name).inserted && !repeated.contains(name) {
      repeated.append(name)
    }
    try require(
      repeated.isEmpty, .badData,
      "\(file) has two columns called \(repeated.map { "'\($0.printable)'" }.joined(separator: ", and two called ")); "
        + "rename one\(repeated.count == 1 ? "" : " of each")")
  }
}

/// The records at the beginning of a file, by one delimiter.
private struct Records {
  let delimiter: UInt8
  private(set) var rows: [[String]] = []
  /// Where each ends, the line on which it begins, and the line that follows it.
  private(set) var ends: [Int] = []
  private(set) var lines: [Int] = []
  private(set) var nextLines: [Int] = []
  /// The line of a record with a quote that is not closed, where all bytes are there.
  private(set) var openQuote: Int?
  /// The fields of the last comment before the first record.
  private(set) var comment: [String]?

  /// Rows that are looked at.
  private static let most = 1000

  var width: Int { rows[0].count }
  var isEven: Bool { rows.allSatisfy { $0.count == width } }
  var isMostlyEven: Bool { rows.count { $0.count == width } * 4 >= rows.count * 3 }
  /// The first record of another number of fields.
  var uneven: (count: Int, line: Int)? {
    rows.firstIndex { $0.count != width }.map { (rows[$0].count, lines[$0]) }
  }

  /// The part of fields that are numbers; of two delimiters the one with more is right.
  var score: Double {
    let fields = rows.flatMap { $0 }
    let dialect = TextDialect(
      delimiter: delimiter, hasDecimalComma: delimiter != UInt8(ascii: ","))
    let numbers = fields.count { TextHead.isNumber($0, dialect) }
    return Double(numbers) / Double(fields.count)
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>, from first: Int, isWhole: Bool, delimiter: UInt8) {
    self.delimiter = delimiter
    let dialect = TextDialect(delimiter: delimiter)
    var record = TextRecord()
    var place = first
    var line = 1
    while rows.count < Self.most, place < bytes.count {
      let begin = place
      switch record.read(bytes, from: place, isLast: isWhole, dialect) {
      case .cut:
        if isWhole { openQuote = line }
        return
      case .none(let next):
        if rows.isEmpty, bytes[place] == TextDialect.comment {
          comment = Self.fields(ofComment: bytes[(begin + 1)..<next], delimiter)
        }
        place = next
        line += 1
      case .record(let next):
        rows.append(record.fields.indices.map { record.text($0, in: bytes) })
        ends.append(next)
        lines.append(line)
        line += bytes[begin..<next].count { $0 == TextDialect.lineFeed }
        nextLines.append(line)
        place = next
      }
    }
  }

  private static func fields(
    ofComment bytes: Slice<UnsafeBufferPointer<UInt8>>, _ delimiter: UInt8
  ) -> [String] {
    String(decoding: bytes, as: UTF8.self)
      .split(
        separator: Character(Unicode.Scalar(delimiter)), omittingEmptySubsequences: delimiter == 32
      )
      .map { field in String(field.filter { !$0.isNewline }.drop { $0 == " " }) }
  }
}
