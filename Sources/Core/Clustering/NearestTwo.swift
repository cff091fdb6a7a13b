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

  /// At least the distance of a row to its nearest centre, and at most that to any other.
  @inline(__always)
  func bounds(_ lane: Int) -> (upper: Float, lower: Float) {
    let (own, other) = (best.base[lane], min(runnerUp.base[lane], 0x1p120))
    return (
      (own + (own * relative * 1.01 + absolute)) * (1 + 0x1p-22),
      (other - (other * relative * 1.01 + absolute)) * (1 - 0x1p-22)
    )
  }
}
