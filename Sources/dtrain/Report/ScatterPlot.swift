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
    let (right, top, bottom) = (Self.width - 18, 24.0, Self.height - 40)
    func x(_ value: Double) -> Double { left + (right - left) * axis.place(value) }
    func y(_ value: Double) -> Double { bottom - (bottom - top) * axis.place(value) }
    drawing.text(yTitle, 8, 12)
    // Labels below must not touch.
    let widest = axis.labels.map { Drawing.width(of: $0) }.max() ?? 0
    let room = (right - left) / Double(max(1, axis.ticks.count - 1))
    let every = max(1, Int(((widest + 8) / room).rounded(.up)))
    for (index, (tick, label)) in zip(axis.ticks, axis.labels).enumerated() {
      drawing.line((left, y(tick)), (right, y(tick)), "grid")
      drawing.line((x(tick), top), (x(tick), bottom), "grid")
      drawing.text(label, left - 6, y(tick) + 4, "number", anchor: .end)
      if index % every == 0 { drawing.text(label, x(tick), bottom + 17, "number", anchor: .middle) }
    }
    drawing.line((left, bottom), (right, bottom), "axis")
    drawing.line((left, bottom), (left, top), "axis")
    drawing.line(
      (x(axis.range.lowerBound), y(axis.range.lowerBound)),
      (x(axis.range.upperBound), y(axis.range.upperBound)), "line c1 d1")
    drawing.points(
      points.filter { $0.x.isFinite && $0.y.isFinite }.map { (x($0.x), y($0.y)) }, "points c0")
    drawing.text(xTitle, (left + right) / 2, bottom + 34, anchor: .middle)
    return drawing
  }
}
