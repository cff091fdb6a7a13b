import CCPU

/// Sixteen binary32 lanes: the one width in which every kernel is written.
///
/// The width stands in the source, not in the target, so each instruction set gives the same bits.
typealias Lanes = SIMD16<Float>

/// Sixteen 32-bit integers: bit patterns, column numbers.
typealias IntLanes = SIMD16<Int32>

/// The column numbers of a block that starts at column 0.
@inline(always)
func columnNumbers() -> IntLanes {
  IntLanes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
}

@inline(always)
func bits(_ x: Lanes) -> IntLanes { unsafeBitCast(x, to: IntLanes.self) }

@inline(always)
func float(bits x: IntLanes) -> Lanes { unsafeBitCast(x, to: Lanes.self) }

@inline(always)
func load(_ p: UnsafePointer<Float>) -> Lanes {
  UnsafeRawPointer(p).loadUnaligned(as: Lanes.self)
}

@inline(always)
func store(_ p: UnsafeMutablePointer<Float>, _ x: Lanes) {
  UnsafeMutableRawPointer(p).storeBytes(of: x, as: Lanes.self)
}

@inline(always)
func loadWords(_ p: UnsafePointer<Int32>) -> IntLanes {
  UnsafeRawPointer(p).loadUnaligned(as: IntLanes.self)
}

@inline(always)
func storeWords(_ p: UnsafeMutablePointer<Int32>, _ x: IntLanes) {
  UnsafeMutableRawPointer(p).storeBytes(of: x, as: IntLanes.self)
}

@inline(always)
func load8(_ p: UnsafePointer<Float>) -> SIMD8<Float> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(always)
func store8(_ p: UnsafeMutablePointer<Float>, _ x: SIMD8<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: x, as: SIMD8<Float>.self)
}

@inline(always)
func load4(_ p: UnsafePointer<Float>) -> SIMD4<Float> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD4<Float>.self)
}

@inline(always)
func store4(_ p: UnsafeMutablePointer<Float>, _ x: SIMD4<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: x, as: SIMD4<Float>.self)
}

/// Loads `n` elements, 0 <= n < 16, into the first lanes; the others hold `fill`.
@inline(always)
func loadFront(_ p: UnsafePointer<Float>, _ n: Int, fill: Float) -> Lanes {
  var rest = SIMD8<Float>(repeating: fill)
  let r = p + (n & 8)
  var tail = SIMD4<Float>(repeating: fill)
  let q = r + (n & 4)
  if n & 3 > 0 { tail[0] = q[0] }
  if n & 3 > 1 { tail[1] = q[1] }
  if n & 3 > 2 { tail[2] = q[2] }
  if n & 4 != 0 {
    rest = SIMD8(lowHalf: load4(r), highHalf: tail)
  } else {
    rest = SIMD8(lowHalf: tail, highHalf: SIMD4(repeating: fill))
  }
  if n & 8 != 0 { return Lanes(lowHalf: load8(p), highHalf: rest) }
  return Lanes(lowHalf: rest, highHalf: SIMD8(repeating: fill))
}

/// Stores the first `n` lanes, 0 <= n < 16.
@inline(always)
func storeFront(_ p: UnsafeMutablePointer<Float>, _ n: Int, _ x: Lanes) {
  var p = p
  var eight = lowerHalf(x)
  if n & 8 != 0 {
    store8(p, eight)
    eight = upperHalf(x)
    p += 8
  }
  var four = lowerHalf(eight)
  if n & 4 != 0 {
    store4(p, four)
    four = upperHalf(eight)
    p += 4
  }
  if n & 3 > 0 { p[0] = four[0] }
  if n & 3 > 1 { p[1] = four[1] }
  if n & 3 > 2 { p[2] = four[2] }
}

/// Loads `n` elements, 0 < n < 16, each into at least one lane: two loads that overlap.
///
/// Enough for elementwise work, and cheaper than `loadFront`; `storeSpread` is its inverse.
@inline(always)
func loadSpread(_ p: UnsafePointer<Float>, _ n: Int) -> Lanes {
  if n >= 8 { return Lanes(lowHalf: load8(p), highHalf: load8(p + (n &- 8))) }
  if n >= 4 {
    return Lanes(
      lowHalf: SIMD8(lowHalf: load4(p), highHalf: load4(p + (n &- 4))),
      highHalf: SIMD8(repeating: 0))
  }
  var x = Lanes(repeating: 0)
  x[0] = p[0]
  x[1] = p[n &>> 1]
  x[2] = p[n &- 1]
  return x
}

/// Stores what `loadSpread` loaded.
@inline(always)
func storeSpread(_ p: UnsafeMutablePointer<Float>, _ n: Int, _ x: Lanes) {
  if n >= 8 {
    store8(p, lowerHalf(x))
    store8(p + (n &- 8), upperHalf(x))
  } else if n >= 4 {
    store4(p, lowerHalf(lowerHalf(x)))
    store4(p + (n &- 4), upperHalf(lowerHalf(x)))
  } else {
    p[0] = x[0]
    p[n &>> 1] = x[1]
    p[n &- 1] = x[2]
  }
}

// Halves and conversions are written lane by lane, which compiles to plain shuffles and
// conversions: the standard library's own are emitted as weak symbols, which the linker could share
// with code for older CPUs.

@inline(always)
func lowerHalf(_ x: SIMD16<Float>) -> SIMD8<Float> {
  SIMD8<Float>(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7])
}

@inline(always)
func upperHalf(_ x: SIMD16<Float>) -> SIMD8<Float> {
  SIMD8<Float>(x[8], x[9], x[10], x[11], x[12], x[13], x[14], x[15])
}

@inline(always)
func lowerHalf(_ x: SIMD8<Float>) -> SIMD4<Float> { SIMD4<Float>(x[0], x[1], x[2], x[3]) }

@inline(always)
func upperHalf(_ x: SIMD8<Float>) -> SIMD4<Float> { SIMD4<Float>(x[4], x[5], x[6], x[7]) }

@inline(always)
func lowerHalf(_ x: SIMD16<Int32>) -> SIMD8<Int32> {
  SIMD8<Int32>(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7])
}

@inline(always)
func upperHalf(_ x: SIMD16<Int32>) -> SIMD8<Int32> {
  SIMD8<Int32>(x[8], x[9], x[10], x[11], x[12], x[13], x[14], x[15])
}

@inline(always)
func lowerHalf(_ x: SIMD8<Int32>) -> SIMD4<Int32> { SIMD4<Int32>(x[0], x[1], x[2], x[3]) }

@inline(always)
func upperHalf(_ x: SIMD8<Int32>) -> SIMD4<Int32> { SIMD4<Int32>(x[4], x[5], x[6], x[7]) }

@inline(always)
func lowerHalf(_ x: SIMD8<Double>) -> SIMD4<Double> { SIMD4<Double>(x[0], x[1], x[2], x[3]) }

@inline(always)
func upperHalf(_ x: SIMD8<Double>) -> SIMD4<Double> { SIMD4<Double>(x[4], x[5], x[6], x[7]) }

@inline(always)
func lowerHalf(_ x: SIMD4<Double>) -> SIMD2<Double> { SIMD2<Double>(x[0], x[1]) }

@inline(always)
func upperHalf(_ x: SIMD4<Double>) -> SIMD2<Double> { SIMD2<Double>(x[2], x[3]) }

/// Eight lanes in Double.
@inline(always)
func widen(_ x: SIMD8<Float>) -> SIMD8<Double> {
  SIMD8<Double>(
    Double(x[0]), Double(x[1]), Double(x[2]), Double(x[3]),
    Double(x[4]), Double(x[5]), Double(x[6]), Double(x[7]))
}

/// The sum of eight lanes, by halves: lane i and i + 4, then i and i + 2, then the last two.
@inline(always)
func sum(_ x: SIMD8<Double>) -> Double {
  let four = lowerHalf(x) + upperHalf(x)
  let two = lowerHalf(four) + upperHalf(four)
  return two[0] + two[1]
}

/// Whether any lane differs from 0.
@inline(always)
func isAnySet(_ x: IntLanes) -> Bool {
  let eight = lowerHalf(x) | upperHalf(x)
  let four = lowerHalf(eight) | upperHalf(eight)
  return (four[0] | four[1]) | (four[2] | four[3]) != 0
}

/// The lanes of a mask, the first in the lowest bit.
@inline(always)
func lanes(where mask: SIMDMask<IntLanes>) -> UInt32 {
  dtrain_signs(IntLanes(repeating: 0).replacing(with: IntLanes(repeating: -1), where: mask))
}

/// The lanes that are not in a mask.
@inline(always)
func lanes(unless mask: SIMDMask<IntLanes>) -> UInt32 {
  dtrain_signs(IntLanes(repeating: -1).replacing(with: IntLanes(repeating: 0), where: mask))
}

/// Sixteen bytes as Floats, lane by lane for the reason given at `widen`.
@inline(always)
func loadBytes(_ p: UnsafePointer<UInt8>) -> Lanes {
  let x = UnsafeRawPointer(p).loadUnaligned(as: SIMD16<UInt8>.self)
  return Lanes(
    Float(x[0]), Float(x[1]), Float(x[2]), Float(x[3]),
    Float(x[4]), Float(x[5]), Float(x[6]), Float(x[7]),
    Float(x[8]), Float(x[9]), Float(x[10]), Float(x[11]),
    Float(x[12]), Float(x[13]), Float(x[14]), Float(x[15]))
}

/// Sixteen integers as Floats, rounded to nearest even; lane by lane for the reason given above.
@inline(always)
func floats(_ x: IntLanes) -> Lanes {
  Lanes(
    Float(x[0]), Float(x[1]), Float(x[2]), Float(x[3]),
    Float(x[4]), Float(x[5]), Float(x[6]), Float(x[7]),
    Float(x[8]), Float(x[9]), Float(x[10]), Float(x[11]),
    Float(x[12]), Float(x[13]), Float(x[14]), Float(x[15]))
}
