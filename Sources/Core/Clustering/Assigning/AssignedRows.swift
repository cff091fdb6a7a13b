/// A local row that left a cluster (-1 for none) and joined another.
struct LabelChange {
  let row: Int32
  let old: Int32
  let new: Int32

  /// The most rows of a block; an assigner reports changes after each block.
  static let mostAtOnce = 1024
}

/// This rank's rows with their labels, the centers that these are of, and what bounds prove of both; what an assigner
/// works on, whatever its metric.
final class AssignedRows {
  /// The rows of a tile, which are looked at side by side.
  static let tileRows = 16

  let data: ClusterData
  let label: AlignedArray<Int32>
  let bounds: DistanceBounds?
  /// Centers as given, `[clusters, columns]`.
  private(set) var centers: [Float] = []
  /// Rows whose distances the last assignment skipped.
  private(set) var skipped = 0
  /// Of the other rows' distances those that the last assignment did not compute.
  var spared = 0
  /// Local rows of a block that are to be looked at.
  let chosen = AlignedArray<Int32>(count: LabelChange.mostAtOnce + tileRows)
  private let changes = UnsafeMutablePointer<LabelChange>.allocate(
    capacity: LabelChange.mostAtOnce)
  private var changeCount = 0

  /// Rows without labels.
  init(_ data: ClusterData, bounds: DistanceBounds?) {
    self.data = data
    self.bounds = bounds
    label = AlignedArray(count: data.rows.count)
    reset()
  }

  deinit { changes.deallocate() }

  /// Forgets labels and bounds, for another restart.
  func reset() {
    label.base.update(repeating: -1, count: data.rows.count)
    bounds?.forget()
  }

  /// Takes new centers, and lets the bounds know how far each went.
  ///
  /// - Parameter factor: what turns distances into those of the bounds, or more.
  func move(to newCenters: [Float], _ metric: ClusterMetric, times factor: Double) {
    if let bounds {
      if bounds.areUsable {
        bounds.record(
          metric.movements(from: centers, to: newCenters, columns: data.columns)
            .map { $0 * factor })
      } else {
        bounds.forget()
      }
    }
    centers = newCenters
  }

  /// Lets the bounds know how far the centers are from each other.
  func updateCenterDistances(_ distance: (UnsafePointer<Float>, UnsafePointer<Float>) -> Double) {
    centers.withUnsafeBufferPointer { centers in
      guard let base = centers.baseAddress else { return }
      bounds?.separate {
        distance(base + $0 * data.columns, base + $1 * data.columns)
      }
    }
  }

  /// Finds the labels of all rows that the bounds leave open, block by block, and reports the labels that change.
  ///
  /// - Parameters:
  ///   - narrow: given the number of chosen rows, drops some of them, and returns the number that is left.
  ///   - look: given the number of chosen rows, finds their labels. Copies of the last row fill up its tile.
  func assign(
    changed: (UnsafeBufferPointer<LabelChange>) -> Void, narrow: (Int) -> Int = { $0 },
    look: (Int) -> Void
  ) {
    (skipped, spared) = (0, 0)
    for first in stride(from: 0, to: data.rows.count, by: LabelChange.mostAtOnce) {
      Progress.beat()
      let block = first..<min(first + LabelChange.mostAtOnce, data.rows.count)
      let count = choose(block, narrow)
      skipped += block.count - count
      fillTile(count)
      look(count)
      if changeCount > 0 { changed(UnsafeBufferPointer(start: changes, count: changeCount)) }
      changeCount = 0
    }
    bounds?.complete()
  }

  private func choose(_ block: Range<Int>, _ narrow: (Int) -> Int) -> Int {
    guard let bounds, bounds.areUsable else { return chooseAll(block) }
    return narrow(bounds.rowsToAssign(block, label.base, into: chosen.base))
  }

  /// Calls `body` for tiles of chosen rows; copies of its last row fill up a tile.
  func forEachTile(
    among rows: RowChoice?, _ body: (_ tile: UnsafePointer<Int32>, _ count: Int) -> Void
  ) {
    for first in stride(from: 0, to: data.rows.count, by: LabelChange.mostAtOnce) {
      Progress.beat()
      let block = first..<min(first + LabelChange.mostAtOnce, data.rows.count)
      let count = rows.map { $0(block, chosen.base) } ?? chooseAll(block)
      fillTile(count)
      for start in stride(from: 0, to: count, by: Self.tileRows) {
        body(chosen.base + start, min(Self.tileRows, count - start))
      }
    }
  }

  private func chooseAll(_ block: Range<Int>) -> Int {
    for (place, row) in block.enumerated() { chosen.base[place] = Int32(row) }
    return block.count
  }

  /// Fills up the last tile of the first `count` chosen rows with copies of the last of them.
  func fillTile(_ count: Int) {
    guard count > 0 else { return }
    (chosen.base + count).update(repeating: chosen.base[count - 1], count: Self.tileRows)
  }

  /// Gives a row its label.
  @inline(__always)
  func settle(_ row: Int32, _ new: Int32) {
    let old = label.base[Int(row)]
    guard old != new else { return }
    label.base[Int(row)] = new
    noteChange(row, old, new)
  }

  /// Notes that a row has got another label.
  @inline(__always)
  func noteChange(_ row: Int32, _ old: Int32, _ new: Int32) {
    changes[changeCount] = LabelChange(row: row, old: old, new: new)
    changeCount += 1
  }
}
