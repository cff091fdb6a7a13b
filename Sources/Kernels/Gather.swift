import CCPU

/// Copies rows of bytes as scaled Floats: destination = (source - shift) * factor, by column.
///
/// source is `[any, columns]` without gaps; row i of destination, `stride` elements apart, is row `rows[i]` of source,
/// or row i where `rows` is nil. shift and factor hold one value a column. Both operations are rounded to Float.
/// - Complexity: O(count · columns).
func gatherAffineUInt8(
  _ destination: UnsafeMutablePointer<Float>, _ stride: Int, _ source: UnsafePointer<UInt8>,
  _ columns: Int, _ rows: UnsafePointer<Int32>?, _ count: Int, _ shift: UnsafePointer<Float>,
  _ factor: UnsafePointer<Float>
) {
  @inline(always)
  func one(_ place: Int) -> Float { Float(source[place]) }
  @inline(always)
  func sixteen(_ place: Int) -> Lanes { loadBytes(source + place) }
  gather(destination, stride, source, 1, columns, rows, count, shift, factor, one, sixteen)
}

/// Copies rows of Floats, scaled: as `gatherAffineUInt8`.
/// - Complexity: O(count · columns).
func gatherAffineFloat(
  _ destination: UnsafeMutablePointer<Float>, _ stride: Int, _ source: UnsafePointer<Float>,
  _ columns: Int, _ rows: UnsafePointer<Int32>?, _ count: Int, _ shift: UnsafePointer<Float>,
  _ factor: UnsafePointer<Float>
) {
  @inline(always)
  func one(_ place: Int) -> Float { source[place] }
  @inline(always)
  func sixteen(_ place: Int) -> Lanes { load(source + place) }
  gather(destination, stride, source, 4, columns, rows, count, shift, factor, one, sixteen)
}

/// The loop of both, for elements of `bytes` bytes, a constant at each call, as is what reads one or sixteen of them.
@inline(always)
private func gather(
  _ destination: UnsafeMutablePointer<Float>, _ stride: Int, _ source: UnsafeRawPointer,
  _ bytes: Int, _ columns: Int, _ rows: UnsafePointer<Int32>?, _ count: Int,
  _ shift: UnsafePointer<Float>, _ factor: UnsafePointer<Float>, _ one: (Int) -> Float,
  _ sixteen: (Int) -> Lanes
) {
  var d = destination
  var i = 0
  while i < count {
    var index = i
    if let rows { index = Int(rows[i]) }
    let start = index &* columns
    if let rows, i &+ 2 < count {
      prefetchRow(source + Int(rows[i &+ 2]) &* columns &* bytes, columns &* bytes)
    }
    if columns < 16 {
      var c = 0
      while c < columns {
        d[c] = (one(start &+ c) - shift[c]) * factor[c]
        c &+= 1
      }
    } else {
      let last = columns &- 16
      var c = 0
      while c < last {
        // Bytes come fast enough for stores to be what is waited for.
        if bytes == 1 { dtrain_prefetch_to_write(d + c + 512) }
        store(d + c, (sixteen(start &+ c) - load(shift + c)) * load(factor + c))
        c &+= 16
      }
      store(d + last, (sixteen(start &+ last) - load(shift + last)) * load(factor + last))
    }
    d += stride
    i &+= 1
  }
}

/// Fetches a row ahead of its use: rows are drawn at random, which no hardware prefetcher foresees.
@inline(always)
private func prefetchRow(_ row: UnsafeRawPointer, _ bytes: Int) {
  var i = 0
  while i < bytes {
    dtrain_prefetch(row + i)
    i &+= 64
  }
}
