/// The name of a parameter in a message: the library calls it by its name, a command line spells its flag.
///
/// Errors say `\(parameter: "learning_rate")`; ``Parameter/spelled(_:by:)`` puts in its place whatever the one who shows
/// the message calls it.
public enum Parameter {
  /// What surrounds a name until it is spelled: characters for private use, which no other text has.
  private static let opening: Character = "\u{E000}"
  private static let closing: Character = "\u{E001}"

  /// A name as it stands in a message that is not spelled yet.
  fileprivate static func marked(_ name: String) -> String { "\(opening)\(name)\(closing)" }

  /// The message with each name in it replaced.
  public static func spelled(_ message: String, by spelling: (String) -> String) -> String {
    guard message.contains(opening) else { return message }
    let parts = message.split(separator: opening, omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(String(parts[0])) { text, part in
      guard let end = part.firstIndex(of: closing) else { return text + part }
      return text + spelling(String(part[..<end])) + part[part.index(after: end)...]
    }
  }
}

extension DefaultStringInterpolation {
  /// The name of a parameter, to be spelled by whoever shows the message.
  package mutating func appendInterpolation(parameter name: String) {
    appendLiteral(Parameter.marked(name))
  }
}
