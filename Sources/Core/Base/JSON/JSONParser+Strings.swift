extension JSONParser {
  /// The string that begins at the current quotation mark.
  package mutating func string() throws(JSON.ParseError) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let text = String(validating: content, as: UTF8.self) else {
          throw failure("not valid UTF-8", at: invalidUTF8(in: start + 1..<position - 1))
        }
        return text
      case UInt8(ascii: "\\"):
        position += 1
        content.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20:
        throw failure("a control character in a string; write it as an escape")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw failure("the text ends inside a string that begins at byte \(start)")
  }

  /// The offset of the first byte that is no UTF-8. Escapes are ASCII, so the raw text can be scanned.
  private func invalidUTF8(in range: Range<Int>) -> Int {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes[range].makeIterator()
    var offset = range.lowerBound
    while case .valid(let scalar) = parser.parseScalar(from: &iterator) { offset += scalar.count }
    return offset
  }

  /// The character that the escape behind a backslash stands for.
  private mutating func escape() throws(JSON.ParseError) -> Character {
    let start = position - 1
    guard let byte = current else { throw unexpected(wanted: "an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return Character(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("half a character", at: start) }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("half a character", at: start) }
      return Character(scalar)
    default: throw failure("an unknown escape", at: start)
    }
  }

  private mutating func hexadecimal() throws(JSON.ParseError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current,
        let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
      else { throw unexpected(wanted: "a hexadecimal digit") }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}
