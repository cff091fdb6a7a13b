import DTrainCore

/// Lines of cells under titles, fitted to a width.
struct TextTable {
  /// A column: its title, and whether its cells stand at the right.
  struct Column {
    let title: String
    var isNumeric = false
    /// Whether the column may be left out where the terminal is narrow.
    var isOptional = false
    /// Whether it is left out before those, once for all lines: they all have the same cell.
    var isRepeated = false
  }

  let columns: [Column]
  /// A cell for each column; or a first cell and what follows it in words, over all others.
  var rows: [Row] = []

  enum Row {
    case cells([String])
    case sentence(String, String)
  }

  /// The lines of the table, the titles first, none wider than `width`; the titles of columns that found no room; and
  /// the columns that were left out since all lines are the same there, each with its cell.
  ///
  /// - Parameter width: nil for no limit.
  func lines(width: Int?) -> (lines: [String], omitted: [String], shared: [String]) {
    var widths = columns.map(\.title.count)
    for case .cells(let cells) in rows {
      for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.count) }
    }
    for case .sentence(let name, _) in rows { widths[0] = max(widths[0], name.count) }
    var shown = Array(columns.indices)
    func total() -> Int { shown.reduce(0) { $0 + widths[$1] } + 2 * (shown.count - 1) }
    if let width {
      while total() > width,
        let last = shown.last(where: { columns[$0].isRepeated })
          ?? shown.last(where: { columns[$0].isOptional })
      {
        shown.removeAll { $0 == last }
      }
      // What is left is the names: their beginnings are alike, so these go.
      widths[0] = max(min(8, widths[0]), min(widths[0], widths[0] - (total() - width)))
    }
    let hidden = columns.indices.filter { !shown.contains($0) }
    let omitted = hidden.filter { !columns[$0].isRepeated }.map { columns[$0].title }
    let shared = hidden.filter { columns[$0].isRepeated }.compactMap { index -> String? in
      for case .cells(let cells) in rows { return "\(columns[index].title) \(cells[index])" }
      return nil
    }
    func line(_ cells: [String]) -> String {
      let text = shown.map { index in
        let cell = Self.cut(cells[index], to: widths[index])
        let gap = String(repeating: " ", count: widths[index] - cell.count)
        return columns[index].isNumeric ? gap + cell : cell + gap
      }.joined(separator: "  ")
      return Self.end(text, at: width)
    }
    let body = rows.map { row in
      switch row {
      case .cells(let cells): return line(cells)
      case .sentence(let name, let words):
        let first = Self.cut(name, to: widths[0])
        let gap = String(repeating: " ", count: widths[0] - first.count)
        return Self.end("\(first)\(gap)  \(words)", at: width)
      }
    }
    return ([line(columns.map(\.title))] + body, omitted, shared)
  }

  /// The end of a text that is too long: of paths it tells more than the beginning.
  private static func cut(_ text: String, to width: Int) -> String {
    text.count <= width ? text : "…" + text.suffix(width - 1)
  }

  /// A line without blanks at its end, cut to a width.
  private static func end(_ line: String, at width: Int?) -> String {
    var line = line
    if let width, line.count > width { line = line.prefix(max(0, width - 1)) + "…" }
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}
