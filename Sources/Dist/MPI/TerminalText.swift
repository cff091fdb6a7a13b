/// Text on its way to a terminal, where control characters would be commands.
public enum TerminalText {
  /// The text with control characters, but for line ends and tabs, as `\xNN`; bytes that are no text likewise.
  ///
  /// - Complexity: O(text); texts without such characters are returned as they are.
  ///
  /// Lines are cut where they are longer than any that this program makes.
  public static func harmless(_ text: String) -> String { escaped(shortened(text)) }

  /// The same of a text of which no part may be missing.
  ///
  /// - Complexity: O(text).
  package static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    return text.unicodeScalars.reduce(into: "") { shown, scalar in
      if isHarmful(scalar) {
        shown += scalar.escaped
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
  }

  /// The characters of a line that is too long, and what is shown of its beginning and its end.
  private static let (longest, first, last) = (2000, 1400, 400)

  private static func shortened(_ text: String) -> String {
    guard text.utf8.count > longest else { return text }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { line in
      line.count <= longest ? String(line) : "\(line.prefix(first)) … \(line.suffix(last))"
    }.joined(separator: "\n")
  }

  /// Whether a terminal could take a character for more than itself.
  package static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x7f || scalar.value < 0x20 else { return false }
    return switch scalar.properties.generalCategory {
    case .control: scalar != "\n" && scalar != "\t"
    case .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    case .privateUse: scalar.foreignByte != nil
    default: false
    }
  }
}

extension Unicode.Scalar {
  /// The character as a message shows it, `\xNN` with two digits or more; the byte that it stands for in text of the
  /// system.
  package var escaped: String {
    let digits = String(foreignByte.map { UInt32($0) } ?? value, radix: 16)
    return "\\x" + (digits.count < 2 ? "0" : "") + digits
  }
}
