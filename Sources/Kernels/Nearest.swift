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
  var ranking = Ranking()
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
    take(&ranking, s0, k, groupSize, scores, groups)
    take(&ranking, s1, k &+ 1, groupSize, scores, groups)
    take(&ranking, s2, k &+ 2, groupSize, scores, groups)
    take(&ranking, s3, k &+ 3, groupSize, scores, groups)
    k &+= 4
  }
  finish(&ranking, nearest, best, runnerUp, groups)
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
  var ranking = Ranking()
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
    take(&ranking, score(h[k], p0, unit), k, groupSize, scores, groups)
    take(&ranking, score(h[k &+ 1], p1, unit), k &+ 1, groupSize, scores, groups)
    take(&ranking, score(h[k &+ 2], p2, unit), k &+ 2, groupSize, scores, groups)
    take(&ranking, score(h[k &+ 3], p3, unit), k &+ 3, groupSize, scores, groups)
    k &+= 4
  }
  finish(&ranking, nearest, best, runnerUp, groups)
}

/// Infinite where h is the largest integer: a center that is none.
@inline(always)
private func score(_ h: Int32, _ product: IntLanes, _ unit: Lanes) -> Lanes {
  if h == 0x7fff_ffff { return Lanes(repeating: .infinity) }
  return floats(IntLanes(repeating: h) &- product) * unit
}

/// Smallest scores so far: over all groups that are done, and within the one at hand.
private struct Ranking {
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
  _ ranking: inout Ranking, _ s: Lanes, _ k: Int, _ groupSize: Int,
  _ scores: UnsafeMutablePointer<Float>, _ groups: UnsafeMutablePointer<Float>?
) {
  store(scores + k &* 16, s)
  takeSmaller(
    &ranking.least, &ranking.second, &ranking.place, s, Int32(truncatingIfNeeded: k))
  ranking.left &+= 1
  if ranking.left == groupSize { closeGroup(&ranking, groups) }
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
private func closeGroup(_ ranking: inout Ranking, _ groups: UnsafeMutablePointer<Float>?) {
  if let groups {
    store(groups + ranking.number &* 16, ranking.least)
    store(groups + (ranking.number &+ 16) &* 16, ranking.second)
  }
  let isLess = ranking.least .< ranking.best
  let larger = ranking.least.replacing(with: ranking.best, where: isLess)
  let other = ranking.second.replacing(with: larger, where: larger .< ranking.second)
  ranking.runnerUp = ranking.runnerUp.replacing(with: other, where: other .< ranking.runnerUp)
  ranking.best = ranking.best.replacing(with: ranking.least, where: isLess)
  ranking.nearest = ranking.nearest.replacing(with: ranking.place, where: isLess)
  ranking.group = ranking.group.replacing(
    with: IntLanes(repeating: Int32(truncatingIfNeeded: ranking.number)), where: isLess)
  ranking.least = Lanes(repeating: .infinity)
  ranking.second = Lanes(repeating: .infinity)
  ranking.left = 0
  ranking.number &+= 1
}

@inline(always)
private func finish(
  _ ranking: inout Ranking, _ nearest: UnsafeMutablePointer<Int32>,
  _ best: UnsafeMutablePointer<Float>, _ runnerUp: UnsafeMutablePointer<Float>,
  _ groups: UnsafeMutablePointer<Float>?
) {
  if ranking.left > 0 { closeGroup(&ranking, groups) }
  storeWords(nearest, ranking.nearest)
  store(best, ranking.best)
  store(runnerUp, ranking.runnerUp)
  guard let groups else { return }
  var g = 0
  while g < 16 {
    var value = Lanes(repeating: .infinity)
    if g < ranking.number {
      let isOwn = ranking.group .== IntLanes(repeating: Int32(truncatingIfNeeded: g))
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
