import CCPU

// Values of Float rows as integers: the code of x in column j is (x - low[j]) · scale[j], cut to 0...65535 and
// rounded. Every step keeps order, so codes sort as values do. Scales are positive, and everything is finite.
//
// The upper bits of a code are its bin; how many lower ones there are is told.

/// Adds `sign` to the counts of the bins of chosen rows.
///
/// counts is `[columns, bins]`; low and scale have a multiple of 16 elements; `room` is for 128 numbers.
/// - Complexity: O(chosen · columns).
func tallyBins(
  _ rows: UnsafePointer<Float>, _ columns: Int, _ chosen: UnsafePointer<Int32>, _ count: Int,
  _ low: UnsafePointer<Float>, _ scale: UnsafePointer<Float>, _ lowerBits: Int,
  _ counts: UnsafeMutablePointer<Int32>, _ sign: Int32, _ room: UnsafeMutablePointer<Int32>
) {
  let binCount = 65536 &>> lowerBits
  let offsets = columnNumbers() &* IntLanes(repeating: Int32(truncatingIfNeeded: binCount))
  var i = 0
  while i < count {
    let height = count &- i < 8 ? count &- i : 8
    var j = 0
    while j < columns {
      let rest = columns &- j
      let width = rest < 16 ? rest : 16
      // Places go through memory, from where they come faster than out of a vector.
      var r = 0
      while r < height {
        let x = rows + Int(chosen[i &+ r]) &* columns + j
        // Rows of a cluster lie apart: no hardware prefetcher foresees them.
        if i &+ r &+ 12 < count { dtrain_prefetch(rows + Int(chosen[i &+ r &+ 12]) &* columns + j) }
        let a = rest >= 16 ? load(x) : loadFront(x, rest, fill: 0)
        storeWords(room + r &* width, offsets &+ bins(codes(a, low + j, scale + j), lowerBits))
        r &+= 1
      }
      let line = counts + j &* binCount
      let end = height &* width
      var e = 0
      while e &+ 8 <= end {
        line[Int(room[e])] &+= sign
        line[Int(room[e &+ 1])] &+= sign
        line[Int(room[e &+ 2])] &+= sign
        line[Int(room[e &+ 3])] &+= sign
        line[Int(room[e &+ 4])] &+= sign
        line[Int(room[e &+ 5])] &+= sign
        line[Int(room[e &+ 6])] &+= sign
        line[Int(room[e &+ 7])] &+= sign
        e &+= 8
      }
      while e < end {
        line[Int(room[e])] &+= sign
        e &+= 1
      }
      j &+= 16
    }
    i &+= height
  }
}

/// Lowers and raises the extremes of the bins to hold the values of rows.
///
/// least and greatest are `[columns, bins]`.
/// - Complexity: O(count · columns).
func extremesOfBins(
  _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ low: UnsafePointer<Float>,
  _ scale: UnsafePointer<Float>, _ lowerBits: Int, _ least: UnsafeMutablePointer<Float>,
  _ greatest: UnsafeMutablePointer<Float>
) {
  let binCount = 65536 &>> lowerBits
  var i = 0
  while i < count {
    let x = rows + i &* columns
    var j = 0
    while j < columns {
      let rest = columns &- j
      let a = rest >= 16 ? load(x + j) : loadFront(x + j, rest, fill: 0)
      let own = bins(codes(a, low + j, scale + j), lowerBits)
      let used = rest < 16 ? rest : 16
      var lane = 0
      while lane < used {
        let place = (j &+ lane) &* binCount &+ Int(own[lane])
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

/// Counts the lower bits of the codes that lie in the range of their column and the cluster of their row.
///
/// first and last are the ranges, `[clusters, stride]`, `stride` a multiple of 16; counts of a place begin at
/// offsets[place].
/// - Complexity: O(count · columns).
func tallyCodes(
  _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ labels: UnsafePointer<Int32>,
  _ stride: Int, _ low: UnsafePointer<Float>, _ scale: UnsafePointer<Float>, _ lowerBits: Int,
  _ first: UnsafePointer<Int32>, _ last: UnsafePointer<Int32>, _ offsets: UnsafePointer<Int32>,
  _ counts: UnsafeMutablePointer<Int32>
) {
  let mask: Int32 = 1 &<< Int32(truncatingIfNeeded: lowerBits) &- 1
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
        counts[Int(offsets[place &+ lane]) &+ Int(own[lane] & mask)] &+= 1
        wanted &= wanted &- 1
      }
      j &+= 16
    }
    i &+= 1
  }
}

/// Collects the values that lie in the range of their column and the cluster of their row.
///
/// least and greatest are the ranges, `[clusters, stride]`, `stride` a power of two from 16; behind the last column they
/// are empty. The values are written one after the other, and their indices k · stride + column likewise, as long as
/// fewer than `capacity` are; there is room for fifteen more. `room` is for 128 numbers.
///
/// - Returns: how many there were to write.
/// - Complexity: O(count · columns).
func collectValues(
  _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ labels: UnsafePointer<Int32>,
  _ stride: Int, _ least: UnsafePointer<Float>, _ greatest: UnsafePointer<Float>,
  _ values: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<Int32>, _ capacity: Int,
  _ room: UnsafeMutablePointer<Int32>
) -> Int {
  let units = (columns &+ 15) / 16
  let masks = room
  let starts = room + 64
  var total = 0
  var i = 0
  var j = 0
  while i < count {
    // Which of sixteen values are wanted, of up to 64 such units: most have none, and need not be looked at again.
    let (firstRow, firstColumn) = (i, j)
    var seen = 0
    while seen < 64, i < count {
      let rest = columns &- j
      let place = Int(labels[i]) &* stride &+ j
      let x = rows + i &* columns + j
      let a = rest >= 16 ? load(x) : loadFront(x, rest, fill: 0)
      let isOut = (a .< load(least + place)) .| (a .> load(greatest + place))
      masks[seen] = Int32(truncatingIfNeeded: lanes(unless: isOut))
      starts[seen] = Int32(truncatingIfNeeded: place)
      seen &+= 1
      j &+= 16
      if j >= columns {
        j = 0
        i &+= 1
      }
    }
    var first = 0
    while first < seen {
      var wanted = lanes(unless: loadWords(masks + first) .== IntLanes(repeating: 0))
      if seen &- first < 16 { wanted &= 1 &<< UInt32(truncatingIfNeeded: seen &- first) &- 1 }
      while wanted != 0 {
        let unit = first &+ wanted.trailingZeroBitCount
        wanted &= wanted &- 1
        let lanes = UInt32(truncatingIfNeeded: masks[unit])
        if total < capacity {
          let ahead = firstColumn / 16 &+ unit
          let row = units == 1 ? ahead : ahead / units
          let column = units == 1 ? 0 : (ahead &- row &* units) &* 16
          let x = rows + (firstRow &+ row) &* columns + column
          let rest = columns &- column
          let a = rest >= 16 ? load(x) : loadFront(x, rest, fill: 0)
          dtrain_keep(
            bits(a), lanes,
            UnsafeMutableRawPointer(values + total).assumingMemoryBound(to: Int32.self))
          dtrain_keep(IntLanes(repeating: starts[unit]) &+ columnNumbers(), lanes, places + total)
        }
        total &+= lanes.nonzeroBitCount
      }
      first &+= 16
    }
  }
  return total
}

/// Finds in which part of its slot each of some values is: the parts of slot s of a place, and those of the next slot
/// where the range of codes reaches into another bin, are numbered from s · 2^bits, each for 2^(lowerBits - bits) codes.
///
/// Values are as `collectValues` leaves them, places likewise, with a stride that is a power of two; first, last and
/// slots are `[clusters, stride]`. Values whose codes are in no range go; those that stay move up, their places become
/// their parts, and are counted.
///
/// - Returns: how many stay.
/// - Complexity: O(count).
func countParts(
  _ values: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<Int32>, _ count: Int,
  _ stride: Int, _ low: UnsafePointer<Float>, _ scale: UnsafePointer<Float>, _ lowerBits: Int,
  _ first: UnsafePointer<Int32>, _ last: UnsafePointer<Int32>, _ slots: UnsafePointer<Int32>,
  _ bits: Int, _ counts: UnsafeMutablePointer<Int32>
) -> Int {
  let shift = Int32(truncatingIfNeeded: lowerBits)
  let mask: Int32 = 1 &<< shift &- 1
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
    let slot = slots[place] &+ (code &>> shift == start &>> shift ? 0 : 1)
    let part = Int(slot) &<< bits | Int(code & mask) &>> (lowerBits &- bits)
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
  let isOut = (codes .< loadWords(first)) .| (codes .> loadWords(last))
  let inside = lanes(unless: isOut)
  return rest < 16 ? inside & ((1 &<< UInt32(truncatingIfNeeded: rest)) &- 1) : inside
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
private func bins(_ codes: IntLanes, _ lowerBits: Int) -> IntLanes {
  codes &>> IntLanes(repeating: Int32(truncatingIfNeeded: lowerBits))
}
