// What the values of columns are, sixteen lanes side by side: lanes are columns, or columns again and again.

/// Takes `count` vectors of sixteen Floats, `step` elements apart, of which the first `lanes` lanes count.
///
/// extents is `[3, 16]`: the smallest and the largest value of each lane, and the lowest bit that any value has set.
/// sums is `[16]`, each vector added in order. Values that are not finite are passed over.
/// - Complexity: O(count).
func tallyLanesOfFloats(
  _ x: UnsafePointer<Float>, _ step: Int, _ count: Int, _ lanes: Int,
  _ extents: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Double>
) {
  @inline(always)
  func sixteen(_ place: Int) -> Lanes { load(x + place) }
  if lanes == 16 {
    tally(step, count, extents, sums, sixteen)
  } else {
    @inline(always)
    func some(_ place: Int) -> Lanes { loadFront(x + place, lanes, fill: .nan) }
    tally(step, count, extents, sums, some)
  }
}

/// Takes vectors of sixteen bytes: as `tallyLanesOfFloats`.
/// - Complexity: O(count).
func tallyLanesOfBytes(
  _ x: UnsafePointer<UInt8>, _ step: Int, _ count: Int, _ lanes: Int,
  _ extents: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Double>
) {
  @inline(always)
  func sixteen(_ place: Int) -> Lanes { loadBytes(x + place) }
  if lanes == 16 {
    tally(step, count, extents, sums, sixteen)
  } else {
    @inline(always)
    func some(_ place: Int) -> Lanes {
      var value = Lanes(repeating: .nan)
      var lane = 0
      while lane < lanes {
        value[lane] = Float(x[place &+ lane])
        lane &+= 1
      }
      return value
    }
    tally(step, count, extents, sums, some)
  }
}

/// The loop of both.
@inline(always)
private func tally(
  _ step: Int, _ count: Int, _ extents: UnsafeMutablePointer<Float>,
  _ sums: UnsafeMutablePointer<Double>, _ sixteen: (Int) -> Lanes
) {
  let magnitudes = IntLanes(repeating: 0x7fff_ffff)
  let infinity = IntLanes(repeating: 0x7f80_0000)
  let fraction = IntLanes(repeating: 0x7f_ffff)
  let zero = IntLanes(repeating: 0)
  let one = IntLanes(repeating: 1)
  var smallest = load(extents)
  var largest = load(extents + 16)
  var lowest = load(extents + 32)
  var low = loadDoubles(sums)
  var high = loadDoubles(sums + 8)
  var i = 0
  while i < count {
    let x = sixteen(i &* step)
    let magnitude = bits(x) & magnitudes
    let isFinite = magnitude .< infinity
    // Without its lowest bit. Of a power of two that is the hidden one, and there is none of 0.
    let rest = magnitude & (magnitude &- one)
    var bit = (float(bits: magnitude) - float(bits: rest))
      .replacing(with: float(bits: magnitude), where: (magnitude & fraction) .== zero)
    bit = bit.replacing(with: float(bits: infinity), where: magnitude .== zero)
    lowest = lowest.replacing(with: bit, where: (bit .< lowest) .& isFinite)
    smallest = smallest.replacing(with: x, where: (x .< smallest) .& isFinite)
    largest = largest.replacing(with: x, where: (x .> largest) .& isFinite)
    let term = Lanes(repeating: 0).replacing(with: x, where: isFinite)
    low += widen(lowerHalf(term))
    high += widen(upperHalf(term))
    i &+= 1
  }
  store(extents, smallest)
  store(extents + 16, largest)
  store(extents + 32, lowest)
  storeDoubles(sums, low)
  storeDoubles(sums + 8, high)
}

/// Takes the squared differences of `count` vectors of sixteen Floats, `step` elements apart, from a point.
///
/// points is `[3, 16]`: the point, a threshold, and a number so large that a square is cut when it is added. Squares below
/// the threshold, other than 0, are left out; false where there are any. sums is `[2, 16]`: what is left of the others
/// when they are cut, and what is cut off, each vector added in order.
/// - Complexity: O(count).
func tallySquaresOfFloats(
  _ x: UnsafePointer<Float>, _ step: Int, _ count: Int, _ points: UnsafePointer<Double>,
  _ sums: UnsafeMutablePointer<Double>
) -> Bool {
  @inline(always)
  func sixteen(_ place: Int) -> Lanes { load(x + place) }
  return tallySquares(step, count, points, sums, sixteen)
}

/// Takes the squared differences of vectors of sixteen bytes: as `tallySquaresOfFloats`.
/// - Complexity: O(count).
func tallySquaresOfBytes(
  _ x: UnsafePointer<UInt8>, _ step: Int, _ count: Int, _ points: UnsafePointer<Double>,
  _ sums: UnsafeMutablePointer<Double>
) -> Bool {
  @inline(always)
  func sixteen(_ place: Int) -> Lanes { loadBytes(x + place) }
  return tallySquares(step, count, points, sums, sixteen)
}

/// The loop of both.
@inline(always)
private func tallySquares(
  _ step: Int, _ count: Int, _ points: UnsafePointer<Double>, _ sums: UnsafeMutablePointer<Double>,
  _ sixteen: (Int) -> Lanes
) -> Bool {
  let zero = SIMD8<Double>(repeating: 0)
  let (low, high) = (loadDoubles(points), loadDoubles(points + 8))
  let (lowThreshold, highThreshold) = (loadDoubles(points + 16), loadDoubles(points + 24))
  let (lowCut, highCut) = (loadDoubles(points + 32), loadDoubles(points + 40))
  var (a, b) = (loadDoubles(sums), loadDoubles(sums + 8))
  var (c, d) = (loadDoubles(sums + 16), loadDoubles(sums + 24))
  var (leftLow, leftHigh) = (zero, zero)
  var i = 0
  while i < count {
    let x = sixteen(i &* step)
    let first = widen(lowerHalf(x)) - low
    let second = widen(upperHalf(x)) - high
    let firstSquare = first * first
    let secondSquare = second * second
    let one = firstSquare.replacing(with: zero, where: firstSquare .< lowThreshold)
    let two = secondSquare.replacing(with: zero, where: secondSquare .< highThreshold)
    leftLow += firstSquare - one
    leftHigh += secondSquare - two
    let firstMultiple = (one + lowCut) - lowCut
    let secondMultiple = (two + highCut) - highCut
    a += firstMultiple
    b += secondMultiple
    c += one - firstMultiple
    d += two - secondMultiple
    i &+= 1
  }
  storeDoubles(sums, a)
  storeDoubles(sums + 8, b)
  storeDoubles(sums + 16, c)
  storeDoubles(sums + 24, d)
  // No sum of numbers above 0 is 0.
  return sum(leftLow + leftHigh) == 0
}

@inline(always)
private func loadDoubles(_ p: UnsafePointer<Double>) -> SIMD8<Double> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Double>.self)
}

@inline(always)
private func storeDoubles(_ p: UnsafeMutablePointer<Double>, _ x: SIMD8<Double>) {
  UnsafeMutableRawPointer(p).storeBytes(of: x, as: SIMD8<Double>.self)
}
