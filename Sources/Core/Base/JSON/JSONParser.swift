/// A recursive-descent parser over the bytes of one JSON text.
struct JSONParser {
  let bytes: [UInt8]
  let maximumDepth: Int
  var position = 0
  var depth = 0

  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ problem: String, at offset: Int? = nil) -> JSON.ParseError {
    JSON.ParseError(offset: offset ?? position, problem: problem)
  }

  func unexpected(wanted: String) -> JSON.ParseError {
    guard let byte = current else { return failure("the text ends where \(wanted) should stand") }
    let shown =
      (0x21...0x7E).contains(byte)
      ? "'\(Character(Unicode.Scalar(byte)))'" : "the byte 0x\(String(byte, radix: 16))"
    return failure("\(shown) where \(wanted) should stand")
  }

  mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  mutating func document() throws(JSON.ParseError) -> JSON {
    skipSpace()
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw unexpected(wanted: "the end of the text") }
    return value
  }

  mutating func value() throws(JSON.ParseError) -> JSON {
    guard let current else { throw unexpected(wanted: "a value") }
    switch current {
    case UInt8(ascii: "{"): return .object(try members())
    case UInt8(ascii: "["): return .array(try items())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw unexpected(wanted: "a value")
    }
  }

  mutating func word(_ text: String, _ value: JSON) throws(JSON.ParseError) -> JSON {
    guard bytes[position...].starts(with: text.utf8) else {
      throw failure("an unknown word; \(text) is meant?")
    }
    position += text.utf8.count
    return value
  }

  /// What stands from the bracket here to `close`, with commas between.
  mutating func list<Element>(
    until close: Unicode.Scalar,
    _ element: (inout JSONParser) throws(JSON.ParseError) -> Element
  ) throws(JSON.ParseError) -> [Element] {
    guard depth < maximumDepth else { throw failure("nested deeper than \(maximumDepth) levels") }
    depth += 1
    defer { depth -= 1 }
    position += 1
    skipSpace()
    var elements: [Element] = []
    if take(UInt8(ascii: close)) { return elements }
    repeat {
      skipSpace()
      elements.append(try element(&self))
      skipSpace()
      if take(UInt8(ascii: close)) { return elements }
    } while take(UInt8(ascii: ","))
    throw unexpected(wanted: "',' or '\(close)'")
  }

  mutating func items() throws(JSON.ParseError) -> [JSON] {
    try list(until: "]") { parser throws(JSON.ParseError) in try parser.value() }
  }

  mutating func members() throws(JSON.ParseError) -> [JSON.Member] {
    // String equality is canonical: two spellings of one text are the same name, as they are to lookup.
    var names: Set<String> = []
    return try list(until: "}") { parser throws(JSON.ParseError) in
      let start = parser.position
      guard parser.current == UInt8(ascii: "\"") else {
        throw parser.unexpected(wanted: "a name in quotes")
      }
      let key = try parser.string()
      guard names.insert(key).inserted else {
        throw parser.failure(
          "the name \(JSON.string(key).compact) stands twice in one object", at: start)
      }
      parser.skipSpace()
      guard parser.take(UInt8(ascii: ":")) else { throw parser.unexpected(wanted: "':'") }
      parser.skipSpace()
      return JSON.Member(key, try parser.value())
    }
  }

  mutating func digits() -> Int {
    let start = position
    while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
    return position - start
  }

  mutating func number() throws(JSON.ParseError) -> JSON {
    let start = position
    var isInteger = true
    let isNegative = take(UInt8(ascii: "-"))
    let first = position
    let count = digits()
    guard count > 0 else { throw unexpected(wanted: "a digit") }
    guard count == 1 || bytes[first] != UInt8(ascii: "0") else {
      throw failure("a number with a leading zero", at: first)
    }
    if take(UInt8(ascii: ".")) {
      isInteger = false
      guard digits() > 0 else { throw unexpected(wanted: "a digit") }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits() > 0 else { throw unexpected(wanted: "a digit") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, !(isNegative && bytes[first] == UInt8(ascii: "0")) {
      guard let value = Int(text) else {
        throw failure("an integer that does not fit 64 bits", at: start)
      }
      return .integer(value)
    }
    // "-0" comes here: as an integer it would lose its sign.
    guard let value = Double(text), value.isFinite else {
      throw failure("a number beyond the range of a Double", at: start)
    }
    return .number(value)
  }
}
