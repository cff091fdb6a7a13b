/// Sigmoid outputs with cross-entropy, class labels: z becomes dL/dz = sigma(z) - y, y one-hot.
///
/// z is `[rows, columns]` logits, rows `stride` elements apart; labels are in 0..<columns. Adds to
/// `loss` the sum of max(z, 0) - z y + log1p(exp(-|z|)), terms within 4 ulp, summed in Double in a
/// fixed order; adds to `wrong` the rows whose largest logit (lowest column on ties) is not the
/// label's, or that hold a NaN (their loss is not finite).
/// - Complexity: O(rows · columns).
func sigmoidCrossEntropyLabels(
  _ z: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int,
  _ labels: UnsafePointer<Int32>, _ coefficients: UnsafePointer<Float>,
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
    while c &+ 16 <= columns {
      let value = load(p + c)
      let y = Lanes(repeating: 0).replacing(with: Lanes(repeating: 1), where: column .== label)
      updateArgMax(&best, &bestColumn, &nan, value, column)
      let (delta, terms) = sigmoidTerms(value, y)
      rowLoss = (rowLoss + widen(lowerHalf(terms))) + widen(upperHalf(terms))
      store(p + c, delta)
      column = column &+ IntLanes(repeating: 16)
      c &+= 16
    }
    if c < columns {
      // A logit of -infinity never wins the comparison, and its term is taken out below.
      let rest = columns &- c
      let value = loadFront(p + c, rest, fill: -Float.infinity)
      let y = Lanes(repeating: 0).replacing(with: Lanes(repeating: 1), where: column .== label)
      updateArgMax(&best, &bestColumn, &nan, value, column)
      let (delta, terms) = sigmoidTerms(value, y)
      let kept = keepFront(terms, rest)
      rowLoss = (rowLoss + widen(lowerHalf(kept))) + widen(upperHalf(kept))
      storeFront(p + c, rest, delta)
    }
    total += sum(rowLoss)
    let isWrong =
      foldArgMax(best, bestColumn).column != labels[row] || isAnySet(nan)
    errors &+= isWrong ? 1 : 0
    p += stride
    row &+= 1
  }
  loss.pointee += total
  wrong.pointee &+= errors
}

/// Sigmoid outputs with cross-entropy, a matrix of targets in {0, 1}: z becomes dL/dz = sigma(z) - y.
///
/// Loss as in `sigmoidCrossEntropyLabels`; a row is wrong where (z > 0) differs from (y > 0.5) in any column, or z is
/// NaN.
/// - Complexity: O(rows · columns).
func sigmoidCrossEntropyTargets(
  _ z: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int,
  _ targets: UnsafePointer<Float>, _ targetStride: Int, _ coefficients: UnsafePointer<Float>,
  _ loss: UnsafeMutablePointer<Double>, _ wrong: UnsafeMutablePointer<Int>
) {
  @inline(always)
  func element(_ z: Lanes, _ y: Lanes, _ differs: inout IntLanes) -> LossTerms {
    differs = differs | predictionDiffers(z, y)
    let (delta, terms) = sigmoidTerms(z, y)
    return (delta, widen(lowerHalf(terms)), widen(upperHalf(terms)))
  }
  overTargets(
    z, stride, rows, columns, targets, targetStride, loss, wrong, scale: 1, isZeroAtZero: false,
    element)
}

/// sigma(z) - y and max(z, 0) - z y + log1p(exp(-|z|)).
///
/// A call of its own: inlined before the sums in Double, LLVM computes it lane by lane.
@inline(never)
private func sigmoidTerms(_ z: Lanes, _ y: Lanes) -> (delta: Lanes, loss: Lanes) {
  let one = Lanes(repeating: 1)
  let zero = Lanes(repeating: 0)
  let e = expNonPositive(float(bits: bits(z) | IntLanes(repeating: Int32.min)))
  let negative = z .< zero
  let sigma = one.replacing(with: e, where: negative) / (one + e)
  let hinge = z.replacing(with: zero, where: negative) - z * y
  return (sigma - y, hinge + log1pNonNegative(e))
}

/// The first `n` lanes; the others become 0, whatever they held.
@inline(always)
private func keepFront(_ x: Lanes, _ n: Int) -> Lanes {
  x.replacing(
    with: Lanes(repeating: 0),
    where: columnNumbers() .>= IntLanes(repeating: Int32(truncatingIfNeeded: n)))
}

/// 1 in lanes where z is NaN or on the other side of 0 than y of one half; 0 elsewhere.
@inline(always)
private func predictionDiffers(_ z: Lanes, _ y: Lanes) -> IntLanes {
  let one = IntLanes(repeating: 1)
  let zero = IntLanes(repeating: 0)
  let predicted = zero.replacing(with: one, where: z .> Lanes(repeating: 0))
  let expected = zero.replacing(with: one, where: y .> Lanes(repeating: 0.5))
  return (predicted ^ expected).replacing(with: one, where: z .!= z)
}
