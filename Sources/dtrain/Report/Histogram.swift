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
    guard let width = json["width"]?.double, width > 0, width < 1e300,
      let first = json["first"]?.int,
      (-1 << 20...1 << 20).contains(first), let items = json["counts"]?.items,
      items.count <= 1 << 16
    else { return nil }
    // No data have more rows; a damaged file may say so.
    let counts = items.map { min(max(0, $0.int ?? 0), 1 << 45) }
    let total = counts.reduce(0, +)
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
    let frame = Frame(left: left, right: Self.drawnWidth - 18, top: 24, bottom: Self.height - 40)
    drawing.levels(of: yAxis, in: frame, title: yTitle)
    for (index, count) in counts.enumerated() where count > 0 {
      let (start, end) = (Double(first + index) * width, Double(first + index + 1) * width)
      let (x, y) = (frame.x(start, on: xAxis), frame.y(Double(count), on: yAxis))
      drawing.rectangle(
        x + 0.5, y, max(0.5, frame.x(end, on: xAxis) - x - 1), frame.bottom - y, "area c0",
        note: "\(NumberFormat.significant(start, 4)) to \(NumberFormat.significant(end, 4)): "
          + "\(TrainingText.count(count, "row"))")
    }
    if xAxis.range.contains(0) {
      let x = frame.x(0, on: xAxis)
      drawing.line((x, frame.top), (x, frame.bottom), "axis")
    }
    drawing.ticks(of: xAxis, in: frame, title: xTitle)
    return drawing
  }
}
