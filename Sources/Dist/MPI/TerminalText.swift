/// Text on its way to a terminal, where control characters would be commands.
public enum TerminalText {
  /// The text with control characters, but for line ends and tabs, as `\xNN`; bytes that are no text likewise.
  ///
  /// - Complexity: O(text); texts without such characters are returned as they are.
  public static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    return text.unicodeScalars.reduce(into: "") { shown, scalar in
      if isHarmful(scalar) {
        shown += "\\x" + String(scalar.foreignByte.map { UInt32($0) } ?? scalar.value, radix: 16)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x7f || scalar.value < 0x20 else { return false }
    return switch scalar.properties.generalCategory {
    case .control: scalar != "\n" && scalar != "\t"
    case .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    case .privateUse: scalar.foreignByte != nil
    default: false
    }
  }
}
