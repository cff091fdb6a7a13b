/// What a filter finds of sixteen rows in the L1 metric: the center that seems nearest, and about how far it and the
/// next one are.
///
/// A true distance x is found within `relative` · x + `absolute`, if what is found is below 2^120.
final class NearestTwo {
  let nearest = AlignedArray<Int32>(count: AssignedRows.tileRows)
  let best = AlignedFloats(count: AssignedRows.tileRows)
  let runnerUp = AlignedFloats(count: AssignedRows.tileRows)
  /// The same where a filter counts in integers.
  let bestInteger = AlignedArray<Int32>(count: AssignedRows.tileRows)
  let runnerUpInteger = AlignedArray<Int32>(count: AssignedRows.tileRows)
  var relative: Float = 0
  var absolute: Float = 0

  /// Takes the distances that were found in integers.
  func takeIntegers(unit: Float) {
    for lane in 0..<AssignedRows.tileRows {
      best.base[lane] = Float(bestInteger.base[lane]) * unit
      runnerUp.base[lane] = Float(runnerUpInteger.base[lane]) * unit
    }
  }
}
