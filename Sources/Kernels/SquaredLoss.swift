/// Squared error with a matrix of targets: z becomes dL/dz = z - y; adds the sum of (z - y)² / 2.
///
/// Differences are rounded to Float, their squares are exact in Double and summed in a fixed order. `wrong` is left as
/// it is.
/// - Complexity: O(rows · columns).
func squaredErrorTargets(
  _ z: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int,
  _ targets: UnsafePointer<Float>, _ targetStride: Int, _ coefficients: UnsafePointer<Float>,
  _ loss: UnsafeMutablePointer<Double>, _ wrong: UnsafeMutablePointer<Int>
) {
  @inline(always)
  func element(_ z: Lanes, _ y: Lanes, _: inout IntLanes) -> LossTerms {
    let delta = z - y
    let low = widen(lowerHalf(delta))
    let high = widen(upperHalf(delta))
    return (delta, low * low, high * high)
  }
  overTargets(
    z, stride, rows, columns, targets, targetStride, loss, wrong, scale: 0.5, isZeroAtZero: true,
    element)
}
