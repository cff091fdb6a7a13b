import CKernels

/// Bounds on the distances of rows to centers: what proves that a label stays without looking at the row.
///
/// Upper bounds are of the distance to the own center; lower bounds of the distance to any other center of a group. All
/// are rounded to the safe side.
extension KernelTable {
  /// What sixteen rows' scores say: whether the nearest center is certain, and how near it and the others are.
  ///
  /// A score s of a row of norm r stands for the distance sqrt(r² + 2s), with an error below
  /// slope·r + constant + roundoff·(r + largest)².
  ///
  /// Results, `[16]` each: `undecided`, 1 where the runner-up is too near, else 0; `errors`; `upper` and `lower`, bounds
  /// of the distances to the nearest center and to all others.
  /// - Returns: whether any is undecided.
  /// - Complexity: O(1).
  @inlinable
  public func judgeTile(
    norms: UnsafePointer<Float>, best: UnsafePointer<Float>, runnerUp: UnsafePointer<Float>,
    slope: Float, constant: Float, roundoff: Float, largest: Float,
    undecided: UnsafeMutablePointer<Int32>, errors: UnsafeMutablePointer<Float>,
    upper: UnsafeMutablePointer<Float>, lower: UnsafeMutablePointer<Float>
  ) -> Bool {
    table.pointee.kernels.judgeTile(
      norms, best, runnerUp, slope, constant, roundoff, largest, undecided, errors, upper, lower)
  }

  /// Lower bounds of one row's distances to sixteen groups, from their scores:
  /// sqrt(max(0, squared + 2 · (score - error))) + drift, rounded down; `squared` is the row's squared norm.
  /// - Complexity: O(1).
  @inlinable
  public func lowerBounds(
    _ bounds: UnsafeMutablePointer<Float>, scores: UnsafePointer<Float>, squared: Float,
    error: Float, drift: UnsafePointer<Float>
  ) {
    table.pointee.kernels.lowerBounds(bounds, scores, squared, error, drift)
  }

  /// Whether each of sixteen groups' lower bounds still lies above a row's upper bound: min(lower - drift) > limit.
  /// - Complexity: O(1).
  @inlinable
  public func boundsHold(
    lower: UnsafePointer<Float>, drift: UnsafePointer<Float>, limit: Float
  ) -> Bool {
    table.pointee.kernels.boundsHold(lower, drift, limit)
  }

  /// The rows of a range whose bounds no longer prove their labels.
  ///
  /// A row's upper bound is upper + moved[label]; the lower bound of a group, lower - drift.
  /// - Parameters:
  ///   - lower: `[rows, 16]`, a bound a group.
  ///   - chosen: receives their numbers, in order.
  /// - Returns: how many there are.
  /// - Complexity: O(range.count).
  @inlinable
  public func rowsToAssign(
    _ range: Range<Int>, labels: UnsafePointer<Int32>, upper: UnsafePointer<Float>,
    moved: UnsafePointer<Float>, lower: UnsafePointer<Float>, drift: UnsafePointer<Float>,
    chosen: UnsafeMutablePointer<Int32>
  ) -> Int {
    table.pointee.kernels.rowsToAssign(
      range.lowerBound, range.upperBound, labels, upper, moved, lower, drift, chosen)
  }

  /// The same with one group, `lower` `[rows]`, whose lower bound is lower - others[label]. A row nearer to its center
  /// than halves[label], half the distance of that center to the nearest other one, is proved, too.
  ///
  /// `chosen` has room for fifteen more.
  /// - Complexity: O(range.count).
  @inlinable
  public func rowsToAssign(
    _ range: Range<Int>, labels: UnsafePointer<Int32>, upper: UnsafePointer<Float>,
    moved: UnsafePointer<Float>, lower: UnsafePointer<Float>, others: UnsafePointer<Float>,
    halves: UnsafePointer<Float>, chosen: UnsafeMutablePointer<Int32>
  ) -> Int {
    table.pointee.kernels.rowsToAssignOfOneGroup(
      range.lowerBound, range.upperBound, labels, upper, moved, lower, others, halves, chosen)
  }

  /// Labels those of up to sixteen rows whose nearest center a filter decides, and keeps their bounds, with one group of
  /// other centers.
  ///
  /// A true distance x was found within `relative` · x + `absolute`; beyond 2^120 nothing is decided, since sums may have
  /// overflowed. Where rows have no bounds, `upper` and what follows it are nil. `before` receives the old labels, and
  /// what is in `best` and `runnerUp` is lost but for rows that stay undecided.
  ///
  /// - Returns: in the lower sixteen bits the rows that are undecided, in the upper ones those whose label changed.
  /// - Complexity: O(count).
  @inlinable
  public func settleTile(
    rows: UnsafePointer<Int32>, count: Int, nearest: UnsafePointer<Int32>,
    best: UnsafeMutablePointer<Float>, runnerUp: UnsafeMutablePointer<Float>, relative: Float,
    absolute: Float, labels: UnsafeMutablePointer<Int32>, before: UnsafeMutablePointer<Int32>,
    upper: UnsafeMutablePointer<Float>?, lower: UnsafeMutablePointer<Float>?,
    moved: UnsafePointer<Float>?, others: UnsafePointer<Float>?
  ) -> UInt32 {
    table.pointee.kernels.settleTile(
      rows, count, nearest, best, runnerUp, relative, absolute, labels, before, upper, lower, moved,
      others)
  }
}
