/// A table of cells whose colours are their numbers: one colour above 0, another below.
struct HeatMap {
  let rowNames: [String], columnNames: [String]
  /// From -1 to 1, `[rows, columns]`.
  let shades: [Double]
  /// What is said of each cell, `[rows, columns]`.
  let notes: [String]
  /// What is written into cells that have room; empty for nothing.
  let labels: [String]

  private static let width = 440.0

  /// - Complexity: O(cells).
  var drawing: Drawing {
    let names = rowNames.map { Markup.shortened($0, to: 22) }
    let titles = columnNames.map { Markup.shortened($0, to: 20) }
    let left = 14 + (names.map { Drawing.width(of: $0) }.max() ?? 0)
    // Names of columns are turned; the first reaches to the left, the last not beyond the edge.
    let longest = titles.map { Drawing.width(of: $0) }.max() ?? 0
    let cell = (Self.width - left - 10) / Double(max(1, columnNames.count))
    let isTurned = longest + 4 > cell
    let top = 8.0
    let row = labels.isEmpty ? 13.0 : 22.0
    let bottom = top + row * Double(rowNames.count)
    var drawing = Drawing(
      width: Self.width, height: bottom + (isTurned ? 18 + longest * 0.72 : 24))
    for (index, name) in names.enumerated() {
      let y = top + row * Double(index)
      drawing.text(name, left - 6, y + row / 2 + 4, "number", anchor: .end)
      for column in columnNames.indices {
        let place = index * columnNames.count + column
        let shade = shades[place]
        let x = left + cell * Double(column)
        drawing.rectangle(
          x, y, cell, row, shade < 0 ? "cell low" : "cell high",
          opacity: min(1, shade.magnitude) * (labels.isEmpty ? 0.95 : 0.55), note: notes[place])
        if !labels.isEmpty, Drawing.width(of: labels[place]) < cell {
          drawing.text(labels[place], x + cell / 2, y + row / 2 + 4, "number ink", anchor: .middle)
        }
      }
    }
    for (column, title) in titles.enumerated() {
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
  }

  let tiles: [Tile]
  /// Height over width.
  let ratio: Double
  /// Whether names stand below the pictures.
  let isNamed: Bool

  private static let width = 440.0

  /// - Complexity: O(bytes of all pictures).
  var drawing: Drawing {
    let perRow = tiles.count <= 5 ? max(3, tiles.count) : tiles.count <= 20 ? 5 : 10
    let gap = 6.0
    let side = (Self.width - 16 + gap) / Double(perRow) - gap
    let step = side * ratio + gap + (isNamed ? 14 : 0)
    let rows = (tiles.count + perRow - 1) / perRow
    var drawing = Drawing(width: Self.width, height: 8 + step * Double(rows))
    for (index, tile) in tiles.enumerated() {
      let x = 8 + (side + gap) * Double(index % perRow)
      let y = 4 + step * Double(index / perRow)
      drawing.image(tile.png, x, y, side, side * ratio, note: tile.name)
      if isNamed {
        let name = Markup.shortened(tile.name, to: max(4, Int(side / 6.3)))
        drawing.text(name, x + side / 2, y + side * ratio + 12, "number", anchor: .middle)
      }
    }
    return drawing
  }
}
