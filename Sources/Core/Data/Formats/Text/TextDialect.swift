/// How a table in text separates its fields and marks its names.
struct TextDialect: Equatable {
  /// The byte between fields; a space stands for any number of spaces and tabs.
  var delimiter: UInt8
  /// Whether the first record holds the names of the columns.
  var hasHeader: Bool

  /// Whether fields may be quoted.
  static let quote = UInt8(ascii: "\"")
  /// A record that begins so is a comment.
  static let comment = UInt8(ascii: "#")
  static let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
  /// What may stand before the first byte of UTF-8.
  static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  var isSpaced: Bool { delimiter == UInt8(ascii: " ") }

  func pack(into packer: inout WirePacker) {
    packer.pack(Int(delimiter))
    packer.pack(hasHeader ? 1 : 0)
  }

  init(delimiter: UInt8, hasHeader: Bool) {
    self.delimiter = delimiter
    self.hasHeader = hasHeader
  }

  init(from unpacker: inout WireUnpacker) {
    delimiter = UInt8(unpacker.integer())
    hasHeader = unpacker.integer() == 1
  }
}
