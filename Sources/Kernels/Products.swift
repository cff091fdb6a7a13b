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
func product(
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
func productOfTranspose(
  _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
  _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ rows: Int, _ columns: Int, _ inner: Int,
  _ accumulate: Bool, _ next: UnsafePointer<Float>?
) {
  panels(
    a, 1, aStride, b, bStride, c, cStride, rows, columns, inner, accumulate ? .add : .fresh, next)
}

/// What a tile (ProductTiles.swift) does with what C holds.
enum Start {
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

/// B = A^T: A is `[rows, columns]`, B `[columns, rows]`, with strides.
/// - Complexity: O(rows · columns).
func transpose(
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
