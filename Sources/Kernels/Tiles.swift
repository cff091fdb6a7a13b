import CCPU

// Sixteen chosen rows side by side, a row a lane, as the kernels of Nearest.swift want them. A tile has
// room for whole blocks of columns: `[columns up to 16n, 16]` floats, or `[columns up to 32n / 2, 16]` words
// of two 16-bit integers. `shift` and `factor` reach to the end of the last block, with zeros.

/// (x - shift) · factor of sixteen rows of Floats.
/// - Complexity: O(columns).
func tileOfFloats(
  _ tile: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ columns: Int,
  _ rows: UnsafePointer<Int32>, _ shift: UnsafePointer<Float>, _ factor: UnsafePointer<Float>
) {
  @inline(always)
  func one(_ place: Int) -> Float { source[place] }
  prefetchAhead(source, columns, rows)
  var j = 0
  while j < columns {
    let rest = columns &- j
    if rest < 8 {
      if columns < 4 {
        store(tile + j &* 16, (column(columns, rows, j, one) - shift[j]) * factor[j])
        j &+= 1
      } else {
        // The last four may be partly the same as those before.
        let start = rest < 4 ? columns &- 4 : j
        fourColumns(
          tile + start &* 16, source + start, columns, rows, shift + start, factor + start)
        j = start &+ 4
      }
      continue
    }
    @inline(always)
    func sixteen(_ place: Int) -> Lanes {
      rest >= 16 ? load(source + place) : loadFront(source + place, rest, fill: 0)
    }
    sixteenColumns(tile + j &* 16, columns, rows, j, shift, factor, sixteen)
    j &+= 16
  }
}

/// (x - shift) · factor of sixteen rows of bytes.
/// - Complexity: O(columns).
func tileOfBytes(
  _ tile: UnsafeMutablePointer<Float>, _ source: UnsafePointer<UInt8>, _ columns: Int,
  _ rows: UnsafePointer<Int32>, _ shift: UnsafePointer<Float>, _ factor: UnsafePointer<Float>
) {
  @inline(always)
  func one(_ place: Int) -> Float { Float(source[place]) }
  @inline(always)
  func sixteen(_ place: Int) -> Lanes { loadBytes(source + place) }
  var j = 0
  while j < columns {
    if columns &- j < 16 {
      store(tile + j &* 16, (column(columns, rows, j, one) - shift[j]) * factor[j])
      j &+= 1
    } else {
      sixteenColumns(tile + j &* 16, columns, rows, j, shift, factor, sixteen)
      j &+= 16
    }
  }
}

/// Pairs of (x - shift) · factor of sixteen rows of Floats, rounded to integers; magnitudes below 2^15.
/// - Complexity: O(columns).
func tileOfFloatPairs(
  _ tile: UnsafeMutablePointer<Int32>, _ source: UnsafePointer<Float>, _ columns: Int,
  _ rows: UnsafePointer<Int32>, _ shift: UnsafePointer<Float>, _ factor: UnsafePointer<Float>
) {
  var j = 0
  while j < columns {
    let block = tile + j &* 8
    let rest = columns &- j
    var r = 0
    if rest <= 16 {
      // Half as many words: two rows a vector.
      prefetchAhead(source, columns, rows)
      while r < 8 {
        let p = source + Int(rows[r]) &* columns
        let q = source + Int(rows[r &+ 8]) &* columns
        storeWords(
          block + r &* 16,
          pairs(
            integers(p, columns, j, shift, factor), integers(q, columns, j, shift, factor)))
        storeWords(block + (r &+ 8) &* 16, IntLanes(repeating: 0))
        r &+= 1
      }
      transposeHalves(block)
      break
    }
    while r < 16 {
      let row = source + Int(rows[r]) &* columns + j
      let a = rest >= 16 ? load(row) : loadFront(row, rest, fill: 0)
      let b =
        rest >= 32
        ? load(row + 16)
        : rest > 16 ? loadFront(row + 16, rest &- 16, fill: 0) : Lanes(repeating: 0)
      storeWords(
        block + r &* 16,
        pairs(
          rounded((a - load(shift + j)) * load(factor + j)),
          rounded((b - load(shift + j + 16)) * load(factor + j + 16))))
      r &+= 1
    }
    transpose(block)
    j &+= 32
  }
}

/// (x - shift) · factor of sixteen rows of Floats, rounded to integers from 0 to 255: `[groups, 16]` groups of eight
/// columns, the last one filled up with zeros.
/// - Complexity: O(columns).
func tileOfFloatBytes(
  _ tile: UnsafeMutablePointer<UInt64>, _ source: UnsafePointer<Float>, _ columns: Int,
  _ rows: UnsafePointer<Int32>, _ shift: UnsafePointer<Float>, _ factor: UnsafePointer<Float>
) {
  prefetchAhead(source, columns, rows)
  var j = 0
  while j < columns {
    let block = tile + j &* 2
    let hasSecond = columns &- j > 8
    var r = 0
    while r < 16 {
      let x = integers(source + Int(rows[r]) &* columns, columns, j, shift, factor)
      dtrain_store_bytes(x, block + r, hasSecond ? block + (r &+ 16) : nil)
      r &+= 1
    }
    j &+= 16
  }
}

/// (x - shift) · factor of sixteen columns from `j` on, rounded to integers.
@inline(always)
private func integers(
  _ row: UnsafePointer<Float>, _ columns: Int, _ j: Int, _ shift: UnsafePointer<Float>,
  _ factor: UnsafePointer<Float>
) -> IntLanes {
  let rest = columns &- j
  let x = rest >= 16 ? load(row + j) : loadFront(row + j, rest, fill: 0)
  return rounded((x - load(shift + j)) * load(factor + j))
}

/// Pairs of x - shift of sixteen rows of bytes; magnitudes below 2^15.
/// - Complexity: O(columns).
func tileOfBytePairs(
  _ tile: UnsafeMutablePointer<Int32>, _ source: UnsafePointer<UInt8>, _ columns: Int,
  _ rows: UnsafePointer<Int32>, _ shift: UnsafePointer<Int16>
) {
  var j = 0
  while j < columns {
    let block = tile + j &* 8
    let rest = columns &- j
    let s = UnsafeRawPointer(shift + j).loadUnaligned(as: SIMD32<Int16>.self)
    var r = 0
    while r < 16 {
      let row = source + Int(rows[r]) &* columns + j
      let x =
        rest >= 32 ? UnsafeRawPointer(row).loadUnaligned(as: Bytes.self) : loadFront(row, rest)
      storeWords(block + r &* 16, unsafeBitCast(widen(x) &- s, to: IntLanes.self))
      r &+= 1
    }
    transpose(block)
    j &+= 32
  }
}

/// Words of sixteen rows as they are; `words` is a multiple of 4.
/// - Complexity: O(words).
func tileOfWords(
  _ tile: UnsafeMutablePointer<Int32>, _ source: UnsafePointer<Int32>, _ words: Int,
  _ rows: UnsafePointer<Int32>
) {
  var j = 0
  while j < words {
    // A row to a quarter of a vector, so that turning each quarter about is all that is left.
    storeTransposedQuarters(
      tile + j &* 16, quarters(source + j, words, rows), quarters(source + j, words, rows + 1),
      quarters(source + j, words, rows + 2), quarters(source + j, words, rows + 3))
    j &+= 4
  }
}

/// Four words of every fourth of sixteen rows.
@inline(always)
private func quarters(
  _ source: UnsafePointer<Int32>, _ words: Int, _ rows: UnsafePointer<Int32>
) -> IntLanes {
  let a = loadWords4(source + Int(rows[0]) &* words)
  let b = loadWords4(source + Int(rows[4]) &* words)
  let c = loadWords4(source + Int(rows[8]) &* words)
  let d = loadWords4(source + Int(rows[12]) &* words)
  return IntLanes(
    a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3],
    c[0], c[1], c[2], c[3], d[0], d[1], d[2], d[3])
}

@inline(always)
private func loadWords4(_ p: UnsafePointer<Int32>) -> SIMD4<Int32> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD4<Int32>.self)
}

/// Starts fetching what lies four tiles ahead, where rows follow each other: of each row the first cache line, of
/// short rows every fourth, which is enough.
@inline(always)
private func prefetchAhead(
  _ source: UnsafePointer<Float>, _ columns: Int, _ rows: UnsafePointer<Int32>
) {
  let step = columns <= 4 ? 4 : 1
  var r = 0
  while r < 16 {
    dtrain_prefetch(source + (Int(rows[r]) &+ 64) &* columns)
    r &+= step
  }
}

/// Four columns of sixteen rows: a row to a quarter of a vector, then each quarter turned about.
@inline(always)
private func fourColumns(
  _ tile: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ columns: Int,
  _ rows: UnsafePointer<Int32>, _ shift: UnsafePointer<Float>, _ factor: UnsafePointer<Float>
) {
  var r = 0
  while r < 4 {
    let a = load4(source + Int(rows[r]) &* columns)
    let b = load4(source + Int(rows[r &+ 4]) &* columns)
    let c = load4(source + Int(rows[r &+ 8]) &* columns)
    let d = load4(source + Int(rows[r &+ 12]) &* columns)
    store(
      tile + r &* 16,
      Lanes(
        a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3],
        c[0], c[1], c[2], c[3], d[0], d[1], d[2], d[3]))
    r &+= 1
  }
  transposeQuarters(UnsafeMutableRawPointer(tile).assumingMemoryBound(to: Int32.self))
  var j = 0
  while j < 4 {
    store(tile + j &* 16, (load(tile + j &* 16) - shift[j]) * factor[j])
    j &+= 1
  }
}

private typealias Bytes = SIMD32<UInt8>

/// One column of sixteen rows; `one` reads what is at a place in the rows.
@inline(always)
private func column(
  _ columns: Int, _ rows: UnsafePointer<Int32>, _ j: Int, _ one: (Int) -> Float
) -> Lanes {
  var x = Lanes(repeating: 0)
  var r = 0
  while r < 16 {
    x[r] = one(Int(rows[r]) &* columns &+ j)
    r &+= 1
  }
  return x
}

/// Sixteen columns of sixteen rows from `j` on, scaled; `sixteen` reads what begins at a place in the rows.
@inline(always)
private func sixteenColumns(
  _ block: UnsafeMutablePointer<Float>, _ columns: Int, _ rows: UnsafePointer<Int32>, _ j: Int,
  _ shift: UnsafePointer<Float>, _ factor: UnsafePointer<Float>, _ sixteen: (Int) -> Lanes
) {
  let s = load(shift + j)
  let f = load(factor + j)
  var r = 0
  while r < 16 {
    store(block + r &* 16, (sixteen(Int(rows[r]) &* columns &+ j) - s) * f)
    r &+= 1
  }
  transpose(UnsafeMutableRawPointer(block).assumingMemoryBound(to: Int32.self))
}

/// The nearest integers, ties to even, of magnitudes below 2^22: in the last bits of x + 1.5 · 2^23.
@inline(always)
private func rounded(_ x: Lanes) -> IntLanes {
  bits(x + Lanes(repeating: 0x1.8p23)) &- IntLanes(repeating: 0x4B40_0000)
}

/// Thirty-two integers as 16-bit ones, two to a word.
@inline(always)
private func pairs(_ a: IntLanes, _ b: IntLanes) -> IntLanes {
  let x = unsafeBitCast(a, to: SIMD32<Int16>.self)
  let y = unsafeBitCast(b, to: SIMD32<Int16>.self)
  return unsafeBitCast(
    SIMD32<Int16>(
      x[0], x[2], x[4], x[6], x[8], x[10], x[12], x[14],
      x[16], x[18], x[20], x[22], x[24], x[26], x[28], x[30],
      y[0], y[2], y[4], y[6], y[8], y[10], y[12], y[14],
      y[16], y[18], y[20], y[22], y[24], y[26], y[28], y[30]), to: IntLanes.self)
}

/// The first `n` bytes, 0 < n < 32, and zeros.
@inline(always)
private func loadFront(_ p: UnsafePointer<UInt8>, _ n: Int) -> Bytes {
  var x = Bytes(repeating: 0)
  var i = 0
  if n >= 16 {
    x = Bytes(
      lowHalf: UnsafeRawPointer(p).loadUnaligned(as: SIMD16<UInt8>.self),
      highHalf: SIMD16(repeating: 0))
    i = 16
  }
  while i < n {
    x[i] = p[i]
    i &+= 1
  }
  return x
}

/// Lane by lane for the reason given in Lanes.swift.
@inline(always)
private func widen(_ x: Bytes) -> SIMD32<Int16> {
  SIMD32<Int16>(
    Int16(x[0]), Int16(x[1]), Int16(x[2]), Int16(x[3]), Int16(x[4]), Int16(x[5]), Int16(x[6]),
    Int16(x[7]), Int16(x[8]), Int16(x[9]), Int16(x[10]), Int16(x[11]), Int16(x[12]), Int16(x[13]),
    Int16(x[14]), Int16(x[15]), Int16(x[16]), Int16(x[17]), Int16(x[18]), Int16(x[19]),
    Int16(x[20]), Int16(x[21]), Int16(x[22]), Int16(x[23]), Int16(x[24]), Int16(x[25]),
    Int16(x[26]), Int16(x[27]), Int16(x[28]), Int16(x[29]), Int16(x[30]), Int16(x[31]))
}
