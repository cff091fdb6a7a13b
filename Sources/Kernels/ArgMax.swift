/// The largest value met so far in each lane, and the first column that held it.
///
/// Columns of NaN are passed over, and remembered in `nan`.
@inline(always)
func updateArgMax(
  _ best: inout Lanes, _ bestColumn: inout IntLanes, _ nan: inout IntLanes,
  _ value: Lanes, _ column: IntLanes
) {
  let larger = value .> best
  best = best.replacing(with: value, where: larger)
  bestColumn = bestColumn.replacing(with: column, where: larger)
  nan = nan.replacing(with: IntLanes(repeating: 1), where: value .!= value)
}

/// Folds the lanes of `updateArgMax`: the largest value and the lowest column that holds it.
@inline(always)
func foldArgMax(_ best: Lanes, _ column: IntLanes) -> (value: Float, column: Int32) {
  let takeEight =
    (upperHalf(best) .> lowerHalf(best))
    .| ((upperHalf(best) .== lowerHalf(best)) .& (upperHalf(column) .< lowerHalf(column)))
  let v8 = lowerHalf(best).replacing(with: upperHalf(best), where: takeEight)
  let c8 = lowerHalf(column).replacing(with: upperHalf(column), where: takeEight)
  let takeFour =
    (upperHalf(v8) .> lowerHalf(v8))
    .| ((upperHalf(v8) .== lowerHalf(v8)) .& (upperHalf(c8) .< lowerHalf(c8)))
  let v4 = lowerHalf(v8).replacing(with: upperHalf(v8), where: takeFour)
  let c4 = lowerHalf(c8).replacing(with: upperHalf(c8), where: takeFour)
  var value = v4[0]
  var index = c4[0]
  if v4[1] > value || (v4[1] == value && c4[1] < index) {
    value = v4[1]
    index = c4[1]
  }
  if v4[2] > value || (v4[2] == value && c4[2] < index) {
    value = v4[2]
    index = c4[2]
  }
  if v4[3] > value || (v4[3] == value && c4[3] < index) {
    value = v4[3]
    index = c4[3]
  }
  return (value, index)
}
