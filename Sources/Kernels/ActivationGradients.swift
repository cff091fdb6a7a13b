/// delta *= 1 - a², where a is the output of tanh; 1 - a² is rounded once.
///
/// Both are `[rows, columns]` with their own strides in elements.
/// - Complexity: O(rows · columns).
func tanhBackward(
  _ delta: UnsafeMutablePointer<Float>, _ deltaStride: Int,
  _ a: UnsafePointer<Float>, _ aStride: Int, _ rows: Int, _ columns: Int
) {
  scaleRows(delta, deltaStride, a, aStride, rows, columns, tanhDerivative)
}

/// delta *= a (1 - a), where a is the output of the logistic function.
///
/// The order is delta · (a · (1 - a)), each step rounded.
/// - Complexity: O(rows · columns).
func sigmoidBackward(
  _ delta: UnsafeMutablePointer<Float>, _ deltaStride: Int,
  _ a: UnsafePointer<Float>, _ aStride: Int, _ rows: Int, _ columns: Int
) {
  scaleRows(delta, deltaStride, a, aStride, rows, columns, sigmoidDerivative)
}

/// delta = 0 where a <= 0, where a is the output of relu; a NaN in a leaves delta as it is.
/// - Complexity: O(rows · columns).
func reluBackward(
  _ delta: UnsafeMutablePointer<Float>, _ deltaStride: Int,
  _ a: UnsafePointer<Float>, _ aStride: Int, _ rows: Int, _ columns: Int
) {
  scaleRows(delta, deltaStride, a, aStride, rows, columns, reluDerivative)
}

@inline(always)
private func tanhDerivative(_ delta: Lanes, _ a: Lanes) -> Lanes {
  delta * Lanes(repeating: 1).addingProduct(Lanes(repeating: 0) - a, a)
}

@inline(always)
private func sigmoidDerivative(_ delta: Lanes, _ a: Lanes) -> Lanes {
  delta * (a * (Lanes(repeating: 1) - a))
}

@inline(always)
private func reluDerivative(_ delta: Lanes, _ a: Lanes) -> Lanes {
  let zero = Lanes(repeating: 0)
  return delta.replacing(with: zero, where: a .<= zero)
}

/// Multiplies each delta by the derivative at its a, with a function marked `@inline(always)`; the last block of a row overlapping as in `mapRows`.
@inline(always)
private func scaleRows(
  _ delta: UnsafeMutablePointer<Float>, _ deltaStride: Int,
  _ a: UnsafePointer<Float>, _ aStride: Int, _ rows: Int, _ columns: Int,
  _ derive: (_ delta: Lanes, _ a: Lanes) -> Lanes
) {
  if columns < 1 { return }
  var d = delta
  var a = a
  var row = 0
  if columns < 16 {
    while row < rows {
      storeSpread(d, columns, derive(loadSpread(d, columns), loadSpread(a, columns)))
      d += deltaStride
      a += aStride
      row &+= 1
    }
    return
  }
  let last = columns &- 16
  while row < rows {
    let tail = derive(load(d + last), load(a + last))
    var c = 0
    while c < last {
      store(d + c, derive(load(d + c), load(a + c)))
      c &+= 16
    }
    store(d + last, tail)
    d += deltaStride
    a += aStride
    row &+= 1
  }
}
