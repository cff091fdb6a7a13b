/// How a table in text separates its fields.
struct TextDialect {
  /// The byte between fields; a space stands for any number of spaces and tabs.
  let delimiter: UInt8

  /// What opens and closes a quoted field.
  static let quote = UInt8(ascii: "\"")
  /// A record that begins so is a comment.
  static let comment = UInt8(ascii: "#")
  static let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
  /// What may stand before the first byte of UTF-8.
  static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  var isSpaced: Bool { delimiter == UInt8(ascii: " ") }
}
