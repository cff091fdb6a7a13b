/// One record of a table in text: its fields, without quotes.
///
/// A quote opens a quoted field only where a field begins; in it a doubled quote is one, and delimiters and ends of lines
/// are text. Elsewhere a quote is text.
struct TextRecord {
  /// A field: where it stands, and whether it was quoted, so that an empty one is text and not missing.
  struct Field {
    var start: Int
    var end: Int
    var isQuoted: Bool
  }

  /// The fields of the record read last; of quoted ones the inside, where doubled quotes are still doubled.
  private(set) var fields: [Field] = []

  enum End {
    /// A record with fields, which ends before `next`.
    case record(next: Int)
    /// A line without one: empty, or a comment.
    case none(next: Int)
    /// The bytes end within the record.
    case cut
  }

  /// Reads the record that begins at `start`.
  ///
  /// - Parameters:
  ///   - isLast: whether the file ends where the bytes do.
  ///   - isInQuote: whether `start` is inside of a quoted field of a record that begins earlier.
  mutating func read(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, isLast: Bool, _ dialect: TextDialect,
    isInQuote: Bool = false
  ) -> End {
    fields.removeAll(keepingCapacity: true)
    let count = bytes.count
    var place = start
    var isInQuote = isInQuote
    guard place < count else { return .cut }
    if bytes[place] == TextDialect.comment, !isInQuote {
      while place < count, bytes[place] != TextDialect.lineFeed { place += 1 }
      if place == count { return isLast ? .none(next: count) : .cut }
      return .none(next: place + 1)
    }
    while true {
      if dialect.isSpaced, !isInQuote { skipSpaces(bytes, &place) }
      var field = Field(start: place, end: place, isQuoted: false)
      if isInQuote || (place < count && bytes[place] == TextDialect.quote) {
        if !isInQuote { place += 1 }
        isInQuote = false
        field.isQuoted = true
        field.start = place
        while true {
          guard place < count else { return .cut }
          if bytes[place] == TextDialect.quote {
            guard place + 1 < count else {
              if isLast { break }
              return .cut
            }
            guard bytes[place + 1] == TextDialect.quote else { break }
            place += 1
          }
          place += 1
        }
        field.end = place
        place += 1
        // What follows a closing quote up to the delimiter is no part of the field, if it is white space.
        let behind = place
        while place < count, !isEnd(bytes[place], dialect) {
          guard bytes[place] == UInt8(ascii: " ") || bytes[place] == TextDialect.carriageReturn
          else {
            // Then it was no quoted field.
            field = Field(start: max(start, field.start - 1), end: place, isQuoted: false)
            place = behind
            while place < count, !isEnd(bytes[place], dialect) { place += 1 }
            field.end = place
            break
          }
          place += 1
        }
      } else {
        while place < count, !isEnd(bytes[place], dialect) { place += 1 }
        field.end = place
      }
      if place == count, !isLast { return .cut }
      let isRecordEnd = place == count || bytes[place] == TextDialect.lineFeed
      if isRecordEnd, !field.isQuoted, field.end > field.start,
        bytes[field.end - 1] == TextDialect.carriageReturn
      {
        field.end -= 1
      }
      let isBlank = fields.isEmpty && !field.isQuoted && field.end == field.start
      if isRecordEnd, isBlank || (dialect.isSpaced && field.end == field.start && !field.isQuoted) {
        let next = min(place + 1, count)
        return fields.isEmpty ? .none(next: next) : .record(next: next)
      }
      fields.append(field)
      if isRecordEnd { return .record(next: min(place + 1, count)) }
      place += 1
    }
  }

  @inline(__always)
  private func isEnd(_ byte: UInt8, _ dialect: TextDialect) -> Bool {
    byte == dialect.delimiter || byte == TextDialect.lineFeed
      || (dialect.isSpaced && byte == UInt8(ascii: "\t"))
  }

  private func skipSpaces(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) {
    while place < bytes.count,
      bytes[place] == UInt8(ascii: " ") || bytes[place] == UInt8(ascii: "\t")
    { place += 1 }
  }

  /// The bytes of a field as they stand, of a quoted one with single quotes where they were doubled.
  func bytes(_ index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    let field = fields[index]
    let inside = UnsafeBufferPointer(rebasing: bytes[field.start..<field.end])
    guard field.isQuoted else { return Array(inside) }
    var text: [UInt8] = []
    var place = 0
    while place < inside.count {
      text.append(inside[place])
      place += inside[place] == TextDialect.quote ? 2 : 1
    }
    return text
  }

  /// The text of a field without white space around it; bytes that are no UTF-8 are replaced.
  func text(_ index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> String {
    self.bytes(index, in: bytes).withUnsafeBufferPointer {
      String(decoding: Self.trimmed($0), as: UTF8.self)
    }
  }
}

extension TextRecord {
  /// Bytes without white space around them.
  @inline(__always)
  static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (0, bytes.count)
    while start < end, isSpace(bytes[start]) { start += 1 }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    return UnsafeBufferPointer(rebasing: bytes[start..<end])
  }

  @inline(__always)
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == TextDialect.carriageReturn
  }
}
