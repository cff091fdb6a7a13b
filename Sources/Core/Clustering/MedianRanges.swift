/// A range of values for each column of each cluster, as kernels read them.
///
/// Pairs are numbered cluster · columns + column, places cluster · stride + column, with the stride a multiple
/// of 16. A place without a range has the lower end above the upper.
struct MedianRanges {
  let clusters: Int
  let columns: Int
  let stride: Int
  let lower: AlignedFloats
  let middle: AlignedFloats
  let upper: AlignedFloats

  var pairs: Int { clusters * columns }
  var places: Int { clusters * stride }

  init(clusters: Int, columns: Int) {
    self.clusters = clusters
    self.columns = columns
    stride = AlignedFloats.stride(columns)
    lower = AlignedFloats(count: clusters * stride)
    middle = AlignedFloats(count: clusters * stride)
    upper = AlignedFloats(count: clusters * stride)
    clear()
  }

  func place(_ pair: Int) -> Int { pair / columns * stride + pair % columns }

  func pair(_ place: Int) -> Int { place / stride * columns + place % stride }

  /// Removes all ranges.
  func clear() {
    for place in 0..<places { set(place: place, nil) }
  }

  /// Sets the range of a pair; nil for none.
  func set(_ pair: Int, _ range: MedianRange?) { set(place: place(pair), range) }

  private func set(place: Int, _ range: MedianRange?) {
    lower.base[place] = range?.lower ?? .infinity
    middle.base[place] = range?.middle ?? .nan
    upper.base[place] = range?.upper ?? -.infinity
  }

  /// The range of a pair, if it has one.
  func range(_ pair: Int) -> MedianRange? {
    let place = place(pair)
    guard lower.base[place] <= upper.base[place] else { return nil }
    return MedianRange(
      lower: lower.base[place], middle: middle.base[place], upper: upper.base[place])
  }
}

/// A range of values, ends included, and a value in it that may be frequent; NaN for none.
struct MedianRange {
  var lower: Float
  var middle: Float
  var upper: Float

  var width: Double { Double(upper) - Double(lower) }
}
