import CCPU

// Values of Float rows as integers: the code of x in column j is (x - low[j]) · scale[j], cut to 0...65535 and
// rounded. Every step keeps order, so codes sort as values do. Scales are positive, and everything is finite.
//
// The upper eight bits of a code are its bin.

/// Adds `sign` to the counts of the bins of chosen rows.
///
/// counts is `[columns, 256]`; low and scale have a multiple of 16 elements.
/// - Complexity: O(chosen · columns).
public func tallyBins(
  _ rows: UnsafePointer<Float>, _ columns: Int, _ chosen: UnsafePointer<Int32>, _ count: Int,
  _ low: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
  _ counts: UnsafeMutablePointer<Int32>, _ sign: Int32
) {
  let offsets = columnNumbers() &* IntLanes(repeating: 256)
  var i = 0
  while i < count {
    // Rows of a cluster lie apart: no hardware prefetcher foresees them.
    if i &+ 12 < count { dtrain_prefetch(rows + Int(chosen[i &+ 12]) &* columns) }
    let x = rows + Int(chosen[i]) &* columns
    var j = 0
    while j < columns {
      let rest = columns &- j
      let a = rest >= 16 ? load(x + j) : loadFront(x + j, rest, fill: 0)
      let places = offsets &+ bins(codes(a, low + j, scale + j))
      let line = counts + j &* 256
      let own = rest < 16 ? rest : 16
      if own == 16 {
        add(line, places, sign)
      } else {
        var lane = 0
        while lane < own {
          line[Int(places[lane])] &+= sign
          lane &+= 1
        }
      }
      j &+= 16
    }
    i &+= 1
  }
}

/// Counts sixteen places, which leave the vector two at a time.
@inline(always)
private func add(_ line: UnsafeMutablePointer<Int32>, _ x: IntLanes, _ sign: Int32) {
  let pairs = unsafeBitCast(x, to: SIMD8<UInt64>.self)
  addPair(line, pairs[0], sign)
  addPair(line, pairs[1], sign)
  addPair(line, pairs[2], sign)
  addPair(line, pairs[3], sign)
  addPair(line, pairs[4], sign)
  addPair(line, pairs[5], sign)
  addPair(line, pairs[6], sign)
  addPair(line, pairs[7], sign)
}

@inline(always)
private func addPair(_ line: UnsafeMutablePointer<Int32>, _ pair: UInt64, _ sign: Int32) {
  line[Int(truncatingIfNeeded: pair & 0xffff_ffff)] &+= sign
  line[Int(truncatingIfNeeded: pair &>> 32)] &+= sign
}

/// Lowers and raises the extremes of the bins to hold the values of rows.
///
/// least and greatest are `[columns, 256]`.
/// - Complexity: O(count · columns).
public func extremesOfBins(
  _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ low: UnsafePointer<Float>,
  _ scale: UnsafePointer<Float>, _ least: UnsafeMutablePointer<Float>,
  _ greatest: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i < count {
    let x = rows + i &* columns
    var j = 0
    while j < columns {
      let rest = columns &- j
      let a = rest >= 16 ? load(x + j) : loadFront(x + j, rest, fill: 0)
      let own = bins(codes(a, low + j, scale + j))
      let used = rest < 16 ? rest : 16
      var lane = 0
      while lane < used {
        let place = (j &+ lane) &* 256 &+ Int(own[lane])
        let value = x[j &+ lane]
        if value < least[place] { least[place] = value }
        if value > greatest[place] { greatest[place] = value }
        lane &+= 1
      }
      j &+= 16
    }
    i &+= 1
  }
}

/// Counts the lower eight bits of the codes that lie in the range of their column and the cluster of their row.
///
/// first and last are the ranges, `[clusters, stride]`, `stride` a multiple of 16; counts of a place begin at
/// offsets[place].
/// - Complexity: O(count · columns).
public func tallyCodes(
  _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ labels: UnsafePointer<Int32>,
  _ stride: Int, _ low: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
  _ first: UnsafePointer<Int32>, _ last: UnsafePointer<Int32>, _ offsets: UnsafePointer<Int32>,
  _ counts: UnsafeMutablePointer<Int32>
) {
  var i = 0
  while i < count {
    let x = rows + i &* columns
    let start = Int(labels[i]) &* stride
    var j = 0
    while j < columns {
      let rest = columns &- j
      let place = start &+ j
      let a = rest >= 16 ? load(x + j) : loadFront(x + j, rest, fill: 0)
      let own = codes(a, low + j, scale + j)
      var wanted = inRange(own, first + place, last + place, rest)
      while wanted != 0 {
        let lane = wanted.trailingZeroBitCount
        counts[Int(offsets[place &+ lane]) &+ Int(own[lane] & 255)] &+= 1
        wanted &= wanted &- 1
      }
      j &+= 16
    }
    i &+= 1
  }
}

/// Collects the values that lie in the range of their column and the cluster of their row.
///
/// least and greatest are the ranges, `[clusters, stride]`, `stride` a multiple of 16; behind the last column they are
/// empty. The values are written one after the other, and their indices k · stride + column likewise, as long as fewer
/// than `capacity` are; there is room for fifteen more.
///
/// - Returns: how many there were to write.
/// - Complexity: O(count · columns).
public func collectValues(
  _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ labels: UnsafePointer<Int32>,
  _ stride: Int, _ least: UnsafePointer<Float>, _ greatest: UnsafePointer<Float>,
  _ values: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<Int32>, _ capacity: Int
) -> Int {
  var total = 0
  var i = 0
  while i < count {
    let x = rows + i &* columns
    let start = Int(labels[i]) &* stride
    var j = 0
    while j < columns {
      let rest = columns &- j
      let place = start &+ j
      let a = rest >= 16 ? load(x + j) : loadFront(x + j, rest, fill: 0)
      let isOut = (a .< load(least + place)) .| (a .> load(greatest + place))
      let wanted = dtrain_signs(
        IntLanes(repeating: -1).replacing(with: IntLanes(repeating: 0), where: isOut))
      if total < capacity {
        dtrain_keep(
          bits(a), wanted,
          UnsafeMutableRawPointer(values + total).assumingMemoryBound(to: Int32.self))
        let numbers = IntLanes(repeating: Int32(truncatingIfNeeded: place)) &+ columnNumbers()
        dtrain_keep(numbers, wanted, places + total)
      }
      total &+= wanted.nonzeroBitCount
      j &+= 16
    }
    i &+= 1
  }
  return total
}

/// Finds in which part of its slot each of some values is: the parts of slot s of a place, and those of the next slot
/// where the range of codes reaches into another bin, are numbered from s · 2^bits, each for 2^(8 - bits) codes.
///
/// Values are as `collectValues` leaves them, places likewise, with a stride that is a power of two; first, last and
/// slots are `[clusters, stride]`. Values whose codes are in no range go; those that stay move up, their places become
/// their parts, and are counted.
///
/// - Returns: how many stay.
/// - Complexity: O(count).
public func countParts(
  _ values: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<Int32>, _ count: Int,
  _ stride: Int, _ low: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
  _ first: UnsafePointer<Int32>, _ last: UnsafePointer<Int32>, _ slots: UnsafePointer<Int32>,
  _ bits: Int, _ counts: UnsafeMutablePointer<Int32>
) -> Int {
  var kept = 0
  var i = 0
  while i < count {
    let value = values[i]
    let place = Int(places[i])
    let column = place & (stride &- 1)
    var scaled = (value - low[column]) * scale[column]
    scaled = scaled < 0 ? 0 : scaled
    scaled = scaled > 65535 ? 65535 : scaled
    // As `codes` rounds.
    let code = Int32(bitPattern: (scaled + 8_388_608).bitPattern & 0xffff)
    let start = first[place]
    let slot = slots[place] &+ (code &>> 8 == start &>> 8 ? 0 : 1)
    let part = Int(slot) &<< bits | Int(code & 255) &>> (8 &- bits)
    if code >= start, code <= last[place] {
      values[kept] = value
      places[kept] = Int32(truncatingIfNeeded: part)
      counts[part] &+= 1
      kept &+= 1
    }
    i &+= 1
  }
  return kept
}

/// The lanes of which codes lie in their range, of the first `rest` ones.
@inline(always)
private func inRange(
  _ codes: IntLanes, _ first: UnsafePointer<Int32>, _ last: UnsafePointer<Int32>, _ rest: Int
) -> UInt32 {
  let isOut = (codes .< loadInts(first)) .| (codes .> loadInts(last))
  let lanes = IntLanes(repeating: -1).replacing(with: IntLanes(repeating: 0), where: isOut)
  let signs = dtrain_signs(lanes)
  return rest < 16 ? signs & ((1 &<< UInt32(truncatingIfNeeded: rest)) &- 1) : signs
}

@inline(always)
private func loadInts(_ p: UnsafePointer<Int32>) -> IntLanes {
  UnsafeRawPointer(p).loadUnaligned(as: IntLanes.self)
}

/// The codes of sixteen values.
@inline(always)
private func codes(
  _ x: Lanes, _ low: UnsafePointer<Float>, _ scale: UnsafePointer<Float>
) -> IntLanes {
  let scaled = (x - load(low)) * load(scale)
  let zero = Lanes(repeating: 0)
  let most = Lanes(repeating: 65535)
  let positive = scaled.replacing(with: zero, where: scaled .< zero)
  let cut = positive.replacing(with: most, where: positive .> most)
  // Added to 2^23, a number up to there is an integer in the low bits, rounded to nearest even.
  return bits(cut + Lanes(repeating: 8_388_608)) & IntLanes(repeating: 0xffff)
}

@inline(always)
private func bins(_ codes: IntLanes) -> IntLanes { codes &>> IntLanes(repeating: 8) }
