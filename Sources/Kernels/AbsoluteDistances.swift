import CCPU

// Sums of many L1 distances, and those of bytes.

/// Adds up the L1 distances of Float rows to the centers of their labels, as whole numbers: each difference of a row and
/// a center in a column times `scale`, rounded to nearest even.
///
/// rows is `[count, columns]`; centers is `[clusters, stride]`, with zeros behind the last column up to a multiple of
/// 16. `scale` is a power of two, and differences times it are below 2^50. The sum is sums[0] · 2^32 + sums[1], which it
/// is added to.
/// - Complexity: O(count · columns).
func sumOfAbsoluteDistances(
  _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ labels: UnsafePointer<Int32>,
  _ centers: UnsafePointer<Double>, _ stride: Int, _ scale: Double,
  _ sums: UnsafeMutablePointer<Int64>
) {
  let scales = SIMD8<Double>(repeating: scale)
  var low = SIMD8<Int64>(repeating: 0)
  var high = SIMD8<Int64>(repeating: 0)
  // Of each vector, since they were last emptied.
  var added = 0
  var i = 0
  while i < count {
    let x = rows + i &* columns
    let center = centers + Int(labels[i]) &* stride
    var j = 0
    while j < columns {
      let rest = columns &- j
      if rest >= 16 {
        low &+= integers((widen(load8(x + j)) - load8(center + j)) * scales)
        high &+= integers((widen(load8(x + j + 8)) - load8(center + j + 8)) * scales)
      } else {
        let a = loadFront(x + j, rest, fill: 0)
        low &+= integers((widen(lowerHalf(a)) - load8(center + j)) * scales)
        high &+= integers((widen(upperHalf(a)) - load8(center + j + 8)) * scales)
      }
      added &+= 1
      // Sums stay below 2^62.
      if added == 1 &<< 12 { empty(&low, &high, &added, into: sums) }
      j &+= 16
    }
    i &+= 1
  }
  empty(&low, &high, &added, into: sums)
}

/// 1.5 · 2^52: added to it, a number up to 2^51 is an integer in the low bits, rounded to nearest even.
@inline(always)
private func magic() -> SIMD8<Double> { SIMD8(repeating: 0x1.8p52) }

/// The magnitudes as integers, each too large by the bits of `magic`.
@inline(always)
private func integers(_ x: SIMD8<Double>) -> SIMD8<Int64> {
  unsafeBitCast(magnitude(x) + magic(), to: SIMD8<Int64>.self)
}

/// Moves sums of as many `integers` into those of 32 bits and more, and less.
@inline(always)
private func empty(
  _ low: inout SIMD8<Int64>, _ high: inout SIMD8<Int64>, _ added: inout Int,
  into sums: UnsafeMutablePointer<Int64>
) {
  // Wraps where the sums did, and so brings them back.
  let surplus = unsafeBitCast(magic(), to: SIMD8<Int64>.self) &* SIMD8(repeating: Int64(added))
  let a = low &- surplus
  let b = high &- surplus
  let mask = SIMD8<Int64>(repeating: 0xffff_ffff)
  let places = SIMD8<Int64>(repeating: 32)
  sums[0] &+= total((a &>> places) &+ (b &>> places))
  sums[1] &+= total((a & mask) &+ (b & mask))
  low = SIMD8(repeating: 0)
  high = SIMD8(repeating: 0)
  added = 0
}

@inline(always)
private func total(_ x: SIMD8<Int64>) -> Int64 {
  (x[0] &+ x[1]) &+ (x[2] &+ x[3]) &+ (x[4] &+ x[5]) &+ (x[6] &+ x[7])
}

@inline(always)
private func load8(_ p: UnsafePointer<Double>) -> SIMD8<Double> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Double>.self)
}

/// The L1 distances of a row of bytes to centers that are multiples of a half, exactly.
///
/// Such a center is the middle of one or two planes of bytes, and |x - (a + b) / 2| = (|x - a| + |x - b|) / 2
/// for whole x, a and b = a or a + 1. planes is `[planeCount, stride]`; center k lies between the planes
/// first[k] and second[k]; the sums need `planeCount` numbers. Exact while columns · 510 < 2^24.
/// - Complexity: O(planeCount · columns).
func byteDistances(
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
func magnitude(_ x: SIMD8<Double>) -> SIMD8<Double> {
  let mask = SIMD8<UInt64>(repeating: 0x7fff_ffff_ffff_ffff)
  return unsafeBitCast(unsafeBitCast(x, to: SIMD8<UInt64>.self) & mask, to: SIMD8<Double>.self)
}
