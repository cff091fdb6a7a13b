/// Lines over an axis.
struct LineChart {
  /// Points that belong together.
  struct Line {
    let name: String
    /// The colour, and how it is broken: see ``ReportStyle``.
    let color: Int, dash: Int
    /// In the order in which they are joined.
    let points: [(x: Double, y: Double)]
    /// The sign that tells it from others of its colour: see ``ReportStyle/signs``.
    var sign = 0
    /// Whether the axis upwards shows all of its points; of others it shows what lies between those.
    var setsAxis = true
    /// A point that stands out, and what it is.
    var emphasis: (x: Double, y: Double, note: String)? = nil
  }

  var lines: [Line]
  let xTitle: String, yTitle: String
  /// Whether powers of ten are equally far apart; nil where the numbers decide.
  var isLogarithmic: Bool? = nil
  /// Whether 0 is shown.
  var startsAtZero = false
  /// Whether each point is marked.
  var marksPoints = false
  /// Whether names stand below, as they need to where there are several lines.
  var isNamed = true
  /// These names and the styles of their lines; nil for those of ``lines``.
  var legend: [(name: String, style: String, sign: Int)]?

  /// Positive numbers that differ by more than this are shown by their powers of ten.
  private static let widestLinearRatio = 50.0
  /// A line has its sign at this many points.
  private static let signsOfLine = 8
  private static let width = 440.0, height = 232.0

  /// - Complexity: O(points).
  var drawing: Drawing {
    var drawing = Drawing(width: Self.width, height: Self.height)
    let xAxis = Axis(lines.flatMap { $0.points.map(\.x) }, isCounted: true, ticks: 6)
    let values = lines.filter(\.setsAxis).flatMap { $0.points.map(\.y) }
    let yAxis = Axis(
      values, isLogarithmic: isLogarithmic ?? Self.isWide(values), startsAtZero: startsAtZero)
    let left = 18 + max(24, yAxis.labels.map { Drawing.width(of: $0) }.max() ?? 0)
    let frame = Frame(left: left, right: Self.width - 14, top: 24, bottom: Self.height - 40)
    func place(_ point: (x: Double, y: Double), of line: Line) -> (x: Double, y: Double)? {
      guard xAxis.shows(point.x), yAxis.shows(point.y),
        line.setsAxis || yAxis.range.contains(point.y)
      else { return nil }
      return (frame.x(point.x, on: xAxis), frame.y(point.y, on: yAxis))
    }
    drawing.levels(of: yAxis, in: frame, title: yTitle)
    drawing.ticks(of: xAxis, in: frame, title: xTitle)

    for line in lines {
      let thinned = Self.thinned(line.points)
      var path: [(x: Double, y: Double)?] = []
      for (index, point) in thinned.enumerated() {
        // Where x goes back, something began anew.
        if index > 0, point.x <= thinned[index - 1].x { path.append(nil) }
        path.append(place(point, of: line))
      }
      let style = "line c\(line.color) d\(line.dash)"
      drawing.path(path, style, note: line.name)
      let shown = path.compactMap { $0 }
      let signs = min(Self.signsOfLine, shown.count)
      drawing.signs(
        line.sign, at: (0..<signs).map { shown[$0 * (shown.count - 1) / max(1, signs - 1)] },
        "dot c\(line.color)")
      if line.sign == 0, marksPoints || shown.count == 1 {
        for point in thinned {
          guard let at = place(point, of: line) else { continue }
          let note = "\(line.name): \(xTitle) \(Self.words(point.x)), \(Self.words(point.y))"
          drawing.circle(at.x, at.y, 3, "dot c\(line.color)", note: note)
        }
      }
      if let emphasis = line.emphasis, let at = place((emphasis.x, emphasis.y), of: line) {
        drawing.circle(at.x, at.y, 4.5, "ring c\(line.color)", note: emphasis.note)
      }
    }
    if isNamed {
      drawing.legend(
        legend ?? lines.map { ($0.name, "line c\($0.color) d\($0.dash)", $0.sign) })
    }
    return drawing
  }

  private static func isWide(_ values: [Double]) -> Bool {
    let shown = values.filter(\.isFinite)
    guard let low = shown.min(), let high = shown.max(), low > 0 else { return false }
    return high / low > widestLinearRatio
  }

  /// At most four points for each of 300 stretches: its first, lowest, highest and last.
  static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    let stretches = 300
    guard points.count > 4 * stretches else { return points }
    return (0..<stretches).flatMap { stretch -> [(x: Double, y: Double)] in
      let part =
        points.count * stretch / stretches..<points.count * (stretch + 1) / stretches
      let low = part.min { points[$0].y < points[$1].y }!
      let high = part.max { points[$0].y < points[$1].y }!
      return Set([part.lowerBound, low, high, part.upperBound - 1]).sorted().map { points[$0] }
    }
  }

  /// A number in a text: integers whole, others with five digits.
  static func words(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15
      ? NumberFormat.grouped(Int(value)) : NumberFormat.significant(value, 5)
  }
}
