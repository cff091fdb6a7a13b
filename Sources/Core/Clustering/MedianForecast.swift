/// Where the medians of the next iteration will be, from the last ones and the rows that have changed
/// cluster since.
///
/// Of each old median it is known how many values lay below, and each change tells how many do now; the
/// distance of neighbouring values around it then says about how far away the new one is. A forecast that is
/// wrong costs time, never correctness.
struct MedianForecast {
  private let columns: Int
  /// For each column of each cluster: the lower of the middle numbers found last, how many values of all
  /// ranks lay below it, and the mean distance of neighbours around it; negative where nothing is known.
  private var middle: [Float]
  private var below: [Int64]
  private var spacing: [Double]
  /// How many values of this rank have come below `middle` since, less those that have gone.
  private(set) var displaced: [Int32]
  private(set) var isEmpty = true

  init(clusters: Int, columns: Int) {
    self.columns = columns
    middle = [Float](repeating: 0, count: clusters * columns)
    below = [Int64](repeating: 0, count: clusters * columns)
    spacing = [Double](repeating: -1, count: clusters * columns)
    displaced = [Int32](repeating: 0, count: clusters * columns)
  }

  /// Takes note of rows that have changed cluster.
  mutating func follow(_ changes: RowChanges, _ rows: RowBlock) {
    guard !isEmpty else { return }
    let columns = columns
    middle.withUnsafeBufferPointer { middle in
      displaced.withUnsafeMutableBufferPointer { displaced in
        let (middle, displaced) = (middle.baseAddress!, displaced.baseAddress!)
        changes.forEach { row, old, new in
          rows.withRow(row) { values in
            let values = values.baseAddress!
            for column in 0..<columns {
              displaced[new * columns + column] &+=
                values[column] < middle[new * columns + column] ? 1 : 0
            }
            guard old >= 0 else { return }
            for column in 0..<columns {
              displaced[old * columns + column] &-=
                values[column] < middle[old * columns + column] ? 1 : 0
            }
          }
        }
      }
    }
  }

  /// Keeps what was found of a median.
  ///
  /// - Parameters:
  ///   - displacement: of the pair, over all ranks.
  ///   - found: the distance of neighbours; nil where the values say nothing of it.
  mutating func record(
    _ pair: Int, middle value: Float, below count: Int64, displacement: Int, spacing found: Double?
  ) {
    let shift = Double(value) - Double(middle[pair])
    let passed = Double(count - below[pair] - Int64(displacement))
    if let found {
      spacing[pair] = found
    } else if spacing[pair] >= 0, shift != 0, passed != 0 {
      spacing[pair] = abs(shift / passed)
    } else {
      spacing[pair] = max(spacing[pair], 0)
    }
    middle[pair] = value
    below[pair] = count
    displaced[pair] = 0
    isEmpty = false
  }

  /// A range that will hold the numbers at two places of the pair, and the old one; nil where that would
  /// hold too many values or nothing is known.
  ///
  /// - Parameters:
  ///   - displacement: the sum of `displaced` over all ranks.
  ///   - size: how many values there are.
  func range(
    _ pair: Int, ranks: (first: Int64, second: Int64), displacement: Int, size: Int
  ) -> MedianRange? {
    guard spacing[pair] >= 0 else { return nil }
    let now = below[pair] + Int64(displacement)
    let (down, up) = (Double(min(0, ranks.first - now)), Double(max(0, ranks.second - now)))
    let far = max(-down, up)
    guard far <= Double(max(64, size / 64)) else { return nil }
    let slack = 8 + far / 4
    let center = Double(middle[pair])
    return MedianRange(
      lower: Float(center + (1.25 * down - slack) * spacing[pair]),
      // Where many are collected they may have to be narrowed down, which needs them all.
      middle: far <= 64 ? middle[pair] : .nan,
      upper: Float(center + (1.25 * up + slack) * spacing[pair]))
  }
}
