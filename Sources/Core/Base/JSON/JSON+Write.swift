extension JSON {
  /// The value on one line, without white space.
  public var compact: String {
    var writer = JSONWriter(isPretty: false)
    writer.write(self, indent: 0)
    return writer.text
  }

  /// The value over many lines, indented by two spaces, with a line feed at the end. Arrays of plain
  /// values stay on one line.
  public var pretty: String {
    var writer = JSONWriter(isPretty: true)
    writer.write(self, indent: 0)
    return writer.text + "\n"
  }

  /// The same as ``pretty``, without characters that a terminal takes for commands: they can only stand in strings.
  public var harmless: String {
    pretty.unicodeScalars.reduce(into: "") { text, scalar in
      if TerminalText.isHarmful(scalar) {
        text += String(scalar).utf16.map { JSONWriter.escape(UInt32($0)) }.joined()
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  fileprivate var isNested: Bool { items != nil || members != nil }
}

/// Appends values to a text; the same value always gives the same bytes.
private struct JSONWriter {
  let isPretty: Bool
  var text = ""

  mutating func write(_ value: JSON, indent: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .integer(let integer): text += String(integer)
    case .number(let number):
      // Swift's description is the shortest text that reads back to the same bits, and always has a
      // fraction or an exponent, so a number never turns into an integer.
      text += number.isFinite ? number.description : "null"
    case .string(let string): write(string)
    case .array(let items):
      let isWrapped = isPretty && items.contains { $0.isNested }
      list("[", items, "]", indent: indent, isWrapped: isWrapped) { writer, item, inner in
        writer.write(item, indent: inner)
      }
    case .object(let members):
      list("{", members, "}", indent: indent, isWrapped: isPretty) { writer, member, inner in
        writer.write(member.key)
        writer.text += writer.isPretty ? ": " : ":"
        writer.write(member.value, indent: inner)
      }
    }
  }

  mutating func list<Element>(
    _ open: String, _ elements: [Element], _ close: String, indent: Int, isWrapped: Bool,
    _ body: (inout JSONWriter, Element, Int) -> Void
  ) {
    text += open
    let separator = isPretty && !isWrapped ? ", " : ","
    for (index, element) in elements.enumerated() {
      if index > 0 { text += separator }
      if isWrapped { breakLine(indent + 1) }
      body(&self, element, indent + 1)
    }
    if isWrapped, !elements.isEmpty { breakLine(indent) }
    text += close
  }

  mutating func breakLine(_ indent: Int) {
    text += "\n"
    text += String(repeating: "  ", count: indent)
  }

  /// A unit of UTF-16 as `\uNNNN`.
  static func escape(_ unit: UInt32) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  mutating func write(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{C}": text += "\\f"
      // The last of them would command a terminal.
      case "\0"..<" ", "\u{7f}"..."\u{9f}": text += Self.escape(scalar.value)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
