import CCPU

// The updates use + - * / and sqrt alone, each rounded, in the order given: no fused
// multiply-add, so that the same lines in any language give the same bits.

/// w -= rate * (g * scale + decay * w). With scale 1 and decay 0 that is w - rate * g exactly, for
/// finite w.
/// - Complexity: O(count).
public func sgd(
  _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ count: Int,
  _ rate: Float, _ scale: Float, _ decay: Float
) {
  let rate = Lanes(repeating: rate)
  let scale = Lanes(repeating: scale)
  let decay = Lanes(repeating: decay)
  var i = 0
  while i < count {
    let rest = count &- i
    if rest >= 16 {
      dtrain_prefetch_to_write(w + i + 512)
      let old = load(w + i)
      store(w + i, old - rate * (load(g + i) * scale + decay * old))
    } else {
      let old = loadFront(w + i, rest, fill: 0)
      let gradient = loadFront(g + i, rest, fill: 0)
      storeFront(w + i, rest, old - rate * (gradient * scale + decay * old))
    }
    i &+= 16
  }
}

/// v = mu * v + (g * scale + decay * w), then w -= rate * v.
/// - Complexity: O(count).
public func momentum(
  _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ v: UnsafeMutablePointer<Float>,
  _ count: Int, _ rate: Float, _ mu: Float, _ scale: Float, _ decay: Float
) {
  let rate = Lanes(repeating: rate)
  let mu = Lanes(repeating: mu)
  let scale = Lanes(repeating: scale)
  let decay = Lanes(repeating: decay)
  var i = 0
  while i < count {
    let rest = count &- i
    if rest >= 16 {
      let old = load(w + i)
      let velocity = mu * load(v + i) + (load(g + i) * scale + decay * old)
      store(v + i, velocity)
      store(w + i, old - rate * velocity)
    } else {
      let old = loadFront(w + i, rest, fill: 0)
      let gradient = loadFront(g + i, rest, fill: 0)
      let velocity = mu * loadFront(v + i, rest, fill: 0) + (gradient * scale + decay * old)
      storeFront(v + i, rest, velocity)
      storeFront(w + i, rest, old - rate * velocity)
    }
    i &+= 16
  }
}

/// d = g * scale + decay * w, v = mu * v + d, then w -= rate * (d + mu * v).
/// - Complexity: O(count).
public func nesterov(
  _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ v: UnsafeMutablePointer<Float>,
  _ count: Int, _ rate: Float, _ mu: Float, _ scale: Float, _ decay: Float
) {
  let rate = Lanes(repeating: rate)
  let mu = Lanes(repeating: mu)
  let scale = Lanes(repeating: scale)
  let decay = Lanes(repeating: decay)
  var i = 0
  while i < count {
    let rest = count &- i
    if rest >= 16 {
      let old = load(w + i)
      let d = load(g + i) * scale + decay * old
      let velocity = mu * load(v + i) + d
      store(v + i, velocity)
      store(w + i, old - rate * (d + mu * velocity))
    } else {
      let old = loadFront(w + i, rest, fill: 0)
      let d = loadFront(g + i, rest, fill: 0) * scale + decay * old
      let velocity = mu * loadFront(v + i, rest, fill: 0) + d
      storeFront(v + i, rest, velocity)
      storeFront(w + i, rest, old - rate * (d + mu * velocity))
    }
    i &+= 16
  }
}

/// AdamW, with decoupled decay: d = g * scale, m = beta1 * m + oneMinusBeta1 * d,
/// v = beta2 * v + oneMinusBeta2 * (d * d), then
/// w -= rate * ((m * correction1) / (sqrt(v * correction2) + epsilon) + decay * w).
///
/// correction1 = 1 / (1 - beta1^t) and correction2 = 1 / (1 - beta2^t) at step t = 1, 2, …
/// - Complexity: O(count).
public func adamW(
  _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
  _ v: UnsafeMutablePointer<Float>, _ count: Int,
  _ beta1: Float, _ beta2: Float, _ oneMinusBeta1: Float, _ oneMinusBeta2: Float,
  _ correction1: Float, _ correction2: Float, _ epsilon: Float,
  _ rate: Float, _ decay: Float, _ scale: Float
) {
  var i = 0
  while i < count {
    let rest = count &- i
    let isWhole = rest >= 16
    let old = isWhole ? load(w + i) : loadFront(w + i, rest, fill: 0)
    let d =
      (isWhole ? load(g + i) : loadFront(g + i, rest, fill: 0)) * Lanes(repeating: scale)
    let m0 = isWhole ? load(m + i) : loadFront(m + i, rest, fill: 0)
    let v0 = isWhole ? load(v + i) : loadFront(v + i, rest, fill: 0)
    let m1 = Lanes(repeating: beta1) * m0 + Lanes(repeating: oneMinusBeta1) * d
    let v1 = Lanes(repeating: beta2) * v0 + Lanes(repeating: oneMinusBeta2) * (d * d)
    let spread = (v1 * Lanes(repeating: correction2)).squareRoot() + Lanes(repeating: epsilon)
    let step = (m1 * Lanes(repeating: correction1)) / spread + Lanes(repeating: decay) * old
    let new = old - Lanes(repeating: rate) * step
    if isWhole {
      store(m + i, m1)
      store(v + i, v1)
      store(w + i, new)
    } else {
      storeFront(m + i, rest, m1)
      storeFront(v + i, rest, v1)
      storeFront(w + i, rest, new)
    }
    i &+= 16
  }
}
