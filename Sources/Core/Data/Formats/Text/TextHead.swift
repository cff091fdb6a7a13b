/// What the beginning of a table in text shows: how fields are separated, the names of the columns, and what these hold.
struct TextHead {
  /// What a column is read as.
  enum Use: Int {
    case nothing, numbers, texts
    /// Texts that are passed on as they stand, and have no numbers.
    case copied
  }

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
  /// Whether the first row is taken for names although it could as well be one of texts.
  private(set) var hasDoubtfulNames: Bool
  /// Whether a column may be read as texts at will.
  private(set) var takesCategories = true

  var columns: Int { uses.count }

  /// A column in a message.
  func label(of column: Int) -> String {
    names.columnLabel(column)
  }

  /// Bytes that are looked at, unless the first rows are longer.
  static let most = 1 << 18
  /// Ends of lines that are looked at, if the file has them.
  private static let fewestLines = 3

  /// Looks at the beginning of a file.
  ///
  /// - Parameter name: of the file, for messages.
  /// - Throws: `TrainerError` (bad data) where there is no row, or rows have different numbers of fields;
  ///   `TextFault.longRecord` where the first row is longer than any may be.
  init(of file: DataFile, name: String, _ hints: TextHints) throws {
    var count = Self.most
    while true {
      let bytes = try file.bytes(at: 0, count: count)
      let isAll = bytes.count == file.size || count >= TextScan.longestRecord
      if isAll || bytes.count(where: { $0 == TextDialect.lineFeed }) >= Self.fewestLines {
        do {
          self = try TextHead(
            looking: bytes, isWhole: bytes.count == file.size, name: name, hints)
          return
        } catch TextFault.longRecord where !isAll {}
      }
      count *= 2
    }
  }

  /// Looks at the first bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: those with which the file begins.
  ///   - isWhole: whether these are all.
  ///   - name: of the file, for messages.
  ///   - hints: what is not told by looking.
  /// - Throws: `TrainerError` (bad data) where there is no row, or rows have different numbers of fields;
  ///   `TextFault.longRecord` where the bytes end within the first row, or the one behind the names.
  init(
    looking bytes: [UInt8], isWhole: Bool, name: String, _ hints: TextHints = TextHints()
  ) throws {
    try require(
      !bytes.contains(0), .badData,
      "\(name): byte \(bytes.firstIndex(of: 0)!) is 0, which no table in text has; save it as UTF-8 (it may be UTF-16), or "
        + "name its format with \(parameter: "format")")
    try require(
      !Self.hasOldLineEnds(bytes), .badData,
      "\(name): its lines end with carriage returns alone, as on old Macintoshes; write them with line feeds, for example "
        + "with: tr '\\r' '\\n' < OLD.csv > NEW.csv")
    let first = bytes.starts(with: TextDialect.byteOrderMark) ? TextDialect.byteOrderMark.count : 0
    let candidates = (hints.delimiter.map { [$0] } ?? TextDialect.delimiters).map { delimiter in
      bytes.withUnsafeBufferPointer {
        TextBeginning($0, from: first, isWhole: isWhole, delimiter: delimiter)
      }
    }
    let records = TextBeginning.best(of: candidates)
    if let line = records.openQuote {
      throw TrainerError(
        .badData,
        "\(name): a quoted field of the row that begins in line \(line) is not closed; close it, or double the quotes in text"
      )
    }
    guard isWhole || records.rows.count > 1 else { throw TextFault.longRecord(byte: first) }
    try require(
      !records.rows.isEmpty, .badData, "\(name) holds no rows of text; give at least one")
    try records.checkEven(of: name)
    var rows = records.rows
    let dialect = TextDialect(
      delimiter: records.delimiter, hasDecimalComma: records.hasDecimalComma)
    // numpy.savetxt puts the names into a comment.
    let comment = records.comment ?? []
    let found =
      hints.hasHeader.map { $0 ? TextNames.Finding.names : .none }
      ?? TextNames.find(in: rows[0], above: Array(rows.dropFirst()), dialect)
    let isHeader = found != .none
    hasDoubtfulNames = found == .doubtful
    if isHeader { rows.removeFirst() }
    try require(
      !rows.isEmpty, .badData,
      "\(name) has names of columns but no rows; give one, or give \(parameter: "header") no if its line is a row"
    )
    let isNamed = comment.count == records.width && records.width > 1 && hints.hasHeader != false
    names = isHeader ? records.rows[0] : isNamed ? comment : []
    uses = (0..<records.width).map { column in
      let fields = rows.map { $0[column] }.filter { !MissingField.matches($0, amongTexts: false) }
      let texts = fields.count { dialect.number($0) == nil }
      // A few texts among numbers are mistakes, which are refused where they stand.
      return texts * 2 > fields.count ? .texts : .numbers
    }
    self.dialect = dialect
    start = isHeader ? records.ends[0] : first
    line = isHeader ? records.nextLines[0] : 1
    if !names.isEmpty {
      try TextNames.check(
        names, above: rows, of: name, line: isHeader ? records.lines[0] : nil,
        isText: bytes[first..<records.ends[0]].isUTF8)
    }
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
    // Whoever names columns knows that they have names.
    if options.columns.names.contains(where: names.contains)
      || options.schema?.features.contains(where: { $0.name.map(names.contains) ?? false }) == true
    {
      head.hasDoubtfulNames = false
    }
    (head.uses, head.skipsMissing, head.takesCategories) = (
      options.uses(of: names, uses),
      options.columns.missing == .drop || options.schema?.dropsMissing == true,
      options.schema == nil
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
      let bytes = UnsafeBufferPointer(rebasing: piece[field.start..<field.end])
      return uses[column] == .numbers
        ? MissingField.matches(TextRecord.trimmed(bytes), amongTexts: false)
        : MissingField.matches(bytes, amongTexts: true)
    }
  }

  func pack(into packer: inout WirePacker) {
    packer.pack(Int(dialect.delimiter))
    packer.pack(dialect.hasDecimalComma ? 1 : 0)
    packer.pack(start)
    packer.pack(line)
    packer.pack(names) { $0.pack($1) }
    packer.pack(uses) { $0.pack($1.rawValue) }
    for flag in [skipsMissing, hasDoubtfulNames, takesCategories] { packer.pack(flag ? 1 : 0) }
  }

  init(from unpacker: inout WireUnpacker) {
    let delimiter = UInt8(unpacker.integer())
    dialect = TextDialect(delimiter: delimiter, hasDecimalComma: unpacker.integer() == 1)
    start = unpacker.integer()
    line = unpacker.integer()
    names = unpacker.array { $0.string() }
    uses = unpacker.array { Use(rawValue: $0.integer())! }
    skipsMissing = unpacker.integer() == 1
    hasDoubtfulNames = unpacker.integer() == 1
    takesCategories = unpacker.integer() == 1
  }
}
