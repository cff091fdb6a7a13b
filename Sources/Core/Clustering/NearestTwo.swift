/// What a filter finds of sixteen rows in the L1 metric: the centre that seems nearest, and about how far it and the
/// next one are.
///
/// A true distance x is found within `relative` · x + `absolute`, if what is found is below 2^120.
final class NearestTwo {
  static let rows = 16

  let nearest = AlignedArray<Int32>(count: rows)
  let best = AlignedFloats(count: rows)
  let runnerUp = AlignedFloats(count: rows)
  var relative: Float = 0
  var absolute: Float = 0

  /// Takes distances in integers.
  func take(_ best: AlignedArray<Int32>, _ runnerUp: AlignedArray<Int32>, unit: Float) {
    for lane in 0..<Self.rows {
      self.best.base[lane] = Float(best.base[lane]) * unit
      self.runnerUp.base[lane] = Float(runnerUp.base[lane]) * unit
    }
  }
}
