/// For each column of each cluster a range of codes, as kernels read them: `[clusters, stride]`, with the stride a
/// power of two from 16.
final class CodeRanges {
  let columns: Int
  let stride: Int
  let first: AlignedArray<Int32>
  let last: AlignedArray<Int32>
  /// A number that goes with each range.
  let tags: AlignedArray<Int32>
  private var pairs: [Int] = []

  init(clusters: Int, columns: Int) {
    self.columns = columns
    stride = max(16, 1 << (Int.bitWidth - (columns - 1).leadingZeroBitCount))
    first = AlignedArray(count: clusters * stride)
    last = AlignedArray(count: clusters * stride)
    tags = AlignedArray(count: clusters * stride)
    for place in 0..<clusters * stride { clear(place) }
  }

  private func clear(_ place: Int) { (first.base[place], last.base[place]) = (1 << 16, -1) }

  /// Where the range of a pair stands.
  func place(_ pair: Int) -> Int { pair / columns * stride + pair % columns }

  /// Sets the range of a pair, which has none.
  func set(_ pair: Int, _ codes: ClosedRange<Int>, tag: Int) {
    let place = place(pair)
    first.base[place] = Int32(codes.lowerBound)
    last.base[place] = Int32(codes.upperBound)
    tags.base[place] = Int32(tag)
    pairs.append(pair)
  }

  /// Leaves every pair without a range.
  func removeAll() {
    for pair in pairs { clear(place(pair)) }
    pairs.removeAll(keepingCapacity: true)
  }
}
