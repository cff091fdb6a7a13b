// The distances that define a label: differences, their squares or magnitudes, and sums in Double, in
// one order. Column j goes to sum j mod 16; then sums j and j + 8 are added, j and j + 4, j and j + 2,
// and the last two. What bounds and approximations cannot decide is decided by these.

/// The sum of squared differences of two rows of `columns` Floats.
/// - Complexity: O(columns).
public func squaredDistanceFloat(
  _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Double {
  var low = SIMD8<Double>(repeating: 0)
  var high = SIMD8<Double>(repeating: 0)
  var j = 0
  while j < columns {
    let rest = columns &- j
    let a = rest >= 16 ? load(x + j) : loadFront(x + j, rest, fill: 0)
    let b = rest >= 16 ? load(c + j) : loadFront(c + j, rest, fill: 0)
    let first = widen(lowerHalf(a)) - widen(lowerHalf(b))
    let second = widen(upperHalf(a)) - widen(upperHalf(b))
    low += first * first
    high += second * second
    j &+= 16
  }
  return sum(low + high)
}

/// The sum of squared differences of a row of bytes and a row of Floats.
/// - Complexity: O(columns).
public func squaredDistanceUInt8(
  _ x: UnsafePointer<UInt8>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Double {
  var low = SIMD8<Double>(repeating: 0)
  var high = SIMD8<Double>(repeating: 0)
  var j = 0
  while j &+ 16 <= columns {
    let a = loadBytes(x + j)
    let b = load(c + j)
    let first = widen(lowerHalf(a)) - widen(lowerHalf(b))
    let second = widen(upperHalf(a)) - widen(upperHalf(b))
    low += first * first
    high += second * second
    j &+= 16
  }
  while j < columns {
    let difference = Double(x[j]) - Double(c[j])
    let lane = j & 15
    if lane < 8 {
      low[lane] += difference * difference
    } else {
      high[lane &- 8] += difference * difference
    }
    j &+= 1
  }
  return sum(low + high)
}
