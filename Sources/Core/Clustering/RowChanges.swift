/// The rows of this rank that changed cluster since they were last counted.
///
/// Kept as a list, so that what follows from the changes can be computed in the order that suits memory.
struct RowChanges {
  /// Bytes kept for each row that changed.
  static let bytesPerRow = 12

  private var rows: [Int32] = []
  private var old: [Int32] = []
  private var new: [Int32] = []

  /// A row that left a cluster (-1 for none) and joined another.
  /// None yet, with room for a number of them: memory that is not used is not touched.
  init(capacity: Int) {
    rows.reserveCapacity(capacity)
    old.reserveCapacity(capacity)
    new.reserveCapacity(capacity)
  }

  mutating func append(row: Int, from old: Int, to new: Int) {
    rows.append(Int32(row))
    self.old.append(Int32(old))
    self.new.append(Int32(new))
  }

  /// Calls `body` with each change.
  @inline(__always)
  func forEach(_ body: (_ row: Int, _ old: Int, _ new: Int) -> Void) {
    rows.withUnsafeBufferPointer { rows in
      old.withUnsafeBufferPointer { old in
        new.withUnsafeBufferPointer { new in
          for change in 0..<rows.count {
            body(Int(rows[change]), Int(old[change]), Int(new[change]))
          }
        }
      }
    }
  }

  /// The rows that joined each cluster.
  func joined(_ clusters: Int) -> [[Int32]] { grouped(new, clusters) }

  /// The rows that left each cluster.
  func left(_ clusters: Int) -> [[Int32]] { grouped(old, clusters) }

  private func grouped(_ labels: [Int32], _ clusters: Int) -> [[Int32]] {
    var groups = [[Int32]](repeating: [], count: clusters)
    for (row, label) in zip(rows, labels) where label >= 0 { groups[Int(label)].append(row) }
    return groups
  }

  mutating func removeAll() {
    rows.removeAll(keepingCapacity: true)
    old.removeAll(keepingCapacity: true)
    new.removeAll(keepingCapacity: true)
  }
}
