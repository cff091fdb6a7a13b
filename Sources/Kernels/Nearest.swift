/// The smallest of each row's scores, as far as an approximation can tell.
///
/// scores is `[rows, 16 · vectors]`; column k stands in lane k mod 16. For each row: the column and value
/// of the smallest score, the smallest score of any other column, and, where `lanes` is not nil, for
/// each lane the smallest score of its columns without the best one, `[rows, 16]`.
/// - Complexity: O(rows · vectors).
public func smallestScores(
  _ scores: UnsafePointer<Float>, _ stride: Int, _ rows: Int, _ vectors: Int,
  _ columns: UnsafeMutablePointer<Int32>, _ best: UnsafeMutablePointer<Float>,
  _ runnerUp: UnsafeMutablePointer<Float>, _ lanes: UnsafeMutablePointer<Float>?
) {
  var i = 0
  while i < rows {
    let row = scores + i &* stride
    var least = load(row)
    var second = Lanes(repeating: .infinity)
    var place = IntLanes(repeating: 0)
    var v = 1
    while v < vectors {
      let s = load(row + v &* 16)
      let isLess = s .< least
      let larger = s.replacing(with: least, where: isLess)
      second = second.replacing(with: larger, where: larger .< second)
      least = least.replacing(with: s, where: isLess)
      place = place.replacing(
        with: IntLanes(repeating: Int32(truncatingIfNeeded: v)), where: isLess)
      v &+= 1
    }
    var lane = 0
    var value = least[0]
    var l = 1
    while l < 16 {
      if least[l] < value {
        value = least[l]
        lane = l
      }
      l &+= 1
    }
    columns[i] = place[lane] &* 16 &+ Int32(truncatingIfNeeded: lane)
    best[i] = value
    least[lane] = second[lane]
    if let lanes { store(lanes + i &* 16, least) }
    var other = least[0]
    l = 1
    while l < 16 {
      if least[l] < other { other = least[l] }
      l &+= 1
    }
    runnerUp[i] = other
    i &+= 1
  }
}

/// Scores of few columns, sixteen rows at a time: h[k] - x·c[k], and the smallest two of each row.
///
/// tile is `[columns, 16]`, sixteen transposed rows; centers is `[count, columns]`; `count` is a multiple
/// of 4 (pad with h = infinity and zeros).
/// - Complexity: O(count · columns).
public func nearestInTile(
  _ tile: UnsafePointer<Float>, _ columns: Int, _ centers: UnsafePointer<Float>,
  _ h: UnsafePointer<Float>, _ count: Int, _ nearest: UnsafeMutablePointer<Int32>,
  _ best: UnsafeMutablePointer<Float>, _ runnerUp: UnsafeMutablePointer<Float>
) {
  var least = Lanes(repeating: .infinity)
  var second = Lanes(repeating: .infinity)
  var place = IntLanes(repeating: 0)
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
    let number = Int32(truncatingIfNeeded: k)
    takeSmaller(&least, &second, &place, s0, number)
    takeSmaller(&least, &second, &place, s1, number &+ 1)
    takeSmaller(&least, &second, &place, s2, number &+ 2)
    takeSmaller(&least, &second, &place, s3, number &+ 3)
    k &+= 4
  }
  store(best, least)
  store(runnerUp, second)
  UnsafeMutableRawPointer(nearest).storeBytes(of: place, as: IntLanes.self)
}

@inline(always)
private func takeSmaller(
  _ least: inout Lanes, _ second: inout Lanes, _ place: inout IntLanes, _ s: Lanes, _ k: Int32
) {
  let isLess = s .< least
  let larger = s.replacing(with: least, where: isLess)
  second = second.replacing(with: larger, where: larger .< second)
  least = least.replacing(with: s, where: isLess)
  place = place.replacing(with: IntLanes(repeating: k), where: isLess)
}

/// Whether every lane's lower bound still lies above a row's upper bound: min(lower - drift) > limit.
///
/// Both sides are widened by the rounding of their own additions, 2^-22 of the magnitudes.
/// - Complexity: O(1).
public func boundsHold(
  _ lower: UnsafePointer<Float>, _ drift: UnsafePointer<Float>, _ limit: Float
) -> Bool {
  let l = load(lower)
  let d = load(drift)
  let slack = (l + d) * Lanes(repeating: 0x1p-22)
  let isBroken = ((l - d) - slack) .<= Lanes(repeating: limit)
  return !isAnySet(IntLanes(repeating: 0).replacing(with: IntLanes(repeating: 1), where: isBroken))
}

/// Lower bounds of distances from scores, in place: sqrt(max(0, squared + 2 · (score - error))) + drift,
/// rounded down; `squared` is the row's squared norm.
/// - Complexity: O(1).
public func lowerBounds(
  _ lanes: UnsafeMutablePointer<Float>, _ squared: Float, _ error: Float,
  _ drift: UnsafePointer<Float>
) {
  let zero = Lanes(repeating: 0)
  var square =
    (load(lanes) - Lanes(repeating: error)) * Lanes(repeating: 2) + Lanes(repeating: squared)
  square = square.replacing(with: zero, where: square .< zero)
  let bound = square.squareRoot() * Lanes(repeating: 1 - 0x1p-20) + load(drift)
  store(lanes, bound * Lanes(repeating: 1 - 0x1p-22))
}
