/// destination = a + b, elementwise; destination may be a or b.
/// - Complexity: O(count).
func add(
  _ destination: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>,
  _ b: UnsafePointer<Float>, _ count: Int
) {
  var i = 0
  while i &+ 64 <= count {
    // All loads before the stores: the pointers may be equal, which LLVM cannot see through.
    let s0 = load(a + i) + load(b + i)
    let s1 = load(a + (i &+ 16)) + load(b + (i &+ 16))
    let s2 = load(a + (i &+ 32)) + load(b + (i &+ 32))
    let s3 = load(a + (i &+ 48)) + load(b + (i &+ 48))
    store(destination + i, s0)
    store(destination + (i &+ 16), s1)
    store(destination + (i &+ 32), s2)
    store(destination + (i &+ 48), s3)
    i &+= 64
  }
  while i &+ 16 <= count {
    store(destination + i, load(a + i) + load(b + i))
    i &+= 16
  }
  let rest = count &- i
  if rest > 0 {
    storeFront(
      destination + i, rest, loadFront(a + i, rest, fill: 0) + loadFront(b + i, rest, fill: 0))
  }
}

/// The sum of squares, exact squares summed in Double: element i goes to sum i mod 16, in order of
/// i; then sum j and j + 8 are added, j and j + 4, j and j + 2, and the last two.
/// - Complexity: O(count).
func squaredNorm(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
  var low = SIMD8<Double>(repeating: 0)
  var high = SIMD8<Double>(repeating: 0)
  var i = 0
  while i < count {
    let rest = count &- i
    let value = rest >= 16 ? load(x + i) : loadFront(x + i, rest, fill: 0)
    let a = widen(lowerHalf(value))
    let b = widen(upperHalf(value))
    low += a * a
    high += b * b
    i &+= 16
  }
  return sum(low + high)
}

/// Whether no element is infinite or NaN.
/// - Complexity: O(count).
func allFinite(_ x: UnsafePointer<Float>, _ count: Int) -> Bool {
  let mask = IntLanes(repeating: Int32.max)
  var largest = IntLanes(repeating: 0)
  var i = 0
  while i < count {
    let rest = count &- i
    let value = rest >= 16 ? load(x + i) : loadFront(x + i, rest, fill: 0)
    let magnitude = bits(value) & mask
    largest = largest.replacing(with: magnitude, where: magnitude .> largest)
    i &+= 16
  }
  let infinite = largest .>= IntLanes(repeating: 0x7F80_0000)
  let flags = IntLanes(repeating: 0).replacing(with: IntLanes(repeating: 1), where: infinite)
  return !isAnySet(flags)
}
