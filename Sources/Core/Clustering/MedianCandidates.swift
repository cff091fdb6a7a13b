import KernelTable

/// The values of this rank's rows that lie in brackets of their columns, in one pass over the rows.
///
/// The memory is kept for the next pass.
final class MedianCandidates {
  /// How many values can be kept.
  let capacity: Int
  /// For each place the values below its bracket, and those in it that equal its middle.
  let below: UnsafeMutablePointer<Int32>
  let equal: UnsafeMutablePointer<Int32>
  /// The others in brackets, and their places.
  private let values: UnsafeMutablePointer<Float>
  private let places: UnsafeMutablePointer<Int32>
  /// How many there were, which may be more than were kept.
  private(set) var found = 0

  private let brackets: MedianRanges

  /// - Parameter capacity: 8 bytes each, touched only where used.
  init(_ brackets: MedianRanges, capacity: Int) {
    self.brackets = brackets
    self.capacity = capacity
    below = .allocate(capacity: brackets.places)
    equal = .allocate(capacity: brackets.places)
    values = .allocate(capacity: capacity)
    places = .allocate(capacity: capacity)
  }

  deinit {
    below.deallocate()
    equal.deallocate()
    values.deallocate()
    places.deallocate()
  }

  /// Whether all that there were are kept.
  var isComplete: Bool { found <= capacity }

  /// Collects from all rows.
  ///
  /// - Complexity: O(rows · columns).
  func collect(_ rows: RowBlock, labels: [Int32], _ kernels: KernelTable) {
    below.initialize(repeating: 0, count: brackets.places)
    equal.initialize(repeating: 0, count: brackets.places)
    found = 0
    guard rows.count > 0 else { return }
    labels.withUnsafeBufferPointer { labels in
      switch rows.element {
      case .float32:
        let values = rows.base.assumingMemoryBound(to: Float.self)
        collect(values, rows.count, rows.columns, labels.baseAddress!, kernels)
      case .uint8:
        rows.forEachRow { row, values in
          collect(values.baseAddress!, 1, rows.columns, labels.baseAddress! + row, kernels)
        }
      }
    }
  }

  private func collect(
    _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ labels: UnsafePointer<Int32>,
    _ kernels: KernelTable
  ) {
    let used = min(found, capacity)
    found += kernels.manhattan.collectInBrackets(
      rows, count, columns, labels, brackets.stride, brackets.lower.base, brackets.middle.base,
      brackets.upper.base, below, equal, values + used, places + used, capacity - used)
  }

  /// The values that were kept, and the pairs that they belong to.
  var kept: (values: UnsafeBufferPointer<Float>, places: UnsafeMutableBufferPointer<Int32>) {
    let count = min(found, capacity)
    return (
      UnsafeBufferPointer(start: values, count: count),
      UnsafeMutableBufferPointer(start: places, count: count)
    )
  }

  /// Rewrites the places of the kept values as pairs, which have no padding between clusters.
  func numberPairs() {
    guard brackets.stride != brackets.columns else { return }
    for index in 0..<min(found, capacity) {
      places[index] = Int32(brackets.pair(Int(places[index])))
    }
  }
}
