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
    (best.highHalf .> best.lowHalf)
    .| ((best.highHalf .== best.lowHalf) .& (column.highHalf .< column.lowHalf))
  let v8 = best.lowHalf.replacing(with: best.highHalf, where: takeEight)
  let c8 = column.lowHalf.replacing(with: column.highHalf, where: takeEight)
  let takeFour =
    (v8.highHalf .> v8.lowHalf) .| ((v8.highHalf .== v8.lowHalf) .& (c8.highHalf .< c8.lowHalf))
  let v4 = v8.lowHalf.replacing(with: v8.highHalf, where: takeFour)
  let c4 = c8.lowHalf.replacing(with: c8.highHalf, where: takeFour)
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
