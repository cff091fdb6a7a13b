import CCPU

// The centers of smallest score for sixteen rows at a time, a row a lane. Centers come in fours (padded with
// ones of infinite score) and in consecutive groups of `groupSize`, at most sixteen, of each of which the
// smallest score is wanted too.
//
// Results: `nearest`, `best` and `runnerUp` `[16]`: the first center of smallest score, its score, and the
// smallest score of any other; `scores` `[count, 16]`; `groups`, unless nil, `[16 rows, 16 groups]`: the
// smallest scores of each group's centers but the nearest, infinity for groups without centers, and behind
// these as much room to work in.

/// Scores h[k] - x·c[k] of a tile of floats; `centers` is `[count, columns]`.
/// - Complexity: O(count · columns).
func nearestOfFloats(
  _ tile: UnsafePointer<Float>, _ columns: Int, _ centers: UnsafePointer<Float>,
  _ h: UnsafePointer<Float>, _ count: Int, _ groupSize: Int,
  _ nearest: UnsafeMutablePointer<Int32>, _ best: UnsafeMutablePointer<Float>,
  _ runnerUp: UnsafeMutablePointer<Float>, _ scores: UnsafeMutablePointer<Float>,
  _ groups: UnsafeMutablePointer<Float>?
) {
  var two = BestTwo()
  var k = 0
  while k < count {
    var s0 = Lanes(repeating: h[k])
    var s1 = Lanes(repeating: h[k &+ 1])
    var s2 = Lanes(repeating: h[k &+ 2])
    var s3 = Lanes(repeating: h[k &+ 3])
    let c = centers + k &* columns
    var j = 0
    while j < columns {
      let x = load(tile + j &* 16)
      s0 = s0.addingProduct(Lanes(repeating: -c[j]), x)
      s1 = s1.addingProduct(Lanes(repeating: -c[columns &+ j]), x)
      s2 = s2.addingProduct(Lanes(repeating: -c[2 &* columns &+ j]), x)
      s3 = s3.addingProduct(Lanes(repeating: -c[3 &* columns &+ j]), x)
      j &+= 1
    }
    take(&two, s0, k, groupSize, scores, groups)
    take(&two, s1, k &+ 1, groupSize, scores, groups)
    take(&two, s2, k &+ 2, groupSize, scores, groups)
    take(&two, s3, k &+ 3, groupSize, scores, groups)
    k &+= 4
  }
  finish(&two, nearest, best, runnerUp, groups)
}

/// Scores (h[k] - x·c[k]) · unit of a tile of pairs, computed in integers that wrap around: only h[k] - x·c[k]
/// itself must fit 32 bits. `centers` is `[count, words]`.
/// - Complexity: O(count · words).
func nearestOfPairs(
  _ tile: UnsafePointer<Int32>, _ words: Int, _ centers: UnsafePointer<Int32>,
  _ h: UnsafePointer<Int32>, _ unit: Float, _ count: Int, _ groupSize: Int,
  _ nearest: UnsafeMutablePointer<Int32>, _ best: UnsafeMutablePointer<Float>,
  _ runnerUp: UnsafeMutablePointer<Float>, _ scores: UnsafeMutablePointer<Float>,
  _ groups: UnsafeMutablePointer<Float>?
) {
  var two = BestTwo()
  let unit = Lanes(repeating: unit)
  var k = 0
  while k < count {
    var p0 = IntLanes(repeating: 0)
    var p1 = p0
    var p2 = p0
    var p3 = p0
    let c = centers + k &* words
    var j = 0
    while j < words {
      let x = loadWords(tile + j &* 16)
      p0 = p0 &+ dtrain_pair_products(x, IntLanes(repeating: c[j]))
      p1 = p1 &+ dtrain_pair_products(x, IntLanes(repeating: c[words &+ j]))
      p2 = p2 &+ dtrain_pair_products(x, IntLanes(repeating: c[2 &* words &+ j]))
      p3 = p3 &+ dtrain_pair_products(x, IntLanes(repeating: c[3 &* words &+ j]))
      j &+= 1
    }
    take(&two, score(h[k], p0, unit), k, groupSize, scores, groups)
    take(&two, score(h[k &+ 1], p1, unit), k &+ 1, groupSize, scores, groups)
    take(&two, score(h[k &+ 2], p2, unit), k &+ 2, groupSize, scores, groups)
    take(&two, score(h[k &+ 3], p3, unit), k &+ 3, groupSize, scores, groups)
    k &+= 4
  }
  finish(&two, nearest, best, runnerUp, groups)
}

/// Infinite where h is the largest integer: a center that is none.
@inline(always)
private func score(_ h: Int32, _ product: IntLanes, _ unit: Lanes) -> Lanes {
  if h == 0x7fff_ffff { return Lanes(repeating: .infinity) }
  return floats(IntLanes(repeating: h) &- product) * unit
}

/// Smallest scores so far: over all groups that are done, and within the one at hand.
private struct BestTwo {
  var best = Lanes(repeating: .infinity)
  var runnerUp = Lanes(repeating: .infinity)
  var nearest = IntLanes(repeating: 0)
  var group = IntLanes(repeating: 0)
  var least = Lanes(repeating: .infinity)
  var second = Lanes(repeating: .infinity)
  var place = IntLanes(repeating: 0)
  var left = 0
  var number = 0
}

@inline(always)
private func take(
  _ two: inout BestTwo, _ s: Lanes, _ k: Int, _ groupSize: Int,
  _ scores: UnsafeMutablePointer<Float>, _ groups: UnsafeMutablePointer<Float>?
) {
  store(scores + k &* 16, s)
  takeSmaller(
    &two.least, &two.second, &two.place, s, Int32(truncatingIfNeeded: k))
  two.left &+= 1
  if two.left == groupSize { closeGroup(&two, groups) }
}

/// Takes the scores of center k into the smallest two of each lane, and the centers of the smallest.
@inline(always)
func takeSmaller(
  _ least: inout Lanes, _ second: inout Lanes, _ place: inout IntLanes, _ s: Lanes, _ k: Int32
) {
  let isLess = s .< least
  let larger = s.replacing(with: least, where: isLess)
  second = second.replacing(with: larger, where: larger .< second)
  least = least.replacing(with: s, where: isLess)
  place = place.replacing(with: IntLanes(repeating: k), where: isLess)
}

/// Takes what was found in a group into the whole.
@inline(always)
private func closeGroup(_ two: inout BestTwo, _ groups: UnsafeMutablePointer<Float>?) {
  if let groups {
    store(groups + two.number &* 16, two.least)
    store(groups + (two.number &+ 16) &* 16, two.second)
  }
  let isLess = two.least .< two.best
  let larger = two.least.replacing(with: two.best, where: isLess)
  let other = two.second.replacing(with: larger, where: larger .< two.second)
  two.runnerUp = two.runnerUp.replacing(with: other, where: other .< two.runnerUp)
  two.best = two.best.replacing(with: two.least, where: isLess)
  two.nearest = two.nearest.replacing(with: two.place, where: isLess)
  two.group = two.group.replacing(
    with: IntLanes(repeating: Int32(truncatingIfNeeded: two.number)), where: isLess)
  two.least = Lanes(repeating: .infinity)
  two.second = Lanes(repeating: .infinity)
  two.left = 0
  two.number &+= 1
}

@inline(always)
private func finish(
  _ two: inout BestTwo, _ nearest: UnsafeMutablePointer<Int32>,
  _ best: UnsafeMutablePointer<Float>, _ runnerUp: UnsafeMutablePointer<Float>,
  _ groups: UnsafeMutablePointer<Float>?
) {
  if two.left > 0 { closeGroup(&two, groups) }
  storeWords(nearest, two.nearest)
  store(best, two.best)
  store(runnerUp, two.runnerUp)
  guard let groups else { return }
  var g = 0
  while g < 16 {
    var value = Lanes(repeating: .infinity)
    if g < two.number {
      let isOwn = two.group .== IntLanes(repeating: Int32(truncatingIfNeeded: g))
      value = load(groups + g &* 16).replacing(with: load(groups + (g &+ 16) &* 16), where: isOwn)
    }
    store(groups + g &* 16, value)
    g &+= 1
  }
  transpose(UnsafeMutableRawPointer(groups).assumingMemoryBound(to: Int32.self))
}

/// The centers whose score is within the limit of a row, for some row: `chosen` `[count]`, in order.
/// - Returns: how many there are.
/// - Complexity: O(count).
func centersWithin(
  _ scores: UnsafePointer<Float>, _ count: Int, _ limits: UnsafePointer<Float>,
  _ chosen: UnsafeMutablePointer<Int32>
) -> Int {
  let limit = load(limits)
  var found = 0
  var k = 0
  while k < count {
    // A score that is no number is within any limit.
    let isOut = load(scores + k &* 16) .> limit
    let inside = IntLanes(repeating: 1).replacing(with: IntLanes(repeating: 0), where: isOut)
    if isAnySet(inside) {
      chosen[found] = Int32(truncatingIfNeeded: k)
      found &+= 1
    }
    k &+= 1
  }
  return found
}
