import CCPU

// The distances of sixteen rows to every center, a row a lane.
//
// Each is the one that defines a label, of the same differences added up in the same order: see Distances.swift. There
// sixteen sums of a pair stand side by side; here the sums of a pair follow each other, in an order in which few of them
// wait for those that they are added to: 0, 8, 4, 12, 2, 10, 6, 14, and so on.

/// The distances of the rows of a tile to every center, rounded to Float.
///
/// tile is `[columns, 16]`, of which the first `rows` lanes are wanted; centers is `[count, columns]`, with copies of the
/// last one up to a multiple of 4. A distance is the square root of the sum of squares (form 0), half of that sum
/// (form 1), or the sum of magnitudes (form 2). distances is `[rows, count]`; `room` is for 256 numbers.
/// - Complexity: O(count · columns).
func distancesInTile(
  _ tile: UnsafePointer<Float>, _ columns: Int, _ rows: Int, _ centers: UnsafePointer<Double>,
  _ count: Int, _ form: Int, _ distances: UnsafeMutablePointer<Float>,
  _ room: UnsafeMutablePointer<Float>
) {
  if form == 0 {
    measure(tile, columns, rows, centers, count, distances, room, { $0 * $0 }, root)
  } else if form == 1 {
    measure(tile, columns, rows, centers, count, distances, room, { $0 * $0 }, half)
  } else {
    measure(tile, columns, rows, centers, count, distances, room, magnitude, { $0 })
  }
}

/// The distances of the rows of a tile to every center, of form 0 or 1, rounded to Float, from products of rows and centers:
/// a third of the work of ``distancesInTile`` where rows are wide. Sums in another order may lie on the other side of
/// where rounding to Float decides: such pairs are told.
///
/// With row y and center e, both less the shift, the square is y·y + e·e - 2y·e, known within `slack` · (y·y + e·e).
/// centers is `[count, columns]`, less the shift, with copies of the last one up to a multiple of 4; squares is e·e of
/// each. shifted is for `[columns + 1, 16]` numbers, room for 512. undecided `[rows · count]` receives the places of
/// such pairs in distances `[rows, count]`.
///
/// - Returns: how many these are.
/// - Complexity: O(count · columns).
func distancesByProducts(
  _ tile: UnsafePointer<Float>, _ columns: Int, _ rows: Int, _ shift: UnsafePointer<Double>,
  _ centers: UnsafePointer<Double>, _ squares: UnsafePointer<Double>, _ count: Int,
  _ slack: Double, _ isHalved: Bool, _ distances: UnsafeMutablePointer<Float>,
  _ undecided: UnsafeMutablePointer<Int32>, _ shifted: UnsafeMutablePointer<Double>,
  _ room: UnsafeMutablePointer<Float>
) -> Int {
  shiftTile(tile, columns, shift, shifted)
  let norms = UnsafePointer(shifted + columns &* 16)
  let wanted: UInt32 = 1 &<< UInt32(truncatingIfNeeded: rows) &- 1
  var found = 0
  var first = 0
  while first < count {
    let used = count &- first < 16 ? count &- first : 16
    var k = 0
    while k < used {
      let c = centers + (first &+ k) &* columns
      let h = squares + (first &+ k)
      let out = room + k &* 16
      if dtrain_has_wide_registers() != 0 {
        let (low, high) = productsOfSixteen(shifted, columns, c)
        storeRoots(low, norms, h, slack, isHalved, out)
        storeRoots(high, norms + 8, h, slack, isHalved, out + 8)
      } else {
        storeRoots(productsOfEight(shifted, columns, c), norms, h, slack, isHalved, out)
        storeRoots(productsOfEight(shifted + 8, columns, c), norms + 8, h, slack, isHalved, out + 8)
      }
      k &+= 4
    }
    k = 0
    while k < used {
      var open =
        lanes(
          where: dtrain_load_lanes(room + k &* 16) .!= dtrain_load_lanes(room + (k &* 16 &+ 256)))
        & wanted
      while open != 0 {
        let row = open.trailingZeroBitCount
        undecided[found] = Int32(truncatingIfNeeded: row &* count &+ first &+ k)
        found &+= 1
        open &= open &- 1
      }
      k &+= 1
    }
    storeBlock(room, rows, used, distances + first, count)
    first &+= 16
  }
  return found
}

/// Differences of a tile and the shift in Double, `[columns, 16]`, and behind them their sums of squares, `[16]`.
@inline(always)
private func shiftTile(
  _ tile: UnsafePointer<Float>, _ columns: Int, _ shift: UnsafePointer<Double>,
  _ shifted: UnsafeMutablePointer<Double>
) {
  var low = SIMD8<Double>(repeating: 0)
  var high = SIMD8<Double>(repeating: 0)
  var j = 0
  while j < columns {
    let s = SIMD8<Double>(repeating: shift[j])
    let a = dtrain_load_widened(tile + j &* 16) - s
    let b = dtrain_load_widened(tile + (j &* 16 &+ 8)) - s
    dtrain_store_doubles(shifted + j &* 16, a)
    dtrain_store_doubles(shifted + (j &* 16 &+ 8), b)
    low += a * a
    high += b * b
    j &+= 1
  }
  dtrain_store_doubles(shifted + columns &* 16, low)
  dtrain_store_doubles(shifted + (columns &* 16 &+ 8), high)
}

/// Products of eight rows with four centers.
@inline(always)
private func productsOfEight(
  _ x: UnsafePointer<Double>, _ columns: Int, _ centers: UnsafePointer<Double>
) -> SumsOfFour {
  var sums = SumsOfFour()
  var j = 0
  while j < columns {
    sums.addProducts(dtrain_load_doubles(x + j &* 16), centers + j, columns)
    j &+= 1
  }
  return sums
}

/// Products of sixteen rows with four centers.
@inline(always)
private func productsOfSixteen(
  _ x: UnsafePointer<Double>, _ columns: Int, _ centers: UnsafePointer<Double>
) -> (SumsOfFour, SumsOfFour) {
  var low = SumsOfFour()
  var high = SumsOfFour()
  var j = 0
  while j < columns {
    low.addProducts(dtrain_load_doubles(x + j &* 16), centers + j, columns)
    high.addProducts(dtrain_load_doubles(x + (j &* 16 &+ 8)), centers + j, columns)
    j &+= 1
  }
  return (low, high)
}

/// Stores the distances of eight rows to four centers, at least and 256 places further at most.
@inline(always)
private func storeRoots(
  _ products: SumsOfFour, _ norms: UnsafePointer<Double>, _ squares: UnsafePointer<Double>,
  _ slack: Double, _ isHalved: Bool, _ out: UnsafeMutablePointer<Float>
) {
  @inline(always)
  func store(_ product: SIMD8<Double>, _ k: Int) {
    let sum = dtrain_load_doubles(norms) + SIMD8(repeating: squares[k])
    let square = sum - (product + product)
    let error = sum * SIMD8(repeating: slack)
    let least = positive(square - error)
    let most = positive(square + error)
    dtrain_store_narrowed(out + k &* 16, isHalved ? half(least) : root(least))
    dtrain_store_narrowed(out + (k &* 16 &+ 256), isHalved ? half(most) : root(most))
  }
  store(products.a, 0)
  store(products.b, 1)
  store(products.c, 2)
  store(products.d, 3)
}

@inline(always)
private func positive(_ x: SIMD8<Double>) -> SIMD8<Double> {
  let zero = SIMD8<Double>(repeating: 0)
  return x.replacing(with: zero, where: x .< zero)
}

@inline(always)
private func root(_ x: SIMD8<Double>) -> SIMD8<Double> { x.squareRoot() }

@inline(always)
private func half(_ x: SIMD8<Double>) -> SIMD8<Double> { x * SIMD8(repeating: 0.5) }

@inline(always)
private func measure(
  _ tile: UnsafePointer<Float>, _ columns: Int, _ rows: Int, _ centers: UnsafePointer<Double>,
  _ count: Int, _ distances: UnsafeMutablePointer<Float>, _ room: UnsafeMutablePointer<Float>,
  _ term: (SIMD8<Double>) -> SIMD8<Double>, _ finish: (SIMD8<Double>) -> SIMD8<Double>
) {
  var first = 0
  while first < count {
    let used = count &- first < 16 ? count &- first : 16
    var k = 0
    while k < used {
      let c = centers + (first &+ k) &* columns
      var half = 0
      while half < 16 {
        let sums = SumsOfFour(tile + half, columns, c, term)
        let out = room + (k &* 16 &+ half)
        dtrain_store_narrowed(out, finish(sums.a))
        dtrain_store_narrowed(out + 16, finish(sums.b))
        dtrain_store_narrowed(out + 32, finish(sums.c))
        dtrain_store_narrowed(out + 48, finish(sums.d))
        half &+= 8
      }
      k &+= 4
    }
    storeBlock(room, rows, used, distances + first, count)
    first &+= 16
  }
}

/// Turns `[16 centers, 16 rows]` numbers about, and stores the first `used` of the first rows, which lie `stride` apart.
@inline(never)
private func storeBlock(
  _ block: UnsafeMutablePointer<Float>, _ rows: Int, _ used: Int,
  _ out: UnsafeMutablePointer<Float>, _ stride: Int
) {
  transpose(UnsafeMutableRawPointer(block).assumingMemoryBound(to: Int32.self))
  var r = 0
  while r < rows {
    if used == 16 {
      store(out + r &* stride, load(block + r &* 16))
    } else {
      storeFront(out + r &* stride, used, load(block + r &* 16))
    }
    r &+= 1
  }
}

/// Eight rows' sums for four centers.
private struct SumsOfFour {
  var a = SIMD8<Double>(repeating: 0)
  var b = SIMD8<Double>(repeating: 0)
  var c = SIMD8<Double>(repeating: 0)
  var d = SIMD8<Double>(repeating: 0)

  @inline(always)
  init() {}

  /// Adds the products of eight rows' numbers in a column and those of four centers, which lie `stride` apart.
  @inline(always)
  mutating func addProducts(
    _ x: SIMD8<Double>, _ center: UnsafePointer<Double>, _ stride: Int
  ) {
    a = a.addingProduct(SIMD8(repeating: center[0]), x)
    b = b.addingProduct(SIMD8(repeating: center[stride]), x)
    c = c.addingProduct(SIMD8(repeating: center[2 &* stride]), x)
    d = d.addingProduct(SIMD8(repeating: center[3 &* stride]), x)
  }

  /// Of all columns.
  @inline(always)
  init(
    _ x: UnsafePointer<Float>, _ columns: Int, _ centers: UnsafePointer<Double>,
    _ term: (SIMD8<Double>) -> SIMD8<Double>
  ) {
    @inline(always)
    func one(_ j: Int) -> SumsOfFour { SumsOfFour(x, columns, centers, from: j, term) }
    @inline(always)
    func two(_ j: Int) -> SumsOfFour { j &+ 8 < columns ? one(j) + one(j &+ 8) : one(j) }
    @inline(always)
    func four(_ j: Int) -> SumsOfFour { j &+ 4 < columns ? two(j) + two(j &+ 4) : two(j) }
    @inline(always)
    func eight(_ j: Int) -> SumsOfFour { j &+ 2 < columns ? four(j) + four(j &+ 2) : four(j) }
    self = columns > 1 ? eight(0) + eight(1) : eight(0)
  }

  /// Of the columns j, j + 16, j + 32, and so on.
  @inline(always)
  private init(
    _ x: UnsafePointer<Float>, _ columns: Int, _ centers: UnsafePointer<Double>, from first: Int,
    _ term: (SIMD8<Double>) -> SIMD8<Double>
  ) {
    var j = first
    while j < columns {
      let value = dtrain_load_widened(x + j &* 16)
      let center = centers + j
      a += term(value - SIMD8(repeating: center[0]))
      b += term(value - SIMD8(repeating: center[columns]))
      c += term(value - SIMD8(repeating: center[2 &* columns]))
      d += term(value - SIMD8(repeating: center[3 &* columns]))
      j &+= 16
    }
  }

  @inline(always)
  static func + (x: SumsOfFour, y: SumsOfFour) -> SumsOfFour {
    var sums = x
    sums.a += y.a
    sums.b += y.b
    sums.c += y.c
    sums.d += y.d
    return sums
  }
}
