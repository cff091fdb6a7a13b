/// Points over a plane whose two axes are the same, with the line on which both numbers are equal.
struct ScatterPlot {
  let points: [(x: Double, y: Double)]
  let xTitle: String, yTitle: String

  private static let width = 440.0, height = 330.0

  init(points: [(Double, Double)], xTitle: String, yTitle: String) {
    self.points = points.map { (x: $0.0, y: $0.1) }
    (self.xTitle, self.yTitle) = (xTitle, yTitle)
  }

  /// - Complexity: O(points).
  var drawing: Drawing {
    var drawing = Drawing(width: Self.width, height: Self.height)
    let axis = Axis(points.flatMap { [$0.x, $0.y] })
    let left = 18 + max(24, axis.labels.map { Drawing.width(of: $0) }.max() ?? 0)
    let frame = Frame(left: left, right: Self.width - 18, top: 24, bottom: Self.height - 40)
    func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
      (frame.x(x, on: axis), frame.y(y, on: axis))
    }
    drawing.levels(of: axis, in: frame, title: yTitle)
    // Labels below must not touch.
    let widest = axis.labels.map { Drawing.width(of: $0) }.max() ?? 0
    let room = (frame.right - left) / Double(max(1, axis.ticks.count - 1))
    let every = max(1, Int(((widest + 8) / room).rounded(.up)))
    for (index, (tick, label)) in zip(axis.ticks, axis.labels).enumerated() {
      let x = frame.x(tick, on: axis)
      drawing.line((x, frame.top), (x, frame.bottom), "grid")
      if index % every == 0 {
        drawing.text(label, x, frame.bottom + 17, "number", anchor: .middle)
      }
    }
    drawing.line((left, frame.bottom), (left, frame.top), "axis")
    let (low, high) = (axis.range.lowerBound, axis.range.upperBound)
    drawing.line(place(low, low), place(high, high), "line c1 d1")
    let shown = points.filter { $0.x.isFinite && $0.y.isFinite }
    drawing.points(shown.map { place($0.x, $0.y) }, "points c0")
    drawing.base(of: frame, title: xTitle)
    return drawing
  }
}
