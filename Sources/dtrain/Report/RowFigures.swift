import DTrainCore

/// First-layer weights and centers: as images where rows are images, else over their columns.
enum RowFigures {
  /// At most this many images; tables of this many rows and columns; lines.
  private static let mostTiles = 100, mostTableRows = 24, mostTableColumns = 32, mostLines = 6

  /// The picture of what a run has; nil where it has nothing yet.
  ///
  /// - Parameter suffix: what tells pictures of several runs apart.
  /// - Complexity: O(rows · columns).
  static func figure(_ run: ReportedRun, suffix: String) -> ReportFigure? {
    guard let rows = run.history.rows, rows.count > 0, rows.columns > 0 else { return nil }
    let sizes = run.outcome["sizes"]?.items?.map { $0.double ?? 0 } ?? []
    if let extents = ImageExtents(rows.shape), extents.count == rows.columns {
      return images(rows, extents, sizes, suffix)
    }
    return rows.columns <= mostTableColumns
      ? table(rows, sizes, suffix) : profiles(rows, sizes, suffix)
  }

  private static func name(_ rows: FeatureRows, _ index: Int, _ sizes: [Double]) -> String {
    guard rows.kind == .centers else { return "unit \(index)" }
    guard sizes.count == rows.count else { return "\(index)" }
    return "\(index) (\(LineChart.words(sizes[index])))"
  }

  private static func fileName(_ rows: FeatureRows) -> String {
    rows.kind == .weights ? "weights" : "centers"
  }

  private static func title(_ rows: FeatureRows) -> String {
    rows.kind == .weights ? "Weights of the first layer" : "Centers"
  }

  /// Centers in their order; units with the largest weights first.
  private static func shown(_ rows: FeatureRows, most: Int) -> (indices: [Int], words: String) {
    if rows.kind == .centers {
      let words =
        rows.count <= most ? "" : "The first \(most) of \(NumberFormat.grouped(rows.count)). "
      return (Array(0..<min(most, rows.count)), words)
    }
    let norms = (0..<rows.count).map { row in
      rows.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }
    }
    let order = norms.indices.sorted { (norms[$1], $0) < (norms[$0], $1) }
    let words =
      rows.count <= most
      ? "Units with the largest weights first. "
      : "The \(most) of \(NumberFormat.grouped(rows.count)) units with the largest weights. "
    return (Array(order.prefix(most)), words)
  }

  private static func images(
    _ rows: FeatureRows, _ extents: ImageExtents, _ sizes: [Double], _ suffix: String
  ) -> ReportFigure {
    let (indices, words) = shown(rows, most: mostTiles)
    let values = indices.flatMap { rows.row($0) }
    let isSigned = rows.kind == .weights || (values.min() ?? 0) < 0
    // A few large weights would leave the others pale.
    let range = isSigned ? Self.reach(values) : (values.min() ?? 0)...(values.max() ?? 0)
    let tiles = indices.map { index in
      PictureSheet.Tile(
        png: extents.picture(rows.row(index), range: range, isSigned: isSigned).encoded,
        name: name(rows, index, sizes))
    }
    let largest = Double(max(range.upperBound.magnitude, range.lowerBound.magnitude))
    let scale =
      isSigned && extents.channels == 1
      ? "Orange is above 0, blue below; the strongest colour is \(NumberFormat.significant(largest, 3)) and beyond."
      : "Black is \(NumberFormat.significant(Double(range.lowerBound), 3)), white "
        + "\(NumberFormat.significant(Double(range.upperBound), 3))."
    let counts =
      rows.kind == .centers && sizes.count == rows.count ? " In parentheses the rows of each." : ""
    let sheet = PictureSheet(
      tiles: tiles, ratio: Double(extents.height) / Double(extents.width),
      isNamed: rows.kind == .centers)
    return ReportFigure(
      name: "\(fileName(rows))\(suffix)", title: title(rows), caption: words + scale + counts,
      drawing: sheet.drawing)
  }

  /// From -r to r, where all magnitudes but a hundredth are at most r.
  private static func reach(_ values: [Float]) -> ClosedRange<Float> {
    let sorted = values.map(\.magnitude).sorted()
    let reach = sorted[(sorted.count - 1) * 99 / 100]
    return reach > 0 ? -reach...reach : -sorted.last!...sorted.last!
  }

  private static func columnNames(_ rows: FeatureRows) -> [String] {
    rows.columnNames.count == rows.columns
      ? rows.columnNames : (0..<rows.columns).map { "\($0)" }
  }

  /// The digits of numbers in cells, the most first.
  private static let labelDigits = [4, 3, 2]

  private static func table(
    _ rows: FeatureRows, _ sizes: [Double], _ suffix: String
  ) -> ReportFigure {
    let (indices, words) = shown(rows, most: mostTableRows)
    let names = columnNames(rows)
    // Weights share a scale; columns of centers have units of their own.
    let largest = Double(indices.flatMap { rows.row($0) }.map(\.magnitude).max() ?? 0)
    let spread = (0..<rows.columns).map { column -> (middle: Double, reach: Double) in
      if rows.kind == .weights { return (0, largest) }
      let values = indices.map { Double(rows.values[$0 * rows.columns + column]) }
      let middle = values.reduce(0, +) / Double(values.count)
      return (middle, values.map { ($0 - middle).magnitude }.max() ?? 0)
    }
    var (shades, notes): ([Double], [String]) = ([], [])
    var labels: [[String]] = rows.kind == .centers ? labelDigits.map { _ in [] } : []
    for index in indices {
      for (column, value) in rows.row(index).enumerated() {
        let (middle, reach) = spread[column]
        shades.append(reach > 0 ? (Double(value) - middle) / reach : 0)
        let text = NumberFormat.significant(Double(value), 4)
        notes.append("\(name(rows, index, sizes)), \(names[column]): \(text)")
        for place in labels.indices {
          labels[place].append(NumberFormat.significant(Double(value), labelDigits[place]))
        }
      }
    }
    let map = HeatMap(
      rowNames: indices.map { name(rows, $0, sizes) }, columnNames: names, shades: shades,
      notes: notes, labels: labels)
    let scale =
      rows.kind == .weights
      ? "Orange is above 0, blue below; the strongest colour is \(NumberFormat.significant(largest, 3))."
      : "A line for each center\(sizes.count == rows.count ? ", in parentheses its rows" : ""). In each column orange is "
        + "above the mean of the centers, blue below."
    return ReportFigure(
      name: "\(fileName(rows))\(suffix)", title: "\(title(rows)) by column",
      caption: words + scale, drawing: map.drawing)
  }

  private static func profiles(
    _ rows: FeatureRows, _ sizes: [Double], _ suffix: String
  ) -> ReportFigure {
    let (indices, words) = shown(rows, most: mostLines)
    let lines = indices.enumerated().map { place, index in
      LineChart.Line(
        name: name(rows, index, sizes), color: place % ReportStyle.colors, dash: 0,
        points: rows.row(index).enumerated().map { (Double($0.offset), Double($0.element)) })
    }
    var chart = LineChart(
      lines: lines, xTitle: "column",
      yTitle: rows.kind == .weights
        ? "weight" : rows.areDirections ? "center, of length 1" : "center, in units of the data")
    chart.isLogarithmic = false
    return ReportFigure(
      name: "\(fileName(rows))\(suffix)", title: "\(title(rows)) by column", caption: words,
      drawing: chart.drawing)
  }
}
