/// dL/dz of sixteen elements, and the terms of the loss of the first eight and of the others.
typealias LossTerms = (delta: Lanes, low: SIMD8<Double>, high: SIMD8<Double>)

/// A loss that is a sum over the elements of `[rows, columns]` logits z and targets y, for which `element` is called
/// with sixteen of each at a time.
///
/// `element` returns dL/dz, which replaces z, and the terms of the loss, which are summed in Double in a fixed order
/// and multiplied by `scale` row by row; it sets lanes of `differs` to other than 0 where they make their row wrong.
/// It is a local function marked `@inline(always)`: a closure would be called through memory.
///
/// Behind the last column z and y are 0, where nothing may differ and terms must be finite. `isZeroAtZero`, a constant
/// at each call, says that they are 0 there and need not be taken out.
/// - Complexity: O(rows · columns).
@inline(always)
func overTargets(
  _ z: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int,
  _ targets: UnsafePointer<Float>, _ targetStride: Int, _ loss: UnsafeMutablePointer<Double>,
  _ wrong: UnsafeMutablePointer<Int>, scale: Double, isZeroAtZero: Bool,
  _ element: (_ z: Lanes, _ y: Lanes, _ differs: inout IntLanes) -> LossTerms
) {
  var p = z
  var t = targets
  var total = 0.0
  var errors = 0
  var row = 0
  while row < rows {
    var differs = IntLanes(repeating: 0)
    var rowLoss = SIMD8<Double>(repeating: 0)
    var c = 0
    while c &+ 16 <= columns {
      let (delta, low, high) = element(load(p + c), load(t + c), &differs)
      rowLoss = (rowLoss + low) + high
      store(p + c, delta)
      c &+= 16
    }
    if c < columns {
      let rest = columns &- c
      var (delta, low, high) = element(
        loadFront(p + c, rest, fill: 0), loadFront(t + c, rest, fill: 0), &differs)
      if !isZeroAtZero {
        let isReal = columnNumbers() .< IntLanes(repeating: Int32(truncatingIfNeeded: rest))
        let real = Lanes(repeating: 0).replacing(with: Lanes(repeating: 1), where: isReal)
        low *= widen(lowerHalf(real))
        high *= widen(upperHalf(real))
      }
      rowLoss = (rowLoss + low) + high
      storeFront(p + c, rest, delta)
    }
    total += scale * sum(rowLoss)
    errors &+= isAnySet(differs) ? 1 : 0
    p += stride
    t += targetStride
    row &+= 1
  }
  loss.pointee += total
  wrong.pointee &+= errors
}
