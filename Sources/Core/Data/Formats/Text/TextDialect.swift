/// How a table in text separates its fields and writes its numbers.
struct TextDialect {
  /// The byte between fields; a space stands for any number of spaces and tabs.
  let delimiter: UInt8
  /// Whether a comma stands before the decimals of numbers, as in German or French.
  var hasDecimalComma = false

  /// What opens and closes a quoted field.
  static let quote = UInt8(ascii: "\"")
  /// A record that begins so is a comment.
  static let comment = UInt8(ascii: "#")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  private static let comma = UInt8(ascii: ",")
  private static let point = UInt8(ascii: ".")
  /// What may stand before the first byte of UTF-8.
  static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  var isSpaced: Bool { delimiter == UInt8(ascii: " ") }

  /// The number that all of `bytes` is, or nil.
  @inline(__always)
  func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    hasDecimalComma ? Self.commaNumber(bytes) : DecimalNumber.parse(bytes)
  }

  /// The same of a text, which may have white space around it.
  func number(_ text: String) -> Double? {
    var text = text
    return text.withUTF8 { number(TextRecord.trimmed($0)) }
  }

  /// Those that are told by looking, in the order in which one is preferred.
  static let delimiters: [UInt8] = [",", "\t", ";", "|", " "].map { UInt8(ascii: $0) }

  /// A delimiter in a message.
  static func name(of delimiter: UInt8) -> String {
    switch delimiter {
    case UInt8(ascii: ","): "comma"
    case UInt8(ascii: "\t"): "tab"
    case UInt8(ascii: ";"): "semicolon"
    case UInt8(ascii: "|"): "bar"
    case UInt8(ascii: " "): "space"
    default: "'\(Character(Unicode.Scalar(delimiter)))'"
    }
  }

  /// What makes UTF-8 of other texts.
  static let encodingRemedy =
    "write the file in UTF-8, for example with: iconv -f LATIN1 -t UTF-8 OLD.csv > NEW.csv"

  /// A number with a comma before its decimals.
  static func commaNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let place = bytes.firstIndex(of: comma) else { return DecimalNumber.parse(bytes) }
    guard place + 1 < bytes.count, bytes[place + 1] &- 0x30 < 10, !bytes.contains(point) else {
      return nil
    }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count) { copy in
      _ = copy.initialize(from: bytes)
      copy[place] = point
      return DecimalNumber.parse(UnsafeBufferPointer(copy))
    }
  }
}

/// What stands for a missing value in a field.
enum MissingField {
  /// Where numbers stand, in any case.
  private static let ofNumbers = words(
    "", "na", "n/a", "nan", "null", "none", "?", "-", "#n/a", "<na>")
  /// Where texts stand: other words, such as None, may name something.
  private static let ofTexts = words(
    "", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "#N/A", "<NA>", "?")
  private static let longest = 4

  private static func words(_ words: String...) -> Set<[UInt8]> {
    Set(words.map { Array($0.utf8) })
  }

  /// Whether a field without white space around it stands for a missing value.
  static func matches(_ bytes: UnsafeBufferPointer<UInt8>, amongTexts: Bool) -> Bool {
    guard bytes.count <= longest else { return false }
    return amongTexts
      ? ofTexts.contains(Array(bytes))
      : ofNumbers.contains(bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 })
  }

  static func matches(_ text: String, amongTexts: Bool) -> Bool {
    var text = text
    return text.withUTF8 { matches($0, amongTexts: amongTexts) }
  }
}

extension Sequence<UInt8> {
  /// Whether the bytes are text in UTF-8.
  var isUTF8: Bool { String(validating: self, as: UTF8.self) != nil }
}
