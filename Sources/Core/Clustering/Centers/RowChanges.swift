/// The rows of this rank that changed cluster since they were last counted.
///
/// Kept as a list, so that what follows from the changes can be computed in the order that suits memory, 20 bytes for
/// each, up to a number of them that is still near.
struct RowChanges {
  private var changes: [LabelChange] = []
  /// The rows of all groups, one group behind the other.
  private var grouped: [Int32] = []

  /// How many are kept before they should be taken.
  private let limit: Int

  /// Whether there is no room for more.
  var isFull: Bool { changes.count >= limit }

  /// None yet.
  init(limit: Int) {
    self.limit = limit
    changes.reserveCapacity(limit + LabelChange.mostAtOnce)
    grouped.reserveCapacity(2 * (limit + LabelChange.mostAtOnce))
  }

  /// Adds changes, and counts them in the sizes of their clusters.
  mutating func append(
    _ more: UnsafeBufferPointer<LabelChange>, countedIn sizes: inout [Int]
  ) {
    changes.append(contentsOf: more)
    sizes.withUnsafeMutableBufferPointer { sizes in
      for change in more {
        if change.old >= 0 { sizes[Int(change.old)] -= 1 }
        sizes[Int(change.new)] += 1
      }
    }
  }

  /// Calls `body` with the rows that joined each cluster and sign 1, and with those that left it and sign -1; not
  /// for no rows.
  mutating func forEachGroup(
    _ clusters: Int,
    _ body: (_ rows: UnsafeBufferPointer<Int32>, _ cluster: Int, _ sign: Int32) -> Void
  ) {
    // Where each cluster's joining rows begin, then its leaving ones; and where the next of them goes.
    var starts = [Int](repeating: 0, count: 2 * clusters + 1)
    starts.withUnsafeMutableBufferPointer { starts in
      for change in changes {
        starts[Int(change.new) + 1] += 1
        if change.old >= 0 { starts[clusters + Int(change.old) + 1] += 1 }
      }
      for group in 0..<2 * clusters { starts[group + 1] += starts[group] }
    }
    var next = starts
    let total = starts[2 * clusters]
    if grouped.count < total {
      grouped.append(contentsOf: repeatElement(0, count: total - grouped.count))
    }
    grouped.withUnsafeMutableBufferPointer { grouped in
      next.withUnsafeMutableBufferPointer { next in
        for change in changes {
          grouped[next[Int(change.new)]] = change.row
          next[Int(change.new)] += 1
          guard change.old >= 0 else { continue }
          grouped[next[clusters + Int(change.old)]] = change.row
          next[clusters + Int(change.old)] += 1
        }
      }
      for group in 0..<2 * clusters where starts[group] < starts[group + 1] {
        body(
          UnsafeBufferPointer(rebasing: grouped[starts[group]..<starts[group + 1]]),
          group % clusters, group < clusters ? 1 : -1)
      }
    }
  }

  mutating func removeAll() { changes.removeAll(keepingCapacity: true) }
}
