import DTrainCore

/// A text with places that are filled in, each written as `{{name}}`.
struct ReportTemplate {
  let text: String

  /// The page of a report. It asks for nothing from elsewhere, and browsers are told so.
  static let page = ReportTemplate(
    text: """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width,initial-scale=1">
      \(RunDirectory.reportMark){{version}}">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
      <link rel="icon" href="data:,">
      <title>{{title}}</title>
      <style>
      {{style}}
      </style>
      </head>
      <body>
      <header>
      <h1>{{title}}</h1>
      <p class="soft">{{subtitle}}</p>
      </header>
      <main>
      {{body}}
      </main>
      </body>
      </html>

      """)

  /// The text with its places filled in; what is filled in is not searched for places.
  ///
  /// A place without a value, or a value without a place, is a programmer's error.
  ///
  /// - Parameter values: markup.
  /// - Complexity: O(text + values).
  func filled(_ values: [String: String]) -> String {
    var filled = ""
    var unused = Set(values.keys)
    var rest = text[...]
    while let start = Self.range(of: "{{", in: rest) {
      let after = rest[start.upperBound...]
      guard let end = Self.range(of: "}}", in: after) else { break }
      let name = String(after[..<end.lowerBound])
      guard let value = values[name] else { preconditionFailure("no value for {{\(name)}}") }
      unused.remove(name)
      filled += rest[..<start.lowerBound] + value
      rest = after[end.upperBound...]
    }
    precondition(unused.isEmpty, "no place for \(unused.sorted())")
    return filled + rest
  }

  /// Where two characters stand.
  private static func range(of pair: String, in text: Substring) -> Range<Substring.Index>? {
    var place = text.startIndex
    while place < text.endIndex {
      if text[place...].hasPrefix(pair) { return place..<text.index(place, offsetBy: 2) }
      place = text.index(after: place)
    }
    return nil
  }
}
