/// Softmax outputs with cross-entropy: z becomes dL/dz = softmax(z) - y, y one-hot.
///
/// z is `[rows, columns]` logits, rows `stride` elements apart; labels are in 0..<columns. Adds to
/// `loss` the sum of log(sum exp z) - z[label], to `wrong` the rows whose largest logit (lowest
/// column on ties) is not the label's or that hold a NaN. With m the largest logit and t the sum of
/// exp(z - m) over the other columns, a row's loss is log1p(t) + (m - z[label]): a loss near 0
/// keeps its relative precision.
/// - Complexity: O(rows · columns).
func softmaxCrossEntropyLabels(
  _ z: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int,
  _ labels: UnsafePointer<Int32>, _ coefficients: UnsafePointer<Float>,
  _ loss: UnsafeMutablePointer<Double>, _ wrong: UnsafeMutablePointer<Int>
) {
  if columns < 1 { return }
  var p = z
  var total = 0.0
  var errors = 0
  var row = 0
  while row < rows {
    let label = labels[row]
    let labelLogit = p[Int(label)]
    let (largest, argMax, nan, others) = softmaxRow(p, columns)
    total +=
      Double(log1pNonNegative(Lanes(repeating: Float(others)))[0])
      + (Double(largest) - Double(labelLogit))
    errors &+= argMax != label || nan ? 1 : 0
    p[Int(label)] -= 1
    p += stride
    row &+= 1
  }
  loss.pointee += total
  wrong.pointee &+= errors
}

/// softmax of each row of `[rows, columns]` logits, in place.
/// - Complexity: O(rows · columns).
func softmaxRows(
  _ z: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int
) {
  if columns < 1 { return }
  var p = z
  var row = 0
  while row < rows {
    _ = softmaxRow(p, columns)
    p += stride
    row &+= 1
  }
}

/// One row: its largest logit and where, whether it holds a NaN, and the sum of exp(z - largest)
/// over the other columns; the row becomes its softmax.
@inline(always)
private func softmaxRow(
  _ p: UnsafeMutablePointer<Float>, _ columns: Int
) -> (largest: Float, argMax: Int32, nan: Bool, others: Double) {
  let rest = columns & 15
  let whole = columns &- rest
  var best = Lanes(repeating: -Float.infinity)
  var bestColumn = columnNumbers()
  var nan = IntLanes(repeating: 0)
  var column = columnNumbers()
  var c = 0
  while c < whole {
    updateArgMax(&best, &bestColumn, &nan, load(p + c), column)
    column = column &+ IntLanes(repeating: 16)
    c &+= 16
  }
  var tail = Lanes(repeating: -Float.infinity)
  if rest != 0 {
    tail = loadFront(p + whole, rest, fill: -Float.infinity)
    updateArgMax(&best, &bestColumn, &nan, tail, column)
  }
  let (largest, argMax) = foldArgMax(best, bestColumn)

  let shift = Lanes(repeating: largest)
  let zero = Lanes(repeating: 0)
  let excluded = IntLanes(repeating: argMax)
  var sums = SIMD8<Double>(repeating: 0)
  column = columnNumbers()
  c = 0
  while c < whole {
    let e = expNonPositive(load(p + c) - shift)
    store(p + c, e)
    let other = e.replacing(with: zero, where: column .== excluded)
    sums = (sums + widen(lowerHalf(other))) + widen(upperHalf(other))
    column = column &+ IntLanes(repeating: 16)
    c &+= 16
  }
  if rest != 0 {
    // The lanes beyond the row hold -infinity: exp gives 0.
    tail = expNonPositive(tail - shift)
    let other = tail.replacing(with: zero, where: column .== excluded)
    sums = (sums + widen(lowerHalf(other))) + widen(upperHalf(other))
  }
  var others = sum(sums)
  // The excluded column holds 1, unless the largest logit is infinite: let that show.
  others += Double(largest - largest)

  let divisor = Lanes(repeating: Float(1 + others))
  c = 0
  while c < whole {
    store(p + c, load(p + c) / divisor)
    c &+= 16
  }
  if rest != 0 { storeFront(p + whole, rest, tail / divisor) }
  return (largest, argMax, isAnySet(nan), others)
}
