import CCPU

// The tiles of Products.swift: a few rows and columns of C in registers, each element one chain of fused multiply-adds
// from index 0 upwards.

@inline(always)
private func begin(_ c: UnsafeMutablePointer<Float>, _ start: Start) -> SIMD8<Float> {
  if case .resume = start { return load8(c) }
  return SIMD8(repeating: 0)
}

@inline(always)
private func finish(_ c: UnsafeMutablePointer<Float>, _ x: SIMD8<Float>, _ start: Start) {
  if case .add = start {
    store8(c, load8(c) + x)
  } else {
    store8(c, x)
  }
}

@inline(always)
private func splat(_ x: Float) -> SIMD8<Float> { SIMD8(repeating: x) }

/// A row of 32 columns in two wide registers: two chains.
private struct WideRow {
  private var low: Lanes
  private var high: Lanes

  @inline(always)
  init(_ c: UnsafeMutablePointer<Float>, _ start: Start) {
    if case .resume = start {
      low = load(c)
      high = load(c + 16)
    } else {
      low = Lanes(repeating: 0)
      high = low
    }
  }

  @inline(always)
  mutating func add(_ x: Float, _ b: Lanes, _ d: Lanes) {
    let x = Lanes(repeating: x)
    low = low.addingProduct(x, b)
    high = high.addingProduct(x, d)
  }

  @inline(always)
  func finish(_ c: UnsafeMutablePointer<Float>, _ start: Start) {
    if case .add = start {
      store(c, load(c) + low)
      store(c + 16, load(c + 16) + high)
    } else {
      store(c, low)
      store(c + 16, high)
    }
  }
}

/// Eight rows of 32 columns: sixteen chains, in half of the 32 wide registers. Of each other step one of the sixteen
/// cache lines at `next` is fetched.
@inline(always)
func wideTile8(
  _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ b: UnsafePointer<Float>,
  _ bStride: Int, _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int, _ start: Start,
  _ next: UnsafePointer<Float>?
) {
  var s0 = WideRow(c, start)
  var s1 = WideRow(c + cStride, start)
  var s2 = WideRow(c + 2 &* cStride, start)
  var s3 = WideRow(c + 3 &* cStride, start)
  var s4 = WideRow(c + 4 &* cStride, start)
  var s5 = WideRow(c + 5 &* cStride, start)
  var s6 = WideRow(c + 6 &* cStride, start)
  var s7 = WideRow(c + 7 &* cStride, start)
  var a = a
  var b = b
  var k = 0
  while k < inner {
    let low = load(b)
    let high = load(b + 16)
    if let next, k & 1 == 0, k < 32 {
      dtrain_prefetch_to_write(next + ((k &>> 2) &* cStride &+ (k & 2) &* 8))
    }
    s0.add(a[0], low, high)
    s1.add(a[rowStep], low, high)
    s2.add(a[2 &* rowStep], low, high)
    s3.add(a[3 &* rowStep], low, high)
    s4.add(a[4 &* rowStep], low, high)
    s5.add(a[5 &* rowStep], low, high)
    s6.add(a[6 &* rowStep], low, high)
    s7.add(a[7 &* rowStep], low, high)
    a += depthStep
    b += bStride
    k &+= 1
  }
  s0.finish(c, start)
  s1.finish(c + cStride, start)
  s2.finish(c + 2 &* cStride, start)
  s3.finish(c + 3 &* cStride, start)
  s4.finish(c + 4 &* cStride, start)
  s5.finish(c + 5 &* cStride, start)
  s6.finish(c + 6 &* cStride, start)
  s7.finish(c + 7 &* cStride, start)
}

/// Four rows of 32 columns.
@inline(always)
func wideTile4(
  _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ b: UnsafePointer<Float>,
  _ bStride: Int, _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int, _ start: Start
) {
  var s0 = WideRow(c, start)
  var s1 = WideRow(c + cStride, start)
  var s2 = WideRow(c + 2 &* cStride, start)
  var s3 = WideRow(c + 3 &* cStride, start)
  var a = a
  var b = b
  var k = 0
  while k < inner {
    let low = load(b)
    let high = load(b + 16)
    s0.add(a[0], low, high)
    s1.add(a[rowStep], low, high)
    s2.add(a[2 &* rowStep], low, high)
    s3.add(a[3 &* rowStep], low, high)
    a += depthStep
    b += bStride
    k &+= 1
  }
  s0.finish(c, start)
  s1.finish(c + cStride, start)
  s2.finish(c + 2 &* cStride, start)
  s3.finish(c + 3 &* cStride, start)
}

/// Six rows of 16 columns: twelve chains, which hide the latency of the multiply-add.
@inline(always)
func tile6(
  _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ b: UnsafePointer<Float>,
  _ bStride: Int, _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int, _ start: Start
) {
  let c1 = c + cStride
  let c2 = c1 + cStride
  let c3 = c2 + cStride
  let c4 = c3 + cStride
  let c5 = c4 + cStride
  var s00 = begin(c, start)
  var s01 = begin(c + 8, start)
  var s10 = begin(c1, start)
  var s11 = begin(c1 + 8, start)
  var s20 = begin(c2, start)
  var s21 = begin(c2 + 8, start)
  var s30 = begin(c3, start)
  var s31 = begin(c3 + 8, start)
  var s40 = begin(c4, start)
  var s41 = begin(c4 + 8, start)
  var s50 = begin(c5, start)
  var s51 = begin(c5 + 8, start)
  var a = a
  var b = b
  var k = 0
  while k < inner {
    let b0 = load8(b)
    let b1 = load8(b + 8)
    let x0 = splat(a[0])
    s00 = s00.addingProduct(x0, b0)
    s01 = s01.addingProduct(x0, b1)
    let x1 = splat(a[rowStep])
    s10 = s10.addingProduct(x1, b0)
    s11 = s11.addingProduct(x1, b1)
    let x2 = splat(a[2 &* rowStep])
    s20 = s20.addingProduct(x2, b0)
    s21 = s21.addingProduct(x2, b1)
    let x3 = splat(a[3 &* rowStep])
    s30 = s30.addingProduct(x3, b0)
    s31 = s31.addingProduct(x3, b1)
    let x4 = splat(a[4 &* rowStep])
    s40 = s40.addingProduct(x4, b0)
    s41 = s41.addingProduct(x4, b1)
    let x5 = splat(a[5 &* rowStep])
    s50 = s50.addingProduct(x5, b0)
    s51 = s51.addingProduct(x5, b1)
    a += depthStep
    b += bStride
    k &+= 1
  }
  finish(c, s00, start)
  finish(c + 8, s01, start)
  finish(c1, s10, start)
  finish(c1 + 8, s11, start)
  finish(c2, s20, start)
  finish(c2 + 8, s21, start)
  finish(c3, s30, start)
  finish(c3 + 8, s31, start)
  finish(c4, s40, start)
  finish(c4 + 8, s41, start)
  finish(c5, s50, start)
  finish(c5 + 8, s51, start)
}

/// Four rows of 16 columns.
@inline(always)
func tile4(
  _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ b: UnsafePointer<Float>,
  _ bStride: Int, _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int, _ start: Start
) {
  let c1 = c + cStride
  let c2 = c1 + cStride
  let c3 = c2 + cStride
  var s00 = begin(c, start)
  var s01 = begin(c + 8, start)
  var s10 = begin(c1, start)
  var s11 = begin(c1 + 8, start)
  var s20 = begin(c2, start)
  var s21 = begin(c2 + 8, start)
  var s30 = begin(c3, start)
  var s31 = begin(c3 + 8, start)
  var a = a
  var b = b
  var k = 0
  while k < inner {
    let b0 = load8(b)
    let b1 = load8(b + 8)
    let x0 = splat(a[0])
    s00 = s00.addingProduct(x0, b0)
    s01 = s01.addingProduct(x0, b1)
    let x1 = splat(a[rowStep])
    s10 = s10.addingProduct(x1, b0)
    s11 = s11.addingProduct(x1, b1)
    let x2 = splat(a[2 &* rowStep])
    s20 = s20.addingProduct(x2, b0)
    s21 = s21.addingProduct(x2, b1)
    let x3 = splat(a[3 &* rowStep])
    s30 = s30.addingProduct(x3, b0)
    s31 = s31.addingProduct(x3, b1)
    a += depthStep
    b += bStride
    k &+= 1
  }
  finish(c, s00, start)
  finish(c + 8, s01, start)
  finish(c1, s10, start)
  finish(c1 + 8, s11, start)
  finish(c2, s20, start)
  finish(c2 + 8, s21, start)
  finish(c3, s30, start)
  finish(c3 + 8, s31, start)
}

/// Six rows of eight columns.
@inline(always)
func narrowTile6(
  _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ b: UnsafePointer<Float>,
  _ bStride: Int, _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int, _ start: Start
) {
  var s0 = begin(c, start)
  var s1 = begin(c + cStride, start)
  var s2 = begin(c + 2 &* cStride, start)
  var s3 = begin(c + 3 &* cStride, start)
  var s4 = begin(c + 4 &* cStride, start)
  var s5 = begin(c + 5 &* cStride, start)
  var a = a
  var b = b
  var k = 0
  while k < inner {
    let b0 = load8(b)
    s0 = s0.addingProduct(splat(a[0]), b0)
    s1 = s1.addingProduct(splat(a[rowStep]), b0)
    s2 = s2.addingProduct(splat(a[2 &* rowStep]), b0)
    s3 = s3.addingProduct(splat(a[3 &* rowStep]), b0)
    s4 = s4.addingProduct(splat(a[4 &* rowStep]), b0)
    s5 = s5.addingProduct(splat(a[5 &* rowStep]), b0)
    a += depthStep
    b += bStride
    k &+= 1
  }
  finish(c, s0, start)
  finish(c + cStride, s1, start)
  finish(c + 2 &* cStride, s2, start)
  finish(c + 3 &* cStride, s3, start)
  finish(c + 4 &* cStride, s4, start)
  finish(c + 5 &* cStride, s5, start)
}

/// One row of eight columns.
@inline(always)
func tile1(
  _ a: UnsafePointer<Float>, _ depthStep: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
  _ c: UnsafeMutablePointer<Float>, _ inner: Int, _ start: Start
) {
  var s = begin(c, start)
  var a = a
  var b = b
  var k = 0
  while k < inner {
    s = s.addingProduct(splat(a[0]), load8(b))
    a += depthStep
    b += bStride
    k &+= 1
  }
  finish(c, s, start)
}

/// Eight rows of one column, a row a lane.
@inline(always)
func columnTile8(
  _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ b: UnsafePointer<Float>,
  _ bStride: Int, _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int, _ start: Start
) {
  var held = SIMD8<Float>(repeating: 0)
  var i = 0
  while i < 8 {
    held[i] = c[i &* cStride]
    i &+= 1
  }
  var s = SIMD8<Float>(repeating: 0)
  if case .resume = start { s = held }
  var a = a
  var b = b
  var k = 0
  while k < inner {
    let x = SIMD8<Float>(
      a[0], a[rowStep], a[2 &* rowStep], a[3 &* rowStep], a[4 &* rowStep], a[5 &* rowStep],
      a[6 &* rowStep], a[7 &* rowStep])
    s = s.addingProduct(x, splat(b[0]))
    a += depthStep
    b += bStride
    k &+= 1
  }
  if case .add = start { s = held + s }
  i = 0
  while i < 8 {
    c[i &* cStride] = s[i]
    i &+= 1
  }
}

/// One element.
@inline(always)
func element(
  _ a: UnsafePointer<Float>, _ depthStep: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
  _ c: UnsafeMutablePointer<Float>, _ inner: Int, _ start: Start
) {
  var s: Float = 0
  if case .resume = start { s = c[0] }
  var a = a
  var b = b
  var k = 0
  while k < inner {
    s = s.addingProduct(a[0], b[0])
    a += depthStep
    b += bStride
    k &+= 1
  }
  if case .add = start { s = c[0] + s }
  c[0] = s
}
