/// A table of cells whose colours are their numbers: one colour above 0, another below.
struct HeatMap {
  let rowNames: [String], columnNames: [String]
  /// From -1 to 1, `[rows, columns]`.
  let shades: [Double]
  /// What is said of each cell, `[rows, columns]`.
  let notes: [String]
  /// What is written into cells, `[rows, columns]`, in forms from the longest to the shortest: the first of which all fit
  /// is taken, and none where one does not. Empty for nothing.
  let labels: [[String]]
  /// What the columns and the rows are; empty for nothing.
  var xTitle = "", yTitle = ""

  private static let width = 440.0

  /// - Complexity: O(cells).
  var drawing: Drawing {
    let names = rowNames.map { Markup.shortened($0, to: 22) }
    let titles = columnNames.map { Markup.shortened($0, to: 20) }
    let left = (yTitle.isEmpty ? 14 : 30) + (names.map { Drawing.width(of: $0) }.max() ?? 0)
    // Names of columns are turned; the first reaches to the left, the last not beyond the edge.
    let longest = titles.map { Drawing.width(of: $0) }.max() ?? 0
    let cell = (Self.width - left - 10) / Double(max(1, columnNames.count))
    let isTurned = longest + 4 > cell
    // Some cells with a label and others without would look as if these had no number.
    let fitting = labels.first { $0.allSatisfy { Drawing.width(of: $0) < cell } }
    let top = 8.0
    // Many rows are as high as they are wide, and have a name here and there.
    let row = labels.isEmpty ? (rowNames.count > 32 ? min(13, cell) : 13) : 22.0
    let isDense = row < 8
    let (every, everyColumn) = (Int((12 / row).rounded(.up)), Int((12 / cell).rounded(.up)))
    let bottom = top + row * Double(rowNames.count)
    let below = bottom + (isTurned ? 18 + longest * 0.72 : 24)
    var drawing = Drawing(width: Self.width, height: below + (xTitle.isEmpty ? 0 : 16))
    if !xTitle.isEmpty {
      drawing.text(xTitle, (left + Self.width - 10) / 2, below + 8, anchor: .middle)
    }
    if !yTitle.isEmpty {
      drawing.text(yTitle, 14, (top + bottom) / 2, anchor: .middle, turned: -90)
    }
    for (index, name) in names.enumerated() {
      let y = top + row * Double(index)
      if index % every == 0 {
        drawing.text(name, left - 6, y + row / 2 + 4, "number", anchor: .end)
      }
      for column in columnNames.indices {
        let place = index * columnNames.count + column
        let shade = shades[place]
        let x = left + cell * Double(column)
        // Thousands of cells without anything in them would make the file large.
        if isDense, shade == 0 { continue }
        drawing.rectangle(
          x, y, cell, row, (shade < 0 ? "cell low" : "cell high") + (isDense ? " dense" : ""),
          opacity: min(1, shade.magnitude) * (labels.isEmpty ? 0.95 : 0.55), note: notes[place])
        if let label = fitting?[place], !label.isEmpty {
          drawing.text(label, x + cell / 2, y + row / 2 + 4, "number ink", anchor: .middle)
        }
      }
    }
    for (column, title) in titles.enumerated() where column % everyColumn == 0 {
      let x = left + cell * (Double(column) + 0.5)
      if isTurned {
        drawing.text(title, x + 4, bottom + 12, "number", anchor: .end, turned: -45)
      } else {
        drawing.text(title, x, bottom + 16, "number", anchor: .middle)
      }
    }
    return drawing
  }
}

/// Pictures side by side, as of weights over the points of images.
struct PictureSheet {
  struct Tile {
    let png: [UInt8]
    let name: String
    /// What a pointer that rests on it is told; nil for its name.
    var note: String?
    /// A second line below it; nil for none.
    var remark: String?
  }

  let tiles: [Tile]
  /// Height over width.
  let ratio: Double
  /// Whether names stand below the pictures.
  let isNamed: Bool
  /// How many stand side by side; nil where their number decides.
  var perRow: Int?

  private static let width = 440.0

  /// - Complexity: O(bytes of all pictures).
  var drawing: Drawing {
    let perRow =
      self.perRow ?? (tiles.count <= 5 ? max(3, tiles.count) : tiles.count <= 20 ? 5 : 10)
    let gap = 6.0
    let side = (Self.width - 16 + gap) / Double(perRow) - gap
    let lines = !isNamed ? 0.0 : tiles.contains { $0.remark != nil } ? 2 : 1
    let step = side * ratio + gap + 14 * lines
    let rows = (tiles.count + perRow - 1) / perRow
    var drawing = Drawing(width: Self.width, height: 8 + step * Double(rows))
    for (index, tile) in tiles.enumerated() {
      let x = 8 + (side + gap) * Double(index % perRow)
      let y = 4 + step * Double(index / perRow)
      drawing.image(tile.png, x, y, side, side * ratio, note: tile.note ?? tile.name)
      let texts = isNamed ? [tile.name, tile.remark ?? ""] : []
      for (index, text) in texts.enumerated() where !text.isEmpty {
        drawing.text(
          Markup.shortened(text, to: max(4, Int(side / 6.3))), x + side / 2,
          y + side * ratio + 12 + 14 * Double(index), "number", anchor: .middle)
      }
    }
    return drawing
  }
}
