import CCPU

// The updates use + - * / and sqrt alone, each rounded, in the order given: no fused
// multiply-add, so that the same lines in any language give the same bits.

/// w -= rate * (g * scale + decay * w). With scale 1 and decay 0 that is w - rate * g exactly, for
/// finite w. No state, no coefficients.
func sgd(
  _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
  _ state: UnsafePointer<UnsafeMutablePointer<Float>>, _ first: Int, _ count: Int, _ rate: Float,
  _ scale: Float, _ decay: Float, _ coefficients: UnsafePointer<Float>
) {
  @inline(always)
  func element(_ w: Lanes, _ g: Lanes, _: inout Lanes, _: inout Lanes) -> Lanes {
    w - rate * (g * scale + decay * w)
  }
  update(w, g, state, 0, first, count, element)
}

/// v = mu * v + (g * scale + decay * w), then w -= rate * v. State: v; coefficients: mu.
func momentum(
  _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
  _ state: UnsafePointer<UnsafeMutablePointer<Float>>, _ first: Int, _ count: Int, _ rate: Float,
  _ scale: Float, _ decay: Float, _ coefficients: UnsafePointer<Float>
) {
  let mu = coefficients[0]
  @inline(always)
  func element(_ w: Lanes, _ g: Lanes, _ v: inout Lanes, _: inout Lanes) -> Lanes {
    v = mu * v + (g * scale + decay * w)
    return w - rate * v
  }
  update(w, g, state, 1, first, count, element)
}

/// d = g * scale + decay * w, v = mu * v + d, then w -= rate * (d + mu * v). State: v;
/// coefficients: mu.
func nesterov(
  _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
  _ state: UnsafePointer<UnsafeMutablePointer<Float>>, _ first: Int, _ count: Int, _ rate: Float,
  _ scale: Float, _ decay: Float, _ coefficients: UnsafePointer<Float>
) {
  let mu = coefficients[0]
  @inline(always)
  func element(_ w: Lanes, _ g: Lanes, _ v: inout Lanes, _: inout Lanes) -> Lanes {
    let d = g * scale + decay * w
    v = mu * v + d
    return w - rate * (d + mu * v)
  }
  update(w, g, state, 1, first, count, element)
}

/// AdamW, with decoupled decay: d = g * scale, m = beta1 * m + oneMinusBeta1 * d,
/// v = beta2 * v + oneMinusBeta2 * (d * d), then
/// w -= rate * ((m * correction1) / (sqrt(v * correction2) + epsilon) + decay * w).
///
/// State: m, v; coefficients: beta1, beta2, oneMinusBeta1, oneMinusBeta2, correction1, correction2,
/// epsilon. correction1 = 1 / (1 - beta1^t) and correction2 = 1 / (1 - beta2^t) at step t = 1, 2, …
func adamW(
  _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
  _ state: UnsafePointer<UnsafeMutablePointer<Float>>, _ first: Int, _ count: Int, _ rate: Float,
  _ scale: Float, _ decay: Float, _ coefficients: UnsafePointer<Float>
) {
  let (beta1, beta2) = (coefficients[0], coefficients[1])
  let (oneMinusBeta1, oneMinusBeta2) = (coefficients[2], coefficients[3])
  let (correction1, correction2) = (coefficients[4], coefficients[5])
  let epsilon = coefficients[6]
  @inline(always)
  func element(_ w: Lanes, _ g: Lanes, _ m: inout Lanes, _ v: inout Lanes) -> Lanes {
    let d = g * scale
    m = beta1 * m + oneMinusBeta1 * d
    v = beta2 * v + oneMinusBeta2 * (d * d)
    let spread = (v * correction2).squareRoot() + epsilon
    return w - rate * ((m * correction1) / spread + decay * w)
  }
  update(w, g, state, 2, first, count, element)
}

/// Replaces parameters by what `element` makes of them, their gradient and up to two vectors of state, which it may
/// change; `vectors`, a constant at each call, is how many of those there are. `element` is a local function marked
/// `@inline(always)`: a closure would be called through memory.
/// - Complexity: O(count).
@inline(always)
private func update(
  _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
  _ state: UnsafePointer<UnsafeMutablePointer<Float>>, _ vectors: Int, _ first: Int, _ count: Int,
  _ element: (_ w: Lanes, _ g: Lanes, _ m: inout Lanes, _ v: inout Lanes) -> Lanes
) {
  let w = w + first
  let m = vectors > 0 ? state[0] + first : w
  let v = vectors > 1 ? state[1] + first : w
  var i = 0
  while i < count {
    let rest = count &- i
    var (a, b) = (Lanes(repeating: 0), Lanes(repeating: 0))
    if rest >= 16 {
      // With state there is more to wait for than these stores.
      if vectors == 0 { dtrain_prefetch_to_write(w + i + 512) }
      let old = load(w + i)
      if vectors > 0 { a = load(m + i) }
      if vectors > 1 { b = load(v + i) }
      let new = element(old, load(g + i), &a, &b)
      if vectors > 0 { store(m + i, a) }
      if vectors > 1 { store(v + i, b) }
      store(w + i, new)
    } else {
      if vectors > 0 { a = loadFront(m + i, rest, fill: 0) }
      if vectors > 1 { b = loadFront(v + i, rest, fill: 0) }
      let new = element(loadFront(w + i, rest, fill: 0), loadFront(g + i, rest, fill: 0), &a, &b)
      if vectors > 0 { storeFront(m + i, rest, a) }
      if vectors > 1 { storeFront(v + i, rest, b) }
      storeFront(w + i, rest, new)
    }
    i &+= 16
  }
}
