// The distances that define a label: differences, their squares or magnitudes, and sums in Double, in
// one order. Column j goes to sum j mod 16; then sums j and j + 8 are added, j and j + 4, j and j + 2,
// and the last two. What bounds and approximations cannot decide is decided by these.

/// The sum of squared differences of two rows of `columns` Floats.
/// - Complexity: O(columns).
func squaredDistanceFloat(
  _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Double {
  distance(x, c, columns, square)
}

/// The sum of squared differences of a row of bytes and a row of Floats.
/// - Complexity: O(columns).
func squaredDistanceUInt8(
  _ x: UnsafePointer<UInt8>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Double {
  distance(x, c, columns, square, square)
}

/// The sum of absolute differences of two rows of `columns` Floats.
/// - Complexity: O(columns).
func absoluteDistanceFloat(
  _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Double {
  distance(x, c, columns, magnitude)
}

/// The sum of absolute differences of a row of bytes and a row of Floats.
/// - Complexity: O(columns).
func absoluteDistanceUInt8(
  _ x: UnsafePointer<UInt8>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Double {
  distance(x, c, columns, magnitude, magnitude)
}

@inline(always)
private func square(_ x: SIMD8<Double>) -> SIMD8<Double> { x * x }

@inline(always)
private func square(_ x: Double) -> Double { x * x }

@inline(always)
private func magnitude(_ x: Double) -> Double { x < 0 ? -x : x }

@inline(always)
private func distance(
  _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ columns: Int,
  _ term: (SIMD8<Double>) -> SIMD8<Double>
) -> Double {
  var low = SIMD8<Double>(repeating: 0)
  var high = SIMD8<Double>(repeating: 0)
  var j = 0
  while j &+ 16 <= columns {
    low += term(widen(load8(x + j)) - widen(load8(c + j)))
    high += term(widen(load8(x + j + 8)) - widen(load8(c + j + 8)))
    j &+= 16
  }
  if j < columns {
    let a = loadFront(x + j, columns &- j, fill: 0)
    let b = loadFront(c + j, columns &- j, fill: 0)
    low += term(widen(lowerHalf(a)) - widen(lowerHalf(b)))
    high += term(widen(upperHalf(a)) - widen(upperHalf(b)))
  }
  return sum(low + high)
}

@inline(always)
private func distance(
  _ x: UnsafePointer<UInt8>, _ c: UnsafePointer<Float>, _ columns: Int,
  _ term: (SIMD8<Double>) -> SIMD8<Double>, _ termOfOne: (Double) -> Double
) -> Double {
  var low = SIMD8<Double>(repeating: 0)
  var high = SIMD8<Double>(repeating: 0)
  var j = 0
  while j &+ 16 <= columns {
    let a = loadBytes(x + j)
    let b = load(c + j)
    low += term(widen(lowerHalf(a)) - widen(lowerHalf(b)))
    high += term(widen(upperHalf(a)) - widen(upperHalf(b)))
    j &+= 16
  }
  while j < columns {
    let value = termOfOne(Double(x[j]) - Double(c[j]))
    let lane = j & 15
    if lane < 8 {
      low[lane] += value
    } else {
      high[lane &- 8] += value
    }
    j &+= 1
  }
  return sum(low + high)
}

/// The same in single precision, of Floats, in some order: off by less than (columns / 8 + 8) · 2^-24 of
/// itself and columns · 2^-149.
/// - Complexity: O(columns).
func nearlySquaredDistanceFloat(
  _ x: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Float {
  var low = Lanes(repeating: 0)
  var high = Lanes(repeating: 0)
  var j = 0
  while j &+ 32 <= columns {
    let first = load(x + j) - load(c + j)
    let second = load(x + (j &+ 16)) - load(c + (j &+ 16))
    low = low.addingProduct(first, first)
    high = high.addingProduct(second, second)
    j &+= 32
  }
  while j < columns {
    let rest = columns &- j
    let a = rest >= 16 ? load(x + j) : loadFront(x + j, rest, fill: 0)
    let b = rest >= 16 ? load(c + j) : loadFront(c + j, rest, fill: 0)
    low = low.addingProduct(a - b, a - b)
    j &+= 16
  }
  return sum(low + high)
}

/// The same in single precision, of bytes and Floats; see ``nearlySquaredDistanceFloat``.
/// - Complexity: O(columns).
func nearlySquaredDistanceUInt8(
  _ x: UnsafePointer<UInt8>, _ c: UnsafePointer<Float>, _ columns: Int
) -> Float {
  var low = Lanes(repeating: 0)
  var high = Lanes(repeating: 0)
  var j = 0
  while j &+ 32 <= columns {
    let first = loadBytes(x + j) - load(c + j)
    let second = loadBytes(x + (j &+ 16)) - load(c + (j &+ 16))
    low = low.addingProduct(first, first)
    high = high.addingProduct(second, second)
    j &+= 32
  }
  var total = sum(low + high)
  while j < columns {
    let difference = Float(x[j]) - c[j]
    total = total.addingProduct(difference, difference)
    j &+= 1
  }
  return total
}

@inline(always)
private func sum(_ x: Lanes) -> Float {
  let eight = lowerHalf(x) + upperHalf(x)
  let four = lowerHalf(eight) + upperHalf(eight)
  return (four[0] + four[1]) + (four[2] + four[3])
}

/// The squared distances of the sixteen rows of a tile, `[columns, 16]`, to three points, `[columns, 3]`, in Double, one
/// column after the other: `[3, 16]`.
/// - Complexity: O(columns).
func squaredDistancesInTile(
  _ tile: UnsafePointer<Float>, _ columns: Int, _ points: UnsafePointer<Double>,
  _ distances: UnsafeMutablePointer<Double>
) {
  var (a, b) = (SIMD8<Double>(repeating: 0), SIMD8<Double>(repeating: 0))
  var (c, d) = (a, a)
  var (e, f) = (a, a)
  var j = 0
  while j < columns {
    let low = widen(load8(tile + j &* 16))
    let high = widen(load8(tile + (j &* 16 &+ 8)))
    let point = points + j &* 3
    let (first, second, third) = (
      SIMD8(repeating: point[0]), SIMD8(repeating: point[1]), SIMD8(repeating: point[2])
    )
    a += (low - first) * (low - first)
    b += (high - first) * (high - first)
    c += (low - second) * (low - second)
    d += (high - second) * (high - second)
    e += (low - third) * (low - third)
    f += (high - third) * (high - third)
    j &+= 1
  }
  let out = UnsafeMutableRawPointer(distances)
  out.storeBytes(of: a, as: SIMD8<Double>.self)
  out.storeBytes(of: b, toByteOffset: 64, as: SIMD8<Double>.self)
  out.storeBytes(of: c, toByteOffset: 128, as: SIMD8<Double>.self)
  out.storeBytes(of: d, toByteOffset: 192, as: SIMD8<Double>.self)
  out.storeBytes(of: e, toByteOffset: 256, as: SIMD8<Double>.self)
  out.storeBytes(of: f, toByteOffset: 320, as: SIMD8<Double>.self)
}
