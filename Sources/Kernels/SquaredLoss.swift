/// Squared error with a matrix of targets: z becomes dL/dz = z - y; adds the sum of (z - y)² / 2.
///
/// z and targets are `[rows, columns]` with their own strides. Differences are rounded to Float,
/// their squares are exact in Double and summed in a fixed order. `wrong` is left as it is.
/// - Complexity: O(rows · columns).
public func squaredErrorTargets(
  _ z: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int,
  _ targets: UnsafePointer<Float>, _ targetStride: Int,
  _ loss: UnsafeMutablePointer<Double>, _ wrong: UnsafeMutablePointer<Int>
) {
  var p = z
  var t = targets
  var total = 0.0
  var row = 0
  while row < rows {
    var rowLoss = SIMD8<Double>(repeating: 0)
    var c = 0
    while c &+ 16 <= columns {
      let delta = load(p + c) - load(t + c)
      rowLoss = addSquares(rowLoss, delta)
      store(p + c, delta)
      c &+= 16
    }
    if c < columns {
      let rest = columns &- c
      let delta = loadFront(p + c, rest, fill: 0) - loadFront(t + c, rest, fill: 0)
      rowLoss = addSquares(rowLoss, delta)
      storeFront(p + c, rest, delta)
    }
    total += 0.5 * sum(rowLoss)
    p += stride
    t += targetStride
    row &+= 1
  }
  loss.pointee += total
}

/// Squared error with class labels, y one-hot: as `squaredErrorTargets`, and adds to `wrong` the
/// rows whose largest output (lowest column on ties) is not the label's or that hold a NaN.
/// - Complexity: O(rows · columns).
public func squaredErrorLabels(
  _ z: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int,
  _ labels: UnsafePointer<Int32>,
  _ loss: UnsafeMutablePointer<Double>, _ wrong: UnsafeMutablePointer<Int>
) {
  var p = z
  var total = 0.0
  var errors = 0
  var row = 0
  while row < rows {
    let label = IntLanes(repeating: labels[row])
    var best = Lanes(repeating: -Float.infinity)
    var bestColumn = columnNumbers()
    var nan = IntLanes(repeating: 0)
    var column = columnNumbers()
    var rowLoss = SIMD8<Double>(repeating: 0)
    var c = 0
    while c < columns {
      let rest = columns &- c
      let isWhole = rest >= 16
      let value = isWhole ? load(p + c) : loadFront(p + c, rest, fill: -Float.infinity)
      updateArgMax(&best, &bestColumn, &nan, value, column)
      let y = Lanes(repeating: 0).replacing(with: Lanes(repeating: 1), where: column .== label)
      let delta = value - y
      if isWhole {
        rowLoss = addSquares(rowLoss, delta)
        store(p + c, delta)
      } else {
        let beyond = columnNumbers() .>= IntLanes(repeating: Int32(truncatingIfNeeded: rest))
        rowLoss = addSquares(rowLoss, delta.replacing(with: Lanes(repeating: 0), where: beyond))
        storeFront(p + c, rest, delta)
      }
      column = column &+ IntLanes(repeating: 16)
      c &+= 16
    }
    total += 0.5 * sum(rowLoss)
    let isWrong =
      foldArgMax(best, bestColumn).column != labels[row] || isAnySet(nan)
    errors &+= isWrong ? 1 : 0
    p += stride
    row &+= 1
  }
  loss.pointee += total
  wrong.pointee &+= errors
}

@inline(always)
private func addSquares(_ sums: SIMD8<Double>, _ x: Lanes) -> SIMD8<Double> {
  let low = widen(lowerHalf(x))
  let high = widen(upperHalf(x))
  return (sums + low * low) + high * high
}
