/// tanh in place on `[rows, columns]` values whose rows lie `stride` elements apart.
///
/// Within 3 ulp over all of Float, odd bit for bit, ±1 beyond 10, NaN for NaN. A value's bits do
/// not depend on its place.
/// - Complexity: O(rows · columns).
func tanhForward(
  _ x: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int
) {
  mapRows(x, stride, rows, columns, tanh)
}

/// The logistic function 1 / (1 + exp(-x)) in place on `[rows, columns]` values.
///
/// Within 3 ulp over all of Float, also where the result is small; NaN for NaN.
/// - Complexity: O(rows · columns).
func sigmoidForward(
  _ x: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int
) {
  mapRows(x, stride, rows, columns, sigmoid)
}

/// max(x, 0) in place on `[rows, columns]` values; NaN for NaN.
/// - Complexity: O(rows · columns).
func reluForward(
  _ x: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int
) {
  mapRows(x, stride, rows, columns, relu)
}

@inline(always)
private func tanh(_ x: Lanes) -> Lanes {
  // With e = exp(2|x|) - 1, tanh |x| = e / (e + 2): no cancellation at either end.
  let sign = bits(x) & IntLanes(repeating: Int32.min)
  let magnitude = float(bits: bits(x) & IntLanes(repeating: Int32.max))
  let limit = Lanes(repeating: 20)
  let doubled = magnitude + magnitude
  let (p, k) = expm1Reduced(doubled.replacing(with: limit, where: doubled .> limit))
  let scale = float(bits: (k &+ IntLanes(repeating: 127)) &<< IntLanes(repeating: 23))
  let e = (scale - Lanes(repeating: 1)).addingProduct(scale, p)
  return float(bits: bits(e / (e + Lanes(repeating: 2))) | sign)
}

@inline(always)
private func sigmoid(_ x: Lanes) -> Lanes {
  let one = Lanes(repeating: 1)
  let e = expNonPositive(float(bits: bits(x) | IntLanes(repeating: Int32.min)))
  return one.replacing(with: e, where: x .< Lanes(repeating: 0)) / (one + e)
}

@inline(always)
private func relu(_ x: Lanes) -> Lanes {
  let zero = Lanes(repeating: 0)
  return x.replacing(with: zero, where: x .<= zero)
}

/// delta *= 1 - a², where a is the output of tanh; 1 - a² is rounded once.
///
/// Both are `[rows, columns]` with their own strides in elements.
/// - Complexity: O(rows · columns).
func tanhBackward(
  _ delta: UnsafeMutablePointer<Float>, _ deltaStride: Int,
  _ a: UnsafePointer<Float>, _ aStride: Int, _ rows: Int, _ columns: Int
) {
  mapRows(delta, deltaStride, a, aStride, rows, columns, tanhDerivative)
}

/// delta *= a (1 - a), where a is the output of the logistic function.
///
/// The order is delta · (a · (1 - a)), each step rounded.
/// - Complexity: O(rows · columns).
func sigmoidBackward(
  _ delta: UnsafeMutablePointer<Float>, _ deltaStride: Int,
  _ a: UnsafePointer<Float>, _ aStride: Int, _ rows: Int, _ columns: Int
) {
  mapRows(delta, deltaStride, a, aStride, rows, columns, sigmoidDerivative)
}

/// delta = 0 where a <= 0, where a is the output of relu; a NaN in a leaves delta as it is.
/// - Complexity: O(rows · columns).
func reluBackward(
  _ delta: UnsafeMutablePointer<Float>, _ deltaStride: Int,
  _ a: UnsafePointer<Float>, _ aStride: Int, _ rows: Int, _ columns: Int
) {
  mapRows(delta, deltaStride, a, aStride, rows, columns, reluDerivative)
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

@inline(always)
private func mapRows(
  _ x: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int,
  _ activation: (Lanes) -> Lanes
) {
  @inline(always)
  func replace(_ x: Lanes, _: Lanes) -> Lanes { activation(x) }
  mapRows(x, stride, x, stride, rows, columns, replace)
}

/// Replaces each x by `replace(x, a)`, a function marked `@inline(always)`. The last block of a row overlaps the one
/// before it; it is computed before anything of the row is overwritten, so both give the same bits.
@inline(always)
private func mapRows(
  _ x: UnsafeMutablePointer<Float>, _ stride: Int, _ a: UnsafePointer<Float>, _ aStride: Int,
  _ rows: Int, _ columns: Int, _ replace: (_ x: Lanes, _ a: Lanes) -> Lanes
) {
  if columns < 1 { return }
  var x = x
  var a = a
  var row = 0
  if columns < 16 {
    while row < rows {
      storeSpread(x, columns, replace(loadSpread(x, columns), loadSpread(a, columns)))
      x += stride
      a += aStride
      row &+= 1
    }
    return
  }
  let last = columns &- 16
  while row < rows {
    let tail = replace(load(x + last), load(a + last))
    var c = 0
    while c < last {
      store(x + c, replace(load(x + c), load(a + c)))
      c &+= 16
    }
    store(x + last, tail)
    x += stride
    a += aStride
    row &+= 1
  }
}
