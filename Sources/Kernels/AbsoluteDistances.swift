import CCPU

// L1 distances: those that define a label, in Double and in the order of Distances.swift, and sums of
// many of them.

/// The sum of absolute differences of two rows of `columns` Floats.
/// - Complexity: O(columns).
public func absoluteDistanceFloat(
  _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Double {
  distance(x, c, columns)
}

@inline(always)
private func distance(
  _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Double {
  sum(differences(x, c, columns))
}

/// Absolute differences, those of columns that are eight apart added up.
@inline(always)
private func differences(
  _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ columns: Int
) -> SIMD8<Double> {
  var low = SIMD8<Double>(repeating: 0)
  var high = SIMD8<Double>(repeating: 0)
  var j = 0
  while j &+ 16 <= columns {
    low += magnitude(widen(load8(x + j)) - widen(load8(c + j)))
    high += magnitude(widen(load8(x + j + 8)) - widen(load8(c + j + 8)))
    j &+= 16
  }
  if j < columns { addRest(&low, &high, x + j, c + j, columns &- j) }
  return low + high
}

@inline(always)
private func addRest(
  _ low: inout SIMD8<Double>, _ high: inout SIMD8<Double>, _ x: UnsafePointer<Float>,
  _ c: UnsafePointer<Float>, _ count: Int
) {
  let a = loadFront(x, count, fill: 0)
  let b = loadFront(c, count, fill: 0)
  low += magnitude(widen(lowerHalf(a)) - widen(lowerHalf(b)))
  high += magnitude(widen(upperHalf(a)) - widen(upperHalf(b)))
}

/// The sum of absolute differences of a row of bytes and a row of Floats.
/// - Complexity: O(columns).
public func absoluteDistanceUInt8(
  _ x: UnsafePointer<UInt8>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Double {
  var low = SIMD8<Double>(repeating: 0)
  var high = SIMD8<Double>(repeating: 0)
  var j = 0
  while j &+ 16 <= columns {
    let a = loadBytes(x + j)
    let b = load(c + j)
    low += magnitude(widen(lowerHalf(a)) - widen(lowerHalf(b)))
    high += magnitude(widen(upperHalf(a)) - widen(upperHalf(b)))
    j &+= 16
  }
  while j < columns {
    let difference = Double(x[j]) - Double(c[j])
    let lane = j & 15
    if lane < 8 {
      low[lane] += difference < 0 ? -difference : difference
    } else {
      high[lane &- 8] += difference < 0 ? -difference : difference
    }
    j &+= 1
  }
  return sum(low + high)
}

/// Adds up the L1 distances of Float rows to the centres of their labels, as whole numbers: each distance
/// x becomes hi · 2^-q + lo · 2^-(q+s), with `scale` 2^q and `lowScale` 2^s, rounded to nearest even.
///
/// rows is `[count, columns]`, centers `[clusters, columns]`; `room` is for 64 numbers, `sums` gains hi and lo.
/// - Complexity: O(count · columns).
public func sumOfAbsoluteDistances(
  _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ labels: UnsafePointer<Int32>,
  _ centers: UnsafePointer<Float>, _ scale: Double, _ lowScale: Double,
  _ room: UnsafeMutablePointer<Double>, _ sums: UnsafeMutablePointer<Int64>
) {
  // Below this an integer is in the last bits of a Double plus 1.5 · 2^52.
  let most = SIMD8<Double>(repeating: 0x1p50)
  var highs = SIMD8<Int64>(repeating: 0)
  var lows = SIMD8<Int64>(repeating: 0)
  var i = 0
  while i &+ 8 <= count, lowScale <= 0x1p50 {
    let x = rows + i &* columns
    let label = labels + i
    var r = 0
    while r < 8 {
      let center = centers + Int(label[r]) &* columns
      UnsafeMutableRawPointer(room + r &* 8).storeBytes(
        of: differences(x + r &* columns, center, columns), as: SIMD8<Double>.self)
      r &+= 1
    }
    let scaled = sumsOfEight(room) * SIMD8(repeating: scale)
    // The signs are in the upper words.
    if dtrain_signs(unsafeBitCast(most - scaled, to: IntLanes.self)) & 0xaaaa != 0 { break }
    let whole = addInteger(scaled, to: &highs)
    _ = addInteger((scaled - whole) * SIMD8(repeating: lowScale), to: &lows)
    i &+= 8
  }
  var high = total(highs)
  var low = total(lows)
  while i < count {
    let center = centers + Int(labels[i]) &* columns
    let scaled = distance(rows + i &* columns, center, columns) * scale
    let whole = scaled.rounded(.toNearestOrEven)
    let rest = ((scaled - whole) * lowScale).rounded(.toNearestOrEven)
    high &+= Int64(whole)
    low &+= Int64(rest)
    i &+= 1
  }
  sums[0] &+= high
  sums[1] &+= low
}

/// Rounds to nearest even, magnitudes up to 2^50; returns what was added.
@inline(always)
private func addInteger(_ x: SIMD8<Double>, to sum: inout SIMD8<Int64>) -> SIMD8<Double> {
  let magic = SIMD8<Double>(repeating: 0x1.8p52)
  let shifted = x + magic
  sum =
    sum
    &+ (unsafeBitCast(shifted, to: SIMD8<Int64>.self)
      &- unsafeBitCast(magic, to: SIMD8<Int64>.self))
  return shifted - magic
}

@inline(always)
private func total(_ x: SIMD8<Int64>) -> Int64 {
  (x[0] &+ x[1]) &+ (x[2] &+ x[3]) &+ (x[4] &+ x[5]) &+ (x[6] &+ x[7])
}

/// The sums of eight vectors, each added as `sum` adds it.
@inline(always)
private func sumsOfEight(_ x: UnsafePointer<Double>) -> SIMD8<Double> {
  let p = quarters(halves(load8(x), load8(x + 8)), halves(load8(x + 16), load8(x + 24)))
  let q = quarters(halves(load8(x + 32), load8(x + 40)), halves(load8(x + 48), load8(x + 56)))
  return SIMD8(p[0], p[2], p[4], p[6], q[0], q[2], q[4], q[6])
    + SIMD8(p[1], p[3], p[5], p[7], q[1], q[3], q[5], q[7])
}

@inline(always)
private func load8(_ p: UnsafePointer<Double>) -> SIMD8<Double> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Double>.self)
}

/// Lanes i and i + 4 of a, then those of b.
@inline(always)
private func halves(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
  SIMD8(a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3])
    + SIMD8(a[4], a[5], a[6], a[7], b[4], b[5], b[6], b[7])
}

/// Of each four lanes i and i + 2.
@inline(always)
private func quarters(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
  SIMD8(a[0], a[1], a[4], a[5], b[0], b[1], b[4], b[5])
    + SIMD8(a[2], a[3], a[6], a[7], b[2], b[3], b[6], b[7])
}

/// The L1 distances of a row of bytes to centres that are multiples of a half, exactly.
///
/// Such a centre is the middle of one or two planes of bytes, and |x - (a + b) / 2| = (|x - a| + |x - b|) / 2
/// for whole x, a and b = a or a + 1. planes is `[planeCount, stride]`; centre k lies between the planes
/// first[k] and second[k]; the sums need `planeCount` numbers. Exact while columns · 510 < 2^24.
/// - Complexity: O(planeCount · columns).
public func byteDistances(
  _ x: UnsafePointer<UInt8>, _ columns: Int, _ planes: UnsafePointer<UInt8>, _ stride: Int,
  _ planeCount: Int, _ sums: UnsafeMutablePointer<UInt32>, _ first: UnsafePointer<Int32>,
  _ second: UnsafePointer<Int32>, _ clusters: Int, _ scores: UnsafeMutablePointer<Float>
) {
  dtrain_sad(x, columns, planes, stride, planeCount, sums)
  var k = 0
  while k < clusters {
    let doubled = sums[Int(first[k])] &+ sums[Int(second[k])]
    scores[k] = Float(Int32(truncatingIfNeeded: doubled)) * 0.5
    k &+= 1
  }
}

@inline(always)
private func magnitude(_ x: SIMD8<Double>) -> SIMD8<Double> {
  let mask = SIMD8<UInt64>(repeating: 0x7fff_ffff_ffff_ffff)
  return unsafeBitCast(unsafeBitCast(x, to: SIMD8<UInt64>.self) & mask, to: SIMD8<Double>.self)
}
