import CCPU

// Approximate L1 distances in Float. Each is a sum of at most `columns` magnitudes of one rounding each,
// added in some order: its error is at most columns · 2^-24 · 1.01 of itself, if nothing overflows.

/// Writes chosen rows, at most sixteen, as the columns of a tile `[columns, 16]`; other columns stay.
/// - Complexity: O(count · columns).
func transposeIntoTile(
  _ rows: UnsafePointer<Float>, _ columns: Int, _ chosen: UnsafePointer<Int32>, _ count: Int,
  _ tile: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i &+ 4 <= count {
    let p = rows + Int(chosen[i]) &* columns
    let q = rows + Int(chosen[i &+ 1]) &* columns
    let r = rows + Int(chosen[i &+ 2]) &* columns
    let s = rows + Int(chosen[i &+ 3]) &* columns
    var j = 0
    while j &+ 4 <= columns {
      let (a, b, c, d) = (load4(p + j), load4(q + j), load4(r + j), load4(s + j))
      let out = tile + (j &* 16 &+ i)
      store4(out, SIMD4(a[0], b[0], c[0], d[0]))
      store4(out + 16, SIMD4(a[1], b[1], c[1], d[1]))
      store4(out + 32, SIMD4(a[2], b[2], c[2], d[2]))
      store4(out + 48, SIMD4(a[3], b[3], c[3], d[3]))
      j &+= 4
    }
    while j < columns {
      store4(tile + (j &* 16 &+ i), SIMD4(p[j], q[j], r[j], s[j]))
      j &+= 1
    }
    i &+= 4
  }
  while i < count {
    let p = rows + Int(chosen[i]) &* columns
    var j = 0
    while j < columns {
      tile[j &* 16 &+ i] = p[j]
      j &+= 1
    }
    i &+= 1
  }
}

/// The scores of sixteen rows of few columns with every center, and the smallest two of each row.
///
/// tile is `[columns, 16]`, sixteen transposed rows; centers is `[count, columns]`; `count` is a multiple
/// of 4, with the last `padding` of them no centers, whose scores become infinite. scores is
/// `[count, 16]`.
/// - Complexity: O(count · columns).
func absoluteScoresInTile(
  _ tile: UnsafePointer<Float>, _ columns: Int, _ centers: UnsafePointer<Float>, _ count: Int,
  _ padding: Int, _ scores: UnsafeMutablePointer<Float>, _ nearest: UnsafeMutablePointer<Int32>,
  _ best: UnsafeMutablePointer<Float>, _ runnerUp: UnsafeMutablePointer<Float>
) {
  var least = Lanes(repeating: .infinity)
  var second = Lanes(repeating: .infinity)
  var place = IntLanes(repeating: 0)
  var k = 0
  while k < count {
    var s0 = Lanes(repeating: 0)
    var s1 = Lanes(repeating: 0)
    var s2 = Lanes(repeating: 0)
    var s3 = Lanes(repeating: 0)
    let c = centers + k &* columns
    var j = 0
    while j < columns {
      let x = load(tile + j &* 16)
      s0 += magnitude(x - Lanes(repeating: c[j]))
      s1 += magnitude(x - Lanes(repeating: c[columns &+ j]))
      s2 += magnitude(x - Lanes(repeating: c[2 &* columns &+ j]))
      s3 += magnitude(x - Lanes(repeating: c[3 &* columns &+ j]))
      j &+= 1
    }
    if k &+ 4 > count &- padding {
      let real = count &- padding &- k
      if real < 4 { s3 = Lanes(repeating: .infinity) }
      if real < 3 { s2 = Lanes(repeating: .infinity) }
      if real < 2 { s1 = Lanes(repeating: .infinity) }
    }
    let number = Int32(truncatingIfNeeded: k)
    let line = scores + k &* 16
    store(line, s0)
    store(line + 16, s1)
    store(line + 32, s2)
    store(line + 48, s3)
    takeSmaller(&least, &second, &place, s0, number)
    takeSmaller(&least, &second, &place, s1, number &+ 1)
    takeSmaller(&least, &second, &place, s2, number &+ 2)
    takeSmaller(&least, &second, &place, s3, number &+ 3)
    k &+= 4
  }
  store(best, least)
  store(runnerUp, second)
  storeWords(nearest, place)
}

/// The smallest two scores of sixteen rows of few columns with all centers, in 16-bit integers.
///
/// tile is `[words, 16]`, sixteen rows of pairs of columns (Tiles.swift); centers is `[count, words]`, `count` a
/// multiple of 4, of which the last `padding` are none. A score is the sum of the absolute differences of all
/// 16-bit integers, each from 0, and must be below 2^15.
/// - Complexity: O(count · words).
func nearestOfAbsolutePairs(
  _ tile: UnsafePointer<Int32>, _ words: Int, _ centers: UnsafePointer<Int32>, _ count: Int,
  _ padding: Int, _ nearest: UnsafeMutablePointer<Int32>, _ best: UnsafeMutablePointer<Int32>,
  _ runnerUp: UnsafeMutablePointer<Int32>
) {
  let most = IntLanes(repeating: 0x7fff_ffff)
  var least = most
  var second = most
  var place = IntLanes(repeating: 0)
  var k = 0
  while k < count {
    var s0 = IntLanes(repeating: 0)
    var s1 = s0
    var s2 = s0
    var s3 = s0
    let c = centers + k &* words
    var j = 0
    while j < words {
      let x = loadWords(tile + j &* 16)
      s0 = dtrain_add_differences(s0, x, IntLanes(repeating: c[j]))
      s1 = dtrain_add_differences(s1, x, IntLanes(repeating: c[words &+ j]))
      s2 = dtrain_add_differences(s2, x, IntLanes(repeating: c[2 &* words &+ j]))
      s3 = dtrain_add_differences(s3, x, IntLanes(repeating: c[3 &* words &+ j]))
      j &+= 1
    }
    var t0 = sumOfHalves(s0)
    var t1 = sumOfHalves(s1)
    var t2 = sumOfHalves(s2)
    var t3 = sumOfHalves(s3)
    if k &+ 4 > count &- padding {
      let real = count &- padding &- k
      if real < 4 { t3 = most }
      if real < 3 { t2 = most }
      if real < 2 { t1 = most }
      if real < 1 { t0 = most }
    }
    let number = Int32(truncatingIfNeeded: k)
    takeSmaller(&least, &second, &place, t0, number)
    takeSmaller(&least, &second, &place, t1, number &+ 1)
    takeSmaller(&least, &second, &place, t2, number &+ 2)
    takeSmaller(&least, &second, &place, t3, number &+ 3)
    k &+= 4
  }
  storeWords(best, least)
  storeWords(runnerUp, second)
  storeWords(nearest, place)
}

/// The smallest two scores of sixteen rows of few columns with all centers, in bytes.
///
/// tile is `[groups, 16]`, sixteen rows of groups of eight columns (Tiles.swift); centers is `[count, groups]`, `count`
/// even and below 2^16, of which the last `padding` are none, 0 or 1. A score is the sum of the absolute differences
/// of all bytes, below 2^15. Centers are compared by words of score and number, two side by side.
/// - Complexity: O(count · groups).
func nearestOfByteGroups(
  _ tile: UnsafePointer<UInt64>, _ groups: Int, _ centers: UnsafePointer<UInt64>, _ count: Int,
  _ padding: Int, _ nearest: UnsafeMutablePointer<Int32>, _ best: UnsafeMutablePointer<Int32>,
  _ runnerUp: UnsafeMutablePointer<Int32>
) {
  let most = IntLanes(repeating: 0x7fff_ffff)
  var least0 = most
  var least1 = most
  var second0 = most
  var second1 = most
  var numbers = unsafeBitCast(SIMD8<UInt64>(repeating: 1 << 32), to: IntLanes.self)
  var k = 0
  while k < count {
    let c = centers + k &* groups
    let x0 = loadGroups(tile)
    let x1 = loadGroups(tile + 8)
    let even = unsafeBitCast(SIMD8<UInt64>(repeating: c[0]), to: IntLanes.self)
    let odd = unsafeBitCast(SIMD8<UInt64>(repeating: c[groups]), to: IntLanes.self)
    var a0 = dtrain_byte_differences(x0, even)
    var a1 = dtrain_byte_differences(x1, even)
    var b0 = dtrain_byte_differences(x0, odd)
    var b1 = dtrain_byte_differences(x1, odd)
    // No sum reaches beyond its lower half word.
    var g = 1
    while g < groups {
      let x0 = loadGroups(tile + g &* 16)
      let x1 = loadGroups(tile + (g &* 16 &+ 8))
      let even = unsafeBitCast(SIMD8<UInt64>(repeating: c[g]), to: IntLanes.self)
      let odd = unsafeBitCast(SIMD8<UInt64>(repeating: c[groups &+ g]), to: IntLanes.self)
      a0 = a0 &+ dtrain_byte_differences(x0, even)
      a1 = a1 &+ dtrain_byte_differences(x1, even)
      b0 = b0 &+ dtrain_byte_differences(x0, odd)
      b1 = b1 &+ dtrain_byte_differences(x1, odd)
      g &+= 1
    }
    if k &+ 2 > count &- padding {
      b0 = unsafeBitCast(SIMD8<UInt64>(repeating: 0x7fff), to: IntLanes.self)
      b1 = b0
    }
    takeSmaller(&least0, &second0, dtrain_pair_sums(a0, b0) | numbers)
    takeSmaller(&least1, &second1, dtrain_pair_sums(a1, b1) | numbers)
    numbers = numbers &+ IntLanes(repeating: 2)
    k &+= 2
  }
  let even = dtrain_even_words(least0, least1)
  let odd = dtrain_odd_words(least0, least1)
  let first = smaller(even, odd)
  let others = smaller(
    dtrain_even_words(second0, second1), dtrain_odd_words(second0, second1))
  let next = smaller(larger(even, odd), others)
  storeWords(nearest, first & IntLanes(repeating: 0xffff))
  storeWords(best, first &>> IntLanes(repeating: 16))
  storeWords(runnerUp, next &>> IntLanes(repeating: 16))
}

@inline(always)
private func loadGroups(_ p: UnsafePointer<UInt64>) -> IntLanes {
  UnsafeRawPointer(p).loadUnaligned(as: IntLanes.self)
}

@inline(always)
private func smaller(_ x: IntLanes, _ y: IntLanes) -> IntLanes {
  x.replacing(with: y, where: y .< x)
}

@inline(always)
private func larger(_ x: IntLanes, _ y: IntLanes) -> IntLanes {
  x.replacing(with: y, where: y .> x)
}

@inline(always)
private func takeSmaller(_ least: inout IntLanes, _ second: inout IntLanes, _ s: IntLanes) {
  second = smaller(second, larger(least, s))
  least = smaller(least, s)
}

/// Of each word the sum of its halves.
@inline(always)
private func sumOfHalves(_ x: IntLanes) -> IntLanes {
  dtrain_pair_products(x, IntLanes(repeating: 0x0001_0001))
}

@inline(always)
private func takeSmaller(
  _ least: inout IntLanes, _ second: inout IntLanes, _ place: inout IntLanes, _ s: IntLanes,
  _ k: Int32
) {
  let isLess = s .< least
  let larger = s.replacing(with: least, where: isLess)
  second = second.replacing(with: larger, where: larger .< second)
  least = least.replacing(with: s, where: isLess)
  place = place.replacing(with: IntLanes(repeating: k), where: isLess)
}

/// The scores of one row of many columns with every center.
///
/// centers is `[count, stride]`, zeros from `columns` on, `stride` a multiple of 16, `count` of 4.
/// - Complexity: O(count · columns).
func absoluteScores(
  _ x: UnsafePointer<Float>, _ columns: Int, _ centers: UnsafePointer<Float>, _ stride: Int,
  _ count: Int, _ scores: UnsafeMutablePointer<Float>
) {
  var k = 0
  while k < count {
    var s0 = Lanes(repeating: 0)
    var s1 = Lanes(repeating: 0)
    var s2 = Lanes(repeating: 0)
    var s3 = Lanes(repeating: 0)
    let c = centers + k &* stride
    var j = 0
    while j < columns {
      let rest = columns &- j
      let a = rest >= 16 ? load(x + j) : loadFront(x + j, rest, fill: 0)
      s0 += magnitude(a - load(c + j))
      s1 += magnitude(a - load(c + (stride &+ j)))
      s2 += magnitude(a - load(c + (2 &* stride &+ j)))
      s3 += magnitude(a - load(c + (3 &* stride &+ j)))
      j &+= 16
    }
    scores[k] = total(s0)
    scores[k &+ 1] = total(s1)
    scores[k &+ 2] = total(s2)
    scores[k &+ 3] = total(s3)
    k &+= 4
  }
}

/// The smallest two scores of each row, and the place of the smallest; of equal ones, any.
///
/// scores is `[rows, stride]`, and each row has `16 · vectors` of them.
/// - Complexity: O(rows · vectors).
func smallestTwo(
  _ scores: UnsafePointer<Float>, _ stride: Int, _ rows: Int, _ vectors: Int,
  _ nearest: UnsafeMutablePointer<Int32>, _ best: UnsafeMutablePointer<Float>,
  _ runnerUp: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i < rows {
    let row = scores + i &* stride
    var least = load(row)
    var second = Lanes(repeating: .infinity)
    var place = IntLanes(repeating: 0)
    var v = 1
    while v < vectors {
      takeSmaller(
        &least, &second, &place, load(row + v &* 16), Int32(truncatingIfNeeded: v))
      v &+= 1
    }
    var lane = 0
    var other: Float = .infinity
    var l = 1
    while l < 16 {
      if least[l] < least[lane] {
        other = least[lane]
        lane = l
      } else if least[l] < other {
        other = least[l]
      }
      l &+= 1
    }
    nearest[i] = place[lane] &* 16 &+ Int32(truncatingIfNeeded: lane)
    best[i] = least[lane]
    runnerUp[i] = second[lane] < other ? second[lane] : other
    i &+= 1
  }
}

@inline(always)
private func magnitude(_ x: Lanes) -> Lanes {
  float(bits: bits(x) & IntLanes(repeating: 0x7fff_ffff))
}

/// The sum of sixteen lanes, by halves.
@inline(always)
private func total(_ x: Lanes) -> Float {
  let eight = lowerHalf(x) + upperHalf(x)
  let four = lowerHalf(eight) + upperHalf(eight)
  return (four[0] + four[2]) + (four[1] + four[3])
}
