import CCPU

// Which centers a row may be nearest to, by lower bounds of scores in integers: sixteen rows at a time, a row a lane.
// Centers come in fours; the score of one that only fills up is the largest integer.

/// Scores h[k] - x·c[k] of a tile of pairs, in integers that wrap around: only h[k] - x·c[k] itself must fit 32 bits.
/// `centers` is `[count, words]`; `scores` receives `[count, 16]`.
/// - Complexity: O(count · words).
func scoresOfPairs(
  _ tile: UnsafePointer<Int32>, _ words: Int, _ centers: UnsafePointer<Int32>,
  _ h: UnsafePointer<Int32>, _ count: Int, _ scores: UnsafeMutablePointer<Int32>
) {
  var k = 0
  // Eight centers a word of the rows: loads would be the limit with four.
  while dtrain_has_wide_registers() != 0, k &+ 8 <= count {
    let c = centers + k &* words
    let d = c + 4 &* words
    var p0 = IntLanes(repeating: 0)
    var (p1, p2, p3, p4, p5, p6, p7) = (p0, p0, p0, p0, p0, p0, p0)
    var j = 0
    while j < words {
      let x = loadWords(tile + j &* 16)
      p0 = p0 &+ dtrain_pair_products(x, IntLanes(repeating: c[j]))
      p1 = p1 &+ dtrain_pair_products(x, IntLanes(repeating: c[words &+ j]))
      p2 = p2 &+ dtrain_pair_products(x, IntLanes(repeating: c[2 &* words &+ j]))
      p3 = p3 &+ dtrain_pair_products(x, IntLanes(repeating: c[3 &* words &+ j]))
      p4 = p4 &+ dtrain_pair_products(x, IntLanes(repeating: d[j]))
      p5 = p5 &+ dtrain_pair_products(x, IntLanes(repeating: d[words &+ j]))
      p6 = p6 &+ dtrain_pair_products(x, IntLanes(repeating: d[2 &* words &+ j]))
      p7 = p7 &+ dtrain_pair_products(x, IntLanes(repeating: d[3 &* words &+ j]))
      j &+= 1
    }
    let s = scores + k &* 16
    storeWords(s, IntLanes(repeating: h[k]) &- p0)
    storeWords(s + 16, IntLanes(repeating: h[k &+ 1]) &- p1)
    storeWords(s + 32, IntLanes(repeating: h[k &+ 2]) &- p2)
    storeWords(s + 48, IntLanes(repeating: h[k &+ 3]) &- p3)
    storeWords(s + 64, IntLanes(repeating: h[k &+ 4]) &- p4)
    storeWords(s + 80, IntLanes(repeating: h[k &+ 5]) &- p5)
    storeWords(s + 96, IntLanes(repeating: h[k &+ 6]) &- p6)
    storeWords(s + 112, IntLanes(repeating: h[k &+ 7]) &- p7)
    k &+= 8
  }
  while k < count {
    let c = centers + k &* words
    var p0 = IntLanes(repeating: 0)
    var (p1, p2, p3) = (p0, p0, p0)
    var j = 0
    while j < words {
      let x = loadWords(tile + j &* 16)
      p0 = p0 &+ dtrain_pair_products(x, IntLanes(repeating: c[j]))
      p1 = p1 &+ dtrain_pair_products(x, IntLanes(repeating: c[words &+ j]))
      p2 = p2 &+ dtrain_pair_products(x, IntLanes(repeating: c[2 &* words &+ j]))
      p3 = p3 &+ dtrain_pair_products(x, IntLanes(repeating: c[3 &* words &+ j]))
      j &+= 1
    }
    let s = scores + k &* 16
    storeWords(s, IntLanes(repeating: h[k]) &- p0)
    storeWords(s + 16, IntLanes(repeating: h[k &+ 1]) &- p1)
    storeWords(s + 32, IntLanes(repeating: h[k &+ 2]) &- p2)
    storeWords(s + 48, IntLanes(repeating: h[k &+ 3]) &- p3)
    k &+= 4
  }
}

/// The first center of smallest score of each row: `scores` `[count, 16]`, `nearest` `[16]`.
/// - Complexity: O(count).
func leastOfScores(
  _ scores: UnsafePointer<Int32>, _ count: Int, _ nearest: UnsafeMutablePointer<Int32>
) {
  var least = IntLanes(repeating: 0x7fff_ffff)
  var place = IntLanes(repeating: 0)
  var k = 0
  while k < count {
    let s = loadWords(scores + k &* 16)
    let isLess = s .< least
    least = least.replacing(with: s, where: isLess)
    place = place.replacing(
      with: IntLanes(repeating: Int32(truncatingIfNeeded: k)), where: isLess)
    k &+= 1
  }
  storeWords(nearest, place)
}

/// Sifts the centers of sixteen rows by their scores, `[count, 16]`.
///
/// A center whose score is at most the limit of some row is kept: its number goes to `chosen`, the rows of which that
/// holds to `rows`, the first in the lowest bit. `groups` `[16 rows, 16 groups]`, unless nil, receives the smallest of the
/// other scores times `unit` of each group of `groupSize` consecutive centers, infinity where there is none. Limits are
/// below the largest integer.
/// - Returns: how many centers are kept.
/// - Complexity: O(count).
func siftScores(
  _ scores: UnsafePointer<Int32>, _ count: Int, _ groupSize: Int, _ unit: Float,
  _ limits: UnsafePointer<Int32>, _ chosen: UnsafeMutablePointer<Int32>,
  _ rows: UnsafeMutablePointer<Int32>, _ groups: UnsafeMutablePointer<Float>?
) -> Int {
  let limit = loadWords(limits)
  let none = IntLanes(repeating: 0x7fff_ffff)
  var found = 0
  var k = 0
  var g = 0
  while g < 16 {
    var least = none
    let end = k &+ groupSize < count ? k &+ groupSize : count
    while k < end {
      let s = loadWords(scores + k &* 16)
      let isOut = s .> limit
      let kept = lanes(unless: isOut)
      let others = none.replacing(with: s, where: isOut)
      least = least.replacing(with: others, where: others .< least)
      if kept != 0 {
        chosen[found] = Int32(truncatingIfNeeded: k)
        rows[found] = Int32(truncatingIfNeeded: kept)
        found &+= 1
      }
      k &+= 1
    }
    if let groups {
      let score = floats(least) * Lanes(repeating: unit)
      store(
        groups + g &* 16, score.replacing(with: Lanes(repeating: .infinity), where: least .== none))
    }
    g &+= 1
  }
  guard let groups else { return found }
  transpose(UnsafeMutableRawPointer(groups).assumingMemoryBound(to: Int32.self))
  return found
}
