import DTrainCore

/// Marks on a plane whose origin is at the top left, as SVG. Colours are classes of ``ReportStyle``.
struct Drawing {
  let width: Double
  private(set) var height: Double
  private var marks: [String] = []

  init(width: Double, height: Double) { (self.width, self.height) = (width, height) }

  /// Makes room at the bottom.
  mutating func grow(to height: Double) { self.height = max(self.height, height) }

  /// Where a text is, of the point that it is at.
  enum Anchor: String { case start, middle, end }

  mutating func add(_ mark: String) { marks.append(mark) }

  mutating func line(
    _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ style: String
  ) {
    add(
      Markup.element(
        "line",
        [
          "class": style, "x1": Markup.length(from.x), "y1": Markup.length(from.y),
          "x2": Markup.length(to.x), "y2": Markup.length(to.y),
        ]))
  }

  /// - Parameter note: shown where a pointer rests on it.
  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String,
    opacity: Double? = nil, note: String
  ) {
    let fill = opacity.map { " fill-opacity=\"\(NumberFormat.fixed($0, 2))\"" } ?? ""
    add(
      """
      <rect class="\(style)" x="\(Markup.length(x))" y="\(Markup.length(y))" width="\(Markup.length(width))" \
      height="\(Markup.length(height))"\(fill)>\(Markup.element("title", text: note))</rect>
      """)
  }

  mutating func circle(_ x: Double, _ y: Double, _ radius: Double, _ style: String, note: String) {
    add(
      Markup.element(
        "circle",
        [
          "class": style, "cx": Markup.length(x), "cy": Markup.length(y),
          "r": Markup.length(radius),
        ], Markup.element("title", text: note)))
  }

  /// A line through points; nil interrupts it.
  mutating func path(_ points: [(x: Double, y: Double)?], _ style: String, note: String) {
    var data = ""
    var isOpen = false
    for point in points {
      guard let point else {
        isOpen = false
        continue
      }
      data += "\(isOpen ? "L" : "M")\(Markup.length(point.x)) \(Markup.length(point.y))"
      isOpen = true
    }
    add(
      Markup.element(
        "path", ["class": style, "d": data], Markup.element("title", text: note)))
  }

  /// Points as dots, all in one element.
  mutating func points(_ points: [(x: Double, y: Double)], _ style: String) {
    let data = points.map { "M\(Markup.length($0.x)) \(Markup.length($0.y))h0" }.joined()
    add(Markup.element("path", ["class": style, "d": data]))
  }

  /// Signs at some points, all in one element; nothing for the first of ``ReportStyle/signs``.
  mutating func signs(_ sign: Int, at points: [(x: Double, y: Double)], _ style: String) {
    let outline = ReportStyle.signs[sign]
    guard !outline.isEmpty else { return }
    let data = points.map { "M\(Markup.length($0.x)) \(Markup.length($0.y))\(outline)" }.joined()
    add(Markup.element("path", ["class": style, "d": data]))
  }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ style: String = "label",
    anchor: Anchor = .start, turned degrees: Double? = nil
  ) {
    let place = "\(Markup.length(x)) \(Markup.length(y))"
    let turn = degrees.map { " transform=\"rotate(\(Markup.length($0)) \(place))\"" } ?? ""
    add(
      """
      <text class="\(style)" x="\(Markup.length(x))" y="\(Markup.length(y))" \
      text-anchor="\(anchor.rawValue)"\(turn)>\(Markup.escaped(text))</text>
      """)
  }

  mutating func image(
    _ png: [UInt8], _ x: Double, _ y: Double, _ width: Double, _ height: Double, note: String
  ) {
    add(
      """
      <image class="pixels" x="\(Markup.length(x))" y="\(Markup.length(y))" width="\(Markup.length(width))" \
      height="\(Markup.length(height))" preserveAspectRatio="none" href="data:image/png;base64,\(Base64.encoded(png))">\
      \(Markup.element("title", text: note))</image>
      """)
  }

  /// Names of styles in rows below a drawing, each behind a sample of it.
  mutating func legend(
    _ entries: [(name: String, style: String, sign: Int)], isArea: Bool = false
  ) {
    let (left, room) = (8.0, width - 16)
    var (x, y) = (left, height + 12)
    for entry in entries {
      let name = Markup.shortened(entry.name, to: 52)
      let extent = 30 + Self.width(of: name) * 1.12 + 14
      if x > left, x + extent > left + room { (x, y) = (left, y + 17) }
      if isArea {
        rectangle(x + 8, y - 9, 12, 10, entry.style, note: entry.name)
      } else {
        line((x, y - 4), (x + 24, y - 4), entry.style)
        signs(entry.sign, at: [(x + 12, y - 4)], Self.dot(entry.style))
      }
      text(name, x + 30, y)
      x += extent
    }
    if !entries.isEmpty { height = y + 8 }
  }

  /// The style of dots in the colour of a line.
  private static func dot(_ style: String) -> String {
    "dot " + (style.split(separator: " ").first { $0.hasPrefix("c") } ?? "")
  }

  /// The same below a title.
  func titled(_ title: String) -> Drawing {
    let room = 22.0
    var titled = Drawing(width: width, height: height + room)
    titled.text(
      Markup.shortened(title, to: Int(width / Self.width(of: "n") * 0.9)), 8, 15, "ink heading")
    titled.add("<g transform=\"translate(0 \(Markup.length(room)))\">")
    titled.marks += marks
    titled.add("</g>")
    return titled
  }

  /// About how wide a text is.
  static func width(of text: String) -> Double { Double(text.count) * 6.3 }

  /// The drawing as a small part of a text, with nothing to say to those who do not see it.
  var key: String {
    "<svg class=\"key\" viewBox=\"0 0 \(Markup.length(width)) \(Markup.length(height))\" aria-hidden=\"true\">"
      + marks.joined() + "</svg>"
  }

  /// The drawing as an element of a page.
  ///
  /// - Parameters:
  ///   - title: said to those who do not see it.
  ///   - style: rules that it carries; nil where the page has them.
  func svg(title: String, style: String? = nil) -> String {
    let size = "\(Markup.length(width)) \(Markup.length(height))"
    let rules = style.map { "<style>\($0)</style>" } ?? ""
    let extent =
      style == nil
      ? "" : " width=\"\(Markup.length(width))\" height=\"\(Markup.length(height))\""
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)"\(extent) role="img" \
      aria-label="\(Markup.escaped(title))">\(rules)\(Markup.element("title", text: title))
      \(marks.joined(separator: "\n"))
      </svg>
      """
  }
}
