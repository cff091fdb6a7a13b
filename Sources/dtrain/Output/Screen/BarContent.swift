/// What a bar says, and how it is laid out in the columns that there are.
struct BarContent: Equatable {
  /// What is being done.
  var label: String
  /// How much of it is done, in 0...1; nil where nobody knows.
  var fraction: Double?
  /// Seconds since the command began, and until it is done; nil where nobody knows.
  var elapsed: Double
  var left: Double?
  /// More figures, the most important first.
  var figures: [String] = []

  /// A piece of the line, and how it is shown where there are colours.
  struct Piece: Equatable {
    let text: String
    var color = ""
  }

  private static let (fewestCells, mostCells) = (8, 32)
  /// Columns of the label, if it needs them, where the rest finds little room.
  private static let widestLabel = 24

  /// The pieces of a line that is shorter than `width` columns, so that no terminal wraps it.
  ///
  /// Where there is little room, the percentage comes before the time left, that before the time elapsed, the bar and the
  /// figures.
  func pieces(width: Int) -> [Piece] {
    var room = max(1, width - 1)
    let label = Terminal.shortened(label, to: max(min(room, Self.widestLabel), room - 40))
    room -= Terminal.columns(of: label)
    func take(_ text: String?) -> String {
      guard let text, text.count <= room else { return "" }
      room -= text.count
      return text
    }
    let bounded = fraction.map { max(0, min(1, $0.isNaN ? 0 : $0)) }
    // 100 % is for what is done.
    let percent = take(
      bounded.map { " \(NumberFormat.padded("\(Int($0 * 100))", 3)) %" })
    let remaining = take(left.map { "  \(NumberFormat.estimate($0)) left" })
    let gone = take("  \(NumberFormat.estimate(elapsed))\(remaining.isEmpty ? "" : ",")")
    var cells = 0
    if bounded != nil, room >= Self.fewestCells + 3 {
      cells = Self.fewestCells
      room -= cells + 3
    }
    var rest = ""
    for figure in figures {
      let text = take("  \(figure)")
      // A less important figure does not take the place of one that finds no room.
      if text.isEmpty { break }
      rest += text
    }
    if cells > 0 { cells = min(Self.mostCells, cells + room) }
    let filled = Int((bounded ?? 0) * Double(cells))
    let time = gone.isEmpty ? remaining : gone + remaining.dropFirst()
    return [
      Piece(text: label, color: "1"), Piece(text: cells > 0 ? " [" : ""),
      Piece(text: String(repeating: "=", count: filled), color: "32"),
      Piece(text: String(repeating: " ", count: cells - filled) + (cells > 0 ? "]" : "")),
      Piece(text: percent + time + rest),
    ].filter { !$0.text.isEmpty }
  }

  /// The line as text.
  func line(width: Int, isColored: Bool) -> String {
    pieces(width: width).map {
      isColored && !$0.color.isEmpty ? "\u{1B}[\($0.color)m\($0.text)\u{1B}[0m" : $0.text
    }.joined()
  }
}
