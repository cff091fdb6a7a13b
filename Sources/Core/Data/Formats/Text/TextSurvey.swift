/// What all ranks together find out of a table in text before its rows are read: how many there are, where they begin,
/// and which texts its text columns hold.
struct TextSurvey {
  let head: TextHead
  /// The number of rows.
  let rows: Int
  /// Records that are no rows, because values are missing in them.
  let skipped: Int
  /// Comments between records.
  let comments: Int
  /// Records from which reading may begin, the first of all among them.
  let places: [TextScan.Place]
  /// The texts of each column in the order of their bytes; none where it holds numbers.
  let texts: [[String]]

  /// More texts than these are no categories: of a column that holds more some are missing in ``texts``.
  static let mostTexts = 10_000

  /// Surveys a file; collective over `world`. Every rank scans an equal part of the bytes.
  ///
  /// - Parameter options: which columns are wanted, and whether rows with missing values are.
  /// - Throws: `TrainerError` (bad data), agreed by all ranks.
  /// - Complexity: O(bytes / ranks), plus O(different texts · ranks).
  init(_ path: String, _ options: DataCatalog.Options, among world: Communicator) throws {
    let found = try world.fromRoot {
      let file = try DataFile(path: path)
      let head = try Self.naming(path) {
        try TextHead(of: file, name: path.printable, options.textHints).adapted(to: options)
      }
      var packer = WirePacker()
      head.pack(into: &packer)
      packer.pack(file.size)
      return packer.bytes
    }
    var unpacker = WireUnpacker(found)
    let head = TextHead(from: &unpacker)
    let size = unpacker.integer()
    let columns = head.uses.indices.filter { head.uses[$0] == .texts }
    let share = try TextShare(path, from: head.start, size: size, among: world)
    var beginsInQuote = false
    var scan: TextScan?
    // Nearly always at once: no part begins inside of a quoted field.
    while true {
      if scan == nil || scan!.beginsInQuote != beginsInQuote {
        scan = try world.agree {
          try Self.naming(path) {
            try TextScan(
              share.file, share.range, beginsInQuote: beginsInQuote, head, collecting: columns,
              most: Self.mostTexts)
          }
        }
      } else {
        try world.agree {}
      }
      let ends = try world.allGather(scan!.endsInQuote ? 1 : 0)
      let begins = [0] + ends.dropLast()
      beginsInQuote = begins[world.rank] == 1
      let mismatches = try world.allReduce(
        beginsInQuote == scan!.beginsInQuote ? 0 : 1, .maximum)
      guard mismatches != 0 else {
        let open = try world.allGather(scan!.openRecord ?? -1)
        try world.agree {
          if world.isRoot, ends.last! == 1 {
            throw Self.error(ofOpenQuoteAt: open.last { $0 >= 0 } ?? head.start, path)
          }
          if let fault = scan!.fault { throw Self.error(fault, path, head) }
        }
        break
      }
    }
    try self.init(head, scan!, columns, among: world)
  }

  func pack(into packer: inout WirePacker) {
    head.pack(into: &packer)
    packer.pack(rows)
    packer.pack(skipped)
    packer.pack(comments)
    packer.pack(places.flatMap { [$0.byte, $0.row, $0.line] }) { $0.pack($1) }
    packer.pack(texts) { packer, texts in packer.pack(texts) { $0.pack($1) } }
  }

  init(from unpacker: inout WireUnpacker) {
    head = TextHead(from: &unpacker)
    rows = unpacker.integer()
    skipped = unpacker.integer()
    comments = unpacker.integer()
    let numbers = unpacker.array { $0.integer() }
    places = stride(from: 0, to: numbers.count, by: 3).map {
      .init(byte: numbers[$0], row: numbers[$0 + 1], line: numbers[$0 + 2])
    }
    texts = unpacker.array { $0.array { $0.string() } }
  }

  /// Joins what the ranks found.
  private init(
    _ head: TextHead, _ scan: TextScan, _ columns: [Int], among world: Communicator
  ) throws {
    let counts = try world.allGather([scan.rows, scan.lines])
    skipped = try world.allReduce(scan.skipped, .sum)
    comments = try world.allReduce(scan.comments, .sum)
    var packer = WirePacker()
    packer.pack(scan.places.flatMap { [$0.byte, $0.row, $0.line] }) { $0.pack($1) }
    packer.pack(scan.texts) { packer, texts in packer.pack(Array(texts)) { $0.pack($1) } }
    let all = try world.allGather(bytes: packer.bytes)
    var places: [TextScan.Place] = []
    var texts = columns.map { _ in Set<[UInt8]>() }
    var (rows, line) = (0, head.line)
    for (rank, bytes) in all.enumerated() {
      var unpacker = WireUnpacker(bytes)
      let numbers = unpacker.array { $0.integer() }
      for index in stride(from: 0, to: numbers.count, by: 3) {
        places.append(
          .init(
            byte: numbers[index], row: rows + numbers[index + 1], line: line + numbers[index + 2]))
      }
      for (index, more) in unpacker.array({ $0.array { $0.bytes() } }).enumerated() {
        texts[index].formUnion(more)
      }
      rows += counts[rank * 2]
      line += counts[rank * 2 + 1]
    }
    self.head = head
    self.rows = rows
    self.places = places
    var sorted = head.uses.map { _ in [String]() }
    for (index, column) in columns.enumerated() {
      sorted[column] = texts[index].sorted { $0.lexicographicallyPrecedes($1) }
        .map { String(system: $0) }
    }
    self.texts = sorted
  }

  /// Words what is wrong with a piece.
  static func naming<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let fault as TextFault {
      throw error(fault, path, nil)
    }
  }

  private static func error(
    _ fault: TextFault, _ path: String, _ head: TextHead?
  ) -> TrainerError {
    switch fault {
    case .longRecord(let byte):
      TrainerError(
        .badData,
        "\(path.printable): the row at byte \(byte) has more than \(TextScan.longestRecord >> 20) MiB; is a quote not closed?"
      )
    case .notText(let byte, let column, let hasZero):
      TrainerError(
        .badData,
        "\(path.printable): \(line(at: byte, path))\(head!.label(of: column)) "
          + (hasZero
            ? "has a byte that is 0, which no text has; remove it"
            : "is not UTF-8; \(TextDialect.encodingRemedy)"))
    }
  }

  private static func error(ofOpenQuoteAt byte: Int, _ path: String) -> TrainerError {
    TrainerError(
      .badData,
      "\(path.printable): \(line(at: byte, path))a quoted field is not closed before the end of the file; close it, or double "
        + "the quotes in text")
  }

  /// The line on which a record begins, in front of what is wrong with it; empty where the file cannot be read again.
  private static func line(at byte: Int, _ path: String) -> String {
    var (line, place) = (1, 0)
    guard let file = try? DataFile(path: path) else { return "" }
    while place < byte {
      guard let bytes = try? file.bytes(at: place, count: min(1 << 20, byte - place)),
        !bytes.isEmpty
      else { return "" }
      line += bytes.count { $0 == TextDialect.lineFeed }
      place += bytes.count
    }
    return "line \(line), "
  }
}
