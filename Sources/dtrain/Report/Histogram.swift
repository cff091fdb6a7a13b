import DTrainCore
import Glibc

/// Counts of numbers in bins side by side, as `evaluation.json` has them of residuals.
struct Histogram {
  /// The extent of a bin.
  private let width: Double
  /// Bin `i` is from `(first + i) · width` to the next.
  private let first: Int
  private let counts: [Int]
  /// How many numbers lie below the first bin, and above the last.
  private let below: Int, above: Int

  private static let drawnWidth = 440.0, height = 232.0
  /// Bins that hold less than this part of all numbers together, at each end, are not drawn.
  private static let outside = 0.002

  /// - Returns: nil for what makes no sense, or without any number.
  init?(_ json: JSON) {
    guard let width = json["width"]?.double, width > 0, let first = json["first"]?.int,
      (-1 << 20...1 << 20).contains(first), let items = json["counts"]?.items,
      items.count <= 1 << 16
    else { return nil }
    let counts = items.map { max(0, $0.int ?? 0) }
    let total = counts.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    guard total > 0 else { return nil }
    // Far outliers would leave one bar of the others.
    let most = Int(Double(total) * Self.outside)
    var (low, high, below, above) = (0, counts.count, 0, 0)
    while low < high - 1, below + counts[low] <= most {
      (below, low) = (below + counts[low], low + 1)
    }
    while high - 1 > low, above + counts[high - 1] <= most {
      (above, high) = (above + counts[high - 1], high - 1)
    }
    // Bins are merged in pairs, on both sides of 0 alike, until there are few enough to hold some numbers each: at most
    // twice the cube root of their number (Rice's rule).
    let mostBins = max(10, min(40, Int(2 * cbrt(Double(total)))))
    var factor = 1
    while (high - low) / factor > mostBins { factor *= 2 }
    func bin(_ index: Int) -> Int {
      Int((Double(first + index) / Double(factor)).rounded(.down))
    }
    var merged = [Int](repeating: 0, count: bin(high - 1) - bin(low) + 1)
    for index in low..<high { merged[bin(index) - bin(low)] += counts[index] }
    (self.width, self.first, self.counts) = (width * Double(factor), bin(low), merged)
    (self.below, self.above) = (below, above)
  }

  /// How many numbers are not drawn; empty where all are.
  var words: String {
    guard below + above > 0 else { return "" }
    return
      " \(NumberFormat.grouped(below)) below and \(NumberFormat.grouped(above)) above are not drawn."
  }

  /// - Complexity: O(bins).
  func drawing(xTitle: String, yTitle: String) -> Drawing {
    var drawing = Drawing(width: Self.drawnWidth, height: Self.height)
    let yAxis = Axis(counts.map { Double($0) }, startsAtZero: true)
    let (lowest, highest) = (
      Double(first) * width, Double(first + counts.count) * width
    )
    let xAxis = Axis([lowest, highest], ticks: 6)
    let left = 18 + max(24, yAxis.labels.map { Drawing.width(of: $0) }.max() ?? 0)
    let (right, top, bottom) = (Self.drawnWidth - 18, 24.0, Self.height - 40)
    func x(_ value: Double) -> Double { left + (right - left) * xAxis.place(value) }
    drawing.text(yTitle, 8, 12)
    for (tick, label) in zip(yAxis.ticks, yAxis.labels) {
      let y = bottom - (bottom - top) * yAxis.place(tick)
      drawing.line((left, y), (right, y), "grid")
      drawing.text(label, left - 6, y + 4, "number", anchor: .end)
    }
    for (index, count) in counts.enumerated() where count > 0 {
      let (start, end) = (Double(first + index) * width, Double(first + index + 1) * width)
      let y = bottom - (bottom - top) * yAxis.place(Double(count))
      drawing.rectangle(
        x(start) + 0.5, y, max(0.5, x(end) - x(start) - 1), bottom - y, "area c0",
        note: "\(NumberFormat.significant(start, 4)) to \(NumberFormat.significant(end, 4)): "
          + TrainingText.count(count, "row"))
    }
    for (tick, label) in zip(xAxis.ticks, xAxis.labels) {
      drawing.line((x(tick), bottom), (x(tick), bottom + 4), "axis")
      drawing.text(label, x(tick), bottom + 17, "number", anchor: .middle)
    }
    if xAxis.range.contains(0) { drawing.line((x(0), top), (x(0), bottom), "axis") }
    drawing.line((left, bottom), (right, bottom), "axis")
    drawing.text(xTitle, (left + right) / 2, bottom + 34, anchor: .middle)
    return drawing
  }
}
