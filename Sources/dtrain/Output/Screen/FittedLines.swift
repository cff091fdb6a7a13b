/// Lines that fit the terminal that shows them, so that it breaks no path that somebody wants to copy.
enum FittedLines {
  /// A title and a path: behind each other, or below each other where only the path fits. Of a width that is nil, in one line.
  static func titled(_ title: String, _ path: String, width: Int?) -> [String] {
    let line = "\(title) \(path)"
    return fits(line, width) ? [line] : [title, path]
  }

  /// A command for a shell, in two lines where it does not fit one.
  static func command(_ first: String, _ rest: String, width: Int?) -> [String] {
    let line = "  \(first) \(rest)"
    return fits(line, width) ? [line] : ["\(first) \\", "  \(rest)"]
  }

  /// Parts behind a title, with blanks between them, in as many lines as are needed; further ones begin with two blanks.
  static func wrapped(_ title: String, _ parts: [String], width: Int?) -> [String] {
    var lines = [title]
    for part in parts {
      let longer = "\(lines[lines.count - 1]) \(part)"
      if fits(longer, width) { lines[lines.count - 1] = longer } else { lines.append("  \(part)") }
    }
    return lines
  }

  /// As many parts as fit, in their order, with two blanks between them.
  ///
  /// - Parameter parts: with the smallest ranks for the most important ones.
  static func important(_ parts: [(rank: Int, text: String)], width: Int?) -> String {
    func joined(_ parts: [(rank: Int, text: String)]) -> String {
      parts.map(\.text).joined(separator: "  ")
    }
    var parts = parts
    while parts.count > 1, !fits(joined(parts), width),
      let last = parts.indices.max(by: { parts[$0].rank < parts[$1].rank })
    {
      parts.remove(at: last)
    }
    return joined(parts)
  }

  /// A line of as many columns as a terminal has may take two of its lines.
  private static func fits(_ line: String, _ width: Int?) -> Bool {
    width.map { Terminal.columns(of: line) < $0 } ?? true
  }
}
