/// Text of HTML and SVG.
enum Markup {
  /// A text that may stand between tags and in attributes: nothing in it is markup, and what would command a browser
  /// unseen is shown as a question mark.
  ///
  /// - Complexity: O(text).
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\n", "\t": escaped += " "
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
          .privateUse:
          escaped += "\u{FFFD}"
        default: escaped.unicodeScalars.append(scalar)
        }
      }
    }
    return escaped
  }

  /// An element.
  ///
  /// - Parameters:
  ///   - attributes: their values are escaped.
  ///   - content: markup.
  static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String = ""
  ) -> String {
    let words = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    // HTML knows no empty elements of most names; SVG takes both forms.
    return "<\(name)\(words)>\(content)</\(name)>"
  }

  /// An element around a text, which is escaped.
  static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String
  ) -> String {
    element(name, attributes, escaped(text))
  }

  /// A place or length in a drawing.
  static func length(_ value: Double) -> String {
    let text = NumberFormat.fixed(value, 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// A text of at most `count` characters, its middle left out where it is longer.
  static func shortened(_ text: String, to count: Int) -> String {
    guard text.count > count else { return text }
    return "\(text.prefix((count - 1) / 2))…\(text.suffix(count / 2))"
  }
}
