import CCPU

/// Counts and collects the values of clusters in brackets of their columns.
///
/// rows is `[count, columns]`. lower, middle and upper are `[clusters, stride]`, below and equal too; `stride`
/// is a multiple of 16, and columns that are none have lower infinite and upper -infinite. For each value of
/// a row in cluster k: `below` of its column counts those under `lower`, and of those from `lower` to `upper`
/// `equal` counts the ones that equal `middle`, while the others are written to `values`, and their index
/// k · stride + column to `places`, as long as `capacity` lasts.
///
/// - Returns: how many there were to write.
/// - Complexity: O(count · columns).
public func collectInBrackets(
  _ rows: UnsafePointer<Float>, _ count: Int, _ columns: Int, _ labels: UnsafePointer<Int32>,
  _ stride: Int, _ lower: UnsafePointer<Float>, _ middle: UnsafePointer<Float>,
  _ upper: UnsafePointer<Float>, _ below: UnsafeMutablePointer<Int32>,
  _ equal: UnsafeMutablePointer<Int32>, _ values: UnsafeMutablePointer<Float>,
  _ places: UnsafeMutablePointer<Int32>, _ capacity: Int
) -> Int {
  let zero = IntLanes(repeating: 0)
  let one = IntLanes(repeating: 1)
  let weights = IntLanes(
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
  var found = 0
  var i = 0
  while i < count {
    let x = rows + i &* columns
    let start = Int(labels[i]) &* stride
    var j = 0
    while j < columns {
      let rest = columns &- j
      let place = start &+ j
      let a = rest >= 16 ? load(x + j) : loadFront(x + j, rest, fill: 0)
      let isBelow = a .< load(lower + place)
      let isEqual = a .== load(middle + place)
      let isOutside = isBelow .| (a .> load(upper + place))
      count16(below + place, zero.replacing(with: one, where: isBelow))
      count16(equal + place, zero.replacing(with: one, where: isEqual .& .!isOutside))
      var others = union(weights.replacing(with: zero, where: isOutside .| isEqual))
      while others != 0 {
        let lane = others.trailingZeroBitCount
        if found < capacity {
          values[found] = x[j &+ lane]
          places[found] = Int32(truncatingIfNeeded: place &+ lane)
        }
        found &+= 1
        others &= others &- 1
      }
      j &+= 16
    }
    i &+= 1
  }
  return found
}

@inline(always)
private func count16(_ p: UnsafeMutablePointer<Int32>, _ x: IntLanes) {
  let old = UnsafeRawPointer(p).loadUnaligned(as: IntLanes.self)
  UnsafeMutableRawPointer(p).storeBytes(of: old &+ x, as: IntLanes.self)
}

/// Counts the values of rows that lie below the first and below the second number of their column.
///
/// Row i is at `rows + i · columns` for every i in `0..<count` that is a multiple of `step`. The numbers and
/// counts are `[clusters, stride]`, `stride` a multiple of 16.
/// - Complexity: O(count / step · columns).
public func countBelow(
  _ rows: UnsafePointer<Float>, _ count: Int, _ step: Int, _ columns: Int,
  _ labels: UnsafePointer<Int32>, _ stride: Int, _ first: UnsafePointer<Float>,
  _ second: UnsafePointer<Float>, _ belowFirst: UnsafeMutablePointer<Int32>,
  _ belowSecond: UnsafeMutablePointer<Int32>
) {
  let zero = IntLanes(repeating: 0)
  let one = IntLanes(repeating: 1)
  var i = 0
  while i < count {
    let x = rows + i &* columns
    // No hardware prefetcher foresees rows far apart.
    dtrain_prefetch(x + 8 &* step &* columns)
    let start = Int(labels[i]) &* stride
    var j = 0
    while j < columns {
      let rest = columns &- j
      let place = start &+ j
      let a = rest >= 16 ? load(x + j) : loadFront(x + j, rest, fill: 0)
      count16(belowFirst + place, zero.replacing(with: one, where: a .< load(first + place)))
      count16(belowSecond + place, zero.replacing(with: one, where: a .< load(second + place)))
      j &+= 16
    }
    i &+= step
  }
}

/// The bits that any lane has set.
@inline(always)
private func union(_ x: IntLanes) -> Int32 {
  let eight = lowerHalf(x) | upperHalf(x)
  let four = lowerHalf(eight) | upperHalf(eight)
  return (four[0] | four[1]) | (four[2] | four[3])
}
