import Glibc

/// One rank's look at its part of a table in text: where records begin, and which texts its text columns hold.
struct TextScan {
  /// A record that begins at `byte`, on `line`; `row` is its number. Blank lines and comments may stand before it.
  struct Place {
    var byte: Int
    var row: Int
    var line: Int
  }

  /// The part's first byte, behind the end of a line, and the byte behind its last.
  let range: Range<Int>
  /// Whether the part begins inside of a quoted field.
  let beginsInQuote: Bool
  /// Records every ``stride`` bytes, counted from the part's beginning.
  private(set) var places: [Place] = []
  /// Records that begin in the part, and ends of lines.
  private(set) var (rows, lines) = (0, 0)
  /// Records that are passed over, because values are missing in them.
  private(set) var skipped = 0
  /// Comments behind the file's first record.
  private(set) var comments = 0
  /// The byte at which the record begins whose quoted field is open at the part's end; nil where it begins before the part.
  private(set) var openRecord: Int?
  /// Whether the part ends inside of a quoted field.
  private(set) var endsInQuote = false
  /// The texts of each text column that occur.
  private(set) var texts: [Set<[UInt8]>]

  /// The first text that is none, if the part begins as ``beginsInQuote`` says.
  private(set) var fault: TextFault?
  private let isFirst: Bool

  /// Bytes between places that are noted, at least.
  private static let stride = 1 << 20
  /// Bytes that are read at a time; a record may have as many.
  static let longestRecord = 64 << 20

  /// Scans a part.
  ///
  /// - Parameters:
  ///   - columns: those whose texts are collected.
  ///   - most: different texts of a column; of more one is collected, so that they are known to be too many.
  /// - Throws: `TextFault.longRecord`.
  init(
    _ file: DataFile, _ range: Range<Int>, beginsInQuote: Bool, _ head: TextHead,
    collecting columns: [Int], most: Int
  ) throws {
    self.range = range
    isFirst = range.lowerBound == head.start
    self.beginsInQuote = beginsInQuote
    texts = Array(repeating: [], count: columns.count)
    endsInQuote = beginsInQuote
    let reader = TextPieces(file, range)
    var record = TextRecord()
    while let (piece, isLast) = try reader.next() {
      Activity.advance(reader.place - range.lowerBound, of: range.count, "byte")
      var place = 0
      let hasQuotes =
        endsInQuote || memchr(piece.baseAddress!, Int32(TextDialect.quote), piece.count) != nil
      if !hasQuotes, columns.isEmpty, !head.dialect.isSpaced, !head.skipsMissing {
        place = countLines(piece, at: reader.place, isLast: isLast)
        reader.take(place)
        continue
      }
      pieces: while place < piece.count {
        let begin = place
        let isInQuote = endsInQuote
        switch record.read(
          piece, from: place, isLast: isLast, head.dialect, isInQuote: isInQuote)
        {
        case .cut:
          // The part ends behind a line, so only a quoted field can go on.
          guard isLast else { break pieces }
          if !isInQuote {
            try takeBeyond(reader.place + begin, file, columns, most, head)
            openRecord = reader.place + begin
          }
          lines += Self.count(of: TextDialect.lineFeed, in: piece, from: begin, to: piece.count)
          endsInQuote = true
          place = piece.count
          continue
        case .none(let next):
          if !isInQuote { countComment(piece[begin]) }
          place = next
        case .record(let next):
          if !isInQuote { take(record, piece, at: reader.place + begin, columns, most, head) }
          place = next
        }
        endsInQuote = false
        lines += Self.count(of: TextDialect.lineFeed, in: piece, from: begin, to: place)
      }
      reader.take(place)
    }
  }

  private mutating func note(_ byte: Int) {
    if byte >= (places.last?.byte ?? Int.min / 2) + Self.stride {
      places.append(Place(byte: byte, row: rows, line: lines))
    }
    rows += 1
  }

  private mutating func countComment(_ first: UInt8) {
    if first == TextDialect.comment, rows > 0 || !isFirst { comments += 1 }
  }

  /// Counts the records of a piece without quotes; the bytes that whole lines take.
  private mutating func countLines(
    _ piece: UnsafeBufferPointer<UInt8>, at first: Int, isLast: Bool
  ) -> Int {
    let base = piece.baseAddress!
    var place = 0
    while place < piece.count {
      var end = piece.count
      if let found = memchr(base + place, Int32(TextDialect.lineFeed), piece.count - place) {
        end = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      } else if !isLast {
        break
      }
      let length = end - place
      let isBlank =
        length == 0 || (length == 1 && piece[place] == TextDialect.carriageReturn)
        || piece[place] == TextDialect.comment
      if isBlank { countComment(piece[place]) } else { note(first + place) }
      if end < piece.count { lines += 1 }
      place = end + 1
    }
    return min(place, piece.count)
  }

  private mutating func take(
    _ record: TextRecord, _ piece: UnsafeBufferPointer<UInt8>, at byte: Int, _ columns: [Int],
    _ most: Int, _ head: TextHead
  ) {
    guard !head.skips(record, in: piece) else {
      skipped += 1
      return
    }
    note(byte)
    collect(record, piece, at: byte, columns, most, head)
  }

  private mutating func collect(
    _ record: TextRecord, _ piece: UnsafeBufferPointer<UInt8>, at byte: Int, _ columns: [Int],
    _ most: Int, _ head: TextHead
  ) {
    // A record of another number of fields is refused where it is read.
    guard record.fields.count == head.columns else { return }
    for (index, column) in columns.enumerated() {
      let text = Array(record.bytes(column, in: piece))
      if texts[index].count > most { continue }
      let isKnown = texts[index].contains(text)
      if isKnown || text.withUnsafeBufferPointer({ MissingField.matches($0, amongTexts: true) }) {
        continue
      }
      guard text.isUTF8, !text.contains(0) else {
        fault = fault ?? .notText(byte: byte, column: column, hasZero: text.contains(0))
        return
      }
      texts[index].insert(text)
    }
  }

  /// Takes a record that ends in a later part.
  private mutating func takeBeyond(
    _ start: Int, _ file: DataFile, _ columns: [Int], _ most: Int, _ head: TextHead
  ) throws {
    guard !columns.isEmpty || head.skipsMissing else { return note(start) }
    let reader = TextPieces(file, start..<file.size)
    var record = TextRecord()
    while let (piece, isLast) = try reader.next() {
      switch record.read(piece, from: 0, isLast: isLast, head.dialect) {
      case .record: return take(record, piece, at: start, columns, most, head)
      case .none: return note(start)
      // One that is never closed is refused when all parts are known.
      case .cut: if isLast { return note(start) } else { reader.take(0) }
      }
    }
  }

  private static func count(
    of byte: UInt8, in piece: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int
  ) -> Int {
    var count = 0
    var place = piece.baseAddress! + start
    let last = piece.baseAddress! + end
    while place < last, let found = memchr(place, Int32(byte), last - place) {
      count += 1
      place = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) + 1
    }
    return count
  }
}

/// What is wrong with a table, before its name is known.
enum TextFault: Error {
  case longRecord(byte: Int)
  /// A text of the record at that byte has bytes that no text has.
  case notText(byte: Int, column: Int, hasZero: Bool)
}
