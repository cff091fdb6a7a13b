import CCPU

// Matrix products of few rows, without packing. BLAS copies both operands into its own layout first,
// which a product with 16 to 64 rows does not repay: measured on Zen 4 for 18 x 785 x 200, 105 GFLOP/s
// here and 71 by OpenBLAS; for 36 rows 104 and 95; from 72 rows equal.
//
// Each element is one chain of fused multiply-adds over the inner index, from 0 upwards, whatever the
// tile it falls into. So its bits depend neither on the number of rows or columns, nor on strides, nor
// on the instruction set.

/// C = A B: A is `[rows, inner]`, B `[inner, columns]`, C `[rows, columns]`, with strides.
/// - Complexity: O(rows · columns · inner).
public func product(
  _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
  _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ rows: Int, _ columns: Int, _ inner: Int
) {
  // A panel of B of this depth and 16 or 32 columns stays in the first-level cache.
  let depth = 192
  var k = 0
  repeat {
    let part = inner &- k < depth ? inner &- k : depth
    panels(
      a + k, aStride, 1, b + k &* bStride, bStride, c, cStride, rows, columns, part,
      k == 0 ? .fresh : .resume, nil)
    k &+= depth
  } while k < inner
}

/// C = A^T B, or C += A^T B: A is `[inner, rows]`, B `[inner, columns]`, C `[rows, columns]`, with strides.
///
/// With `accumulate`, the finished sum is added to C: the bits of a separate addition. `next`, where it is not nil, is
/// what will be written next, laid out as C: its cache lines are taken from other processors meanwhile, which costs
/// hardly more than the products alone.
/// - Complexity: O(rows · columns · inner).
public func productOfTranspose(
  _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
  _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ rows: Int, _ columns: Int, _ inner: Int,
  _ accumulate: Bool, _ next: UnsafePointer<Float>?
) {
  panels(
    a, 1, aStride, b, bStride, c, cStride, rows, columns, inner, accumulate ? .add : .fresh, next)
}

/// What a tile does with what C holds.
private enum Start {
  /// Nothing: C is written.
  case fresh
  /// The chains of an earlier part of the inner index go on.
  case resume
  /// The finished sums are added.
  case add
}

/// Panels of 32 columns where registers are wide, of 16, 8 and fewer, each from the first row to the last.
@inline(always)
private func panels(
  _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ b: UnsafePointer<Float>,
  _ bStride: Int, _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ rows: Int, _ columns: Int,
  _ inner: Int, _ start: Start, _ next: UnsafePointer<Float>?
) {
  var j = 0
  while dtrain_has_wide_registers() != 0, j &+ 32 <= columns {
    var i = 0
    while i &+ 8 <= rows {
      wideTile8(
        a + i &* rowStep, rowStep, depthStep, b + j, bStride, c + (i &* cStride &+ j), cStride,
        inner, start, next.map { $0 + (i &* cStride &+ j) })
      i &+= 8
    }
    while i &+ 4 <= rows {
      wideTile4(
        a + i &* rowStep, rowStep, depthStep, b + j, bStride, c + (i &* cStride &+ j), cStride,
        inner, start)
      i &+= 4
    }
    while i < rows {
      var part = 0
      while part < 32 {
        tile1(
          a + i &* rowStep, depthStep, b + (j &+ part), bStride, c + (i &* cStride &+ j &+ part),
          inner, start)
        part &+= 8
      }
      i &+= 1
    }
    j &+= 32
  }
  while j &+ 16 <= columns {
    var i = 0
    while i &+ 6 <= rows, rows &- i != 8 {
      tile6(
        a + i &* rowStep, rowStep, depthStep, b + j, bStride, c + (i &* cStride &+ j), cStride,
        inner, start)
      i &+= 6
    }
    while i &+ 4 <= rows {
      tile4(
        a + i &* rowStep, rowStep, depthStep, b + j, bStride, c + (i &* cStride &+ j), cStride,
        inner, start)
      i &+= 4
    }
    while i < rows {
      tile1(a + i &* rowStep, depthStep, b + j, bStride, c + (i &* cStride &+ j), inner, start)
      tile1(
        a + i &* rowStep, depthStep, b + (j &+ 8), bStride, c + (i &* cStride &+ j &+ 8), inner,
        start)
      i &+= 1
    }
    j &+= 16
  }
  if j &+ 8 <= columns {
    var i = 0
    while i &+ 6 <= rows {
      narrowTile6(
        a + i &* rowStep, rowStep, depthStep, b + j, bStride, c + (i &* cStride &+ j), cStride,
        inner, start)
      i &+= 6
    }
    while i < rows {
      tile1(a + i &* rowStep, depthStep, b + j, bStride, c + (i &* cStride &+ j), inner, start)
      i &+= 1
    }
    j &+= 8
  }
  while j < columns {
    var i = 0
    while i &+ 8 <= rows {
      columnTile8(
        a + i &* rowStep, rowStep, depthStep, b + j, bStride, c + (i &* cStride &+ j), cStride,
        inner, start)
      i &+= 8
    }
    while i < rows {
      element(a + i &* rowStep, depthStep, b + j, bStride, c + (i &* cStride &+ j), inner, start)
      i &+= 1
    }
    j &+= 1
  }
}

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
private func wideTile8(
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
private func wideTile4(
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
private func tile6(
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
private func tile4(
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
private func narrowTile6(
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
private func tile1(
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
private func columnTile8(
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
private func element(
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

/// B = A^T: A is `[rows, columns]`, B `[columns, rows]`, with strides.
/// - Complexity: O(rows · columns).
public func transpose(
  _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafeMutablePointer<Float>, _ bStride: Int,
  _ rows: Int, _ columns: Int
) {
  var j = 0
  while j < columns {
    var i = 0
    while i < rows {
      b[j &* bStride &+ i] = a[i &* aStride &+ j]
      i &+= 1
    }
    j &+= 1
  }
}
