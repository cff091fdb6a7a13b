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
  var low = SIMD8<Double>(repeating: 0)
  var high = SIMD8<Double>(repeating: 0)
  var j = 0
  while j &+ 16 <= columns {
    low += magnitude(widen(load8(x + j)) - widen(load8(c + j)))
    high += magnitude(widen(load8(x + j + 8)) - widen(load8(c + j + 8)))
    j &+= 16
  }
  if j < columns { addRest(&low, &high, x + j, c + j, columns &- j) }
  return sum(low + high)
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
/// rows is `[count, columns]`, centers `[clusters, columns]`; `sums` gains hi and lo.
/// - Complexity: O(count · columns).
public func sumOfAbsoluteDistances(
  _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ labels: UnsafePointer<Int32>,
  _ centers: UnsafePointer<Float>, _ scale: Double, _ lowScale: Double,
  _ sums: UnsafeMutablePointer<Int64>
) {
  var high: Int64 = 0
  var low: Int64 = 0
  var i = 0
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
