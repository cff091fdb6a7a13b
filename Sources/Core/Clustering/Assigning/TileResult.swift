/// What is known of sixteen rows at a time: their scores of all centers, and what follows from these.
///
/// A score s of a row x and a center c is ‖c‖²/2 - x·c, shifted and scaled (see ``CenteredRows``), so that
/// their distance is sqrt(‖x‖² + 2s).
final class TileResult {
  let clusters: Int
  /// Centers, rounded up to fours; and how many stand in a group.
  let paddedClusters: Int
  let groupSize: Int
  /// The nearest center as far as scores tell, its score, and the smallest score of any other.
  let nearest = AlignedArray<Int32>(count: AssignedRows.tileRows)
  let best = AlignedFloats(count: AssignedRows.tileRows)
  let runnerUp = AlignedFloats(count: AssignedRows.tileRows)
  /// `[paddedClusters, rows]`.
  let scores: AlignedFloats
  /// The smallest score of each group of centers, the nearest left out: `[rows, 16]`; nil for one group.
  let groups: AlignedFloats?

  /// Whether the runner-up lies within the errors of the nearest; the errors; bounds on distances.
  let undecided = AlignedArray<Int32>(count: AssignedRows.tileRows)
  let errors = AlignedFloats(count: AssignedRows.tileRows)
  let upper = AlignedFloats(count: AssignedRows.tileRows)
  let lower = AlignedFloats(count: AssignedRows.tileRows)
  let norms = AlignedFloats(count: AssignedRows.tileRows)

  /// - Parameter isGrouped: whether there are up to sixteen groups, or one.
  init(clusters: Int, isGrouped: Bool) {
    self.clusters = clusters
    paddedClusters = (clusters + 3) / 4 * 4
    groupSize = isGrouped ? (paddedClusters + 15) / 16 : paddedClusters
    scores = AlignedFloats(count: paddedClusters * AssignedRows.tileRows)
    groups = isGrouped ? AlignedFloats(count: 2 * 16 * AssignedRows.tileRows) : nil
  }
}

/// How far a score may be from what exact arithmetic gives: below
/// slope·‖x‖ + constant + roundoff·(‖x‖ + largest)², where `largest` is the largest norm of a center.
struct ScoreError {
  var slope: Float = 0
  var constant: Float = 0
  var roundoff: Float = 0
  var largest: Float = 0

  /// With what the definition of a label in Double may itself be off, below (d + 8)·2^-52·(‖x‖ + ‖c‖)².
  init(slope: Double, constant: Double, largest: Double, columns: Int) {
    self.slope = Float(slope).nextUp
    self.constant = Float(constant).nextUp
    self.largest = Float(largest * (1 + 0x1p-20)).nextUp
    roundoff = Float(columns + 8) * 0x1.01p-52
  }

  init() {}

  /// That of a row of some norm.
  @inline(__always)
  func of(norm: Float) -> Double {
    let reach = Double(norm) + Double(largest)
    return Double(slope) * Double(norm) + Double(constant) + Double(roundoff) * reach * reach
  }
}

/// Computes the scores of tiles of rows, with a known error.
protocol ScoreFilter: AnyObject {
  var error: ScoreError { get }

  /// Finds the scores of all centers for sixteen local rows, the nearest center and the runner-up.
  func measure(_ rows: UnsafePointer<Int32>, into result: TileResult)
}
