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

@inline(always)
private func addSquares(_ sums: SIMD8<Double>, _ x: Lanes) -> SIMD8<Double> {
  let low = widen(lowerHalf(x))
  let high = widen(upperHalf(x))
  return (sums + low * low) + high * high
}
