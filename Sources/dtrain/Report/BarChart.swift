/// Bars side by side, as of the sizes of clusters.
struct BarChart {
  let values: [Double]
  /// What each bar is; one for each value.
  let names: [String]
  let xTitle: String, yTitle: String

  private static let width = 440.0, height = 232.0

  /// - Complexity: O(values).
  var drawing: Drawing {
    var drawing = Drawing(width: Self.width, height: Self.height)
    let axis = Axis(values, startsAtZero: true)
    let left = 18 + max(24, axis.labels.map { Drawing.width(of: $0) }.max() ?? 0)
    let frame = Frame(left: left, right: Self.width - 14, top: 24, bottom: Self.height - 40)
    let bottom = frame.bottom
    drawing.levels(of: axis, in: frame, title: yTitle)
    let slot = (frame.right - left) / Double(max(1, values.count))
    // Names that would touch are left out.
    let widest = names.map { Drawing.width(of: $0) }.max() ?? 0
    let every = max(1, Int(((widest + 6) / slot).rounded(.up)))
    for (index, value) in values.enumerated() where value.isFinite {
      let x = left + slot * Double(index)
      let y = frame.y(value, on: axis)
      drawing.rectangle(
        x + slot * 0.1, min(y, bottom), slot * 0.8, (bottom - y).magnitude, "area c0",
        note: "\(names[index]): \(NumberFormat.significant(value, 6))")
      if index % every == 0 {
        drawing.text(names[index], x + slot / 2, bottom + 17, "number", anchor: .middle)
      }
    }
    drawing.base(of: frame, title: xTitle)
    return drawing
  }
}

/// Bars of parts, one below the other, as of the time that runs took.
struct StackedBars {
  struct Bar {
    let name: String
    /// One for each of ``StackedBars/parts``.
    let values: [Double]
  }

  let bars: [Bar]
  let parts: [String]
  let xTitle: String
  /// How a value is said.
  let words: (Double) -> String
  /// The colours of the parts; empty for the first ones.
  var colors: [Int] = []

  private func color(_ part: Int) -> Int { colors.isEmpty ? part : colors[part] }

  private static let width = 440.0

  /// - Complexity: O(bars · parts).
  var drawing: Drawing {
    let axis = Axis(bars.map { $0.values.reduce(0, +) }, startsAtZero: true, ticks: 6)
    let names = bars.map { Markup.shortened($0.name, to: 20) }
    // Letters are larger on phones.
    let left = 18 + 1.12 * (names.map { Drawing.width(of: $0) }.max() ?? 0)
    // Many bars are thin.
    let margin = max(18, Drawing.width(of: axis.labels.last ?? "") / 2 + 6)
    let (right, top, row) = (Self.width - margin, 10.0, bars.count <= 12 ? 30.0 : 15.0)
    let gap = row / 3
    let bottom = top + row * Double(bars.count)
    var drawing = Drawing(width: Self.width, height: bottom + 40)
    for (tick, label) in zip(axis.ticks, axis.labels) {
      let x = left + (right - left) * axis.place(tick)
      drawing.line((x, top), (x, bottom), "grid")
      drawing.text(label, x, bottom + 17, "number", anchor: .middle)
    }
    for (index, bar) in bars.enumerated() {
      let y = top + row * Double(index)
      drawing.text(names[index], left - 8, y + row / 2 + 4, anchor: .end)
      var sum = 0.0
      for (part, value) in bar.values.enumerated() where value > 0 {
        let x = left + (right - left) * axis.place(sum)
        sum += value
        drawing.rectangle(
          x, y + gap / 2, left + (right - left) * axis.place(sum) - x, row - gap,
          "area c\(color(part))",
          note: "\(bar.name): \(parts[part]) \(words(value))")
      }
    }
    drawing.line((left, top), (left, bottom), "axis")
    drawing.text(xTitle, (left + right) / 2, bottom + 34, anchor: .middle)
    drawing.legend(
      parts.enumerated().map { ($0.element, "area c\(color($0.offset))", 0) }, isArea: true)
    return drawing
  }
}
