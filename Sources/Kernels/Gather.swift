import CCPU

/// Copies rows of bytes as scaled Floats: destination = (source - shift) * factor, by column.
///
/// source is `[any, sourceColumns]` without gaps; row i of destination, `destinationStride` elements
/// apart, is row `rows[i]` of source, or row i where `rows` is nil. shift and factor hold one value a
/// column. Both operations are rounded to Float.
/// - Complexity: O(count · sourceColumns).
func gatherAffineUInt8(
  _ destination: UnsafeMutablePointer<Float>, _ destinationStride: Int,
  _ source: UnsafePointer<UInt8>, _ sourceColumns: Int,
  _ rows: UnsafePointer<Int32>?, _ count: Int,
  _ shift: UnsafePointer<Float>, _ factor: UnsafePointer<Float>
) {
  var d = destination
  var i = 0
  while i < count {
    var index = i
    if let rows { index = Int(rows[i]) }
    let s = source + index &* sourceColumns
    if let rows, i &+ 2 < count {
      prefetchRow(source + Int(rows[i &+ 2]) &* sourceColumns, sourceColumns)
    }
    if sourceColumns < 16 {
      var c = 0
      while c < sourceColumns {
        d[c] = (Float(s[c]) - shift[c]) * factor[c]
        c &+= 1
      }
    } else {
      let last = sourceColumns &- 16
      var c = 0
      while c < last {
        dtrain_prefetch_to_write(d + c + 512)
        store(d + c, (loadBytes(s + c) - load(shift + c)) * load(factor + c))
        c &+= 16
      }
      store(d + last, (loadBytes(s + last) - load(shift + last)) * load(factor + last))
    }
    d += destinationStride
    i &+= 1
  }
}

/// Copies rows of Floats, scaled: as `gatherAffineUInt8`.
/// - Complexity: O(count · sourceColumns).
func gatherAffineFloat(
  _ destination: UnsafeMutablePointer<Float>, _ destinationStride: Int,
  _ source: UnsafePointer<Float>, _ sourceColumns: Int,
  _ rows: UnsafePointer<Int32>?, _ count: Int,
  _ shift: UnsafePointer<Float>, _ factor: UnsafePointer<Float>
) {
  var d = destination
  var i = 0
  while i < count {
    var index = i
    if let rows { index = Int(rows[i]) }
    let s = source + index &* sourceColumns
    if let rows, i &+ 2 < count {
      prefetchRow(source + Int(rows[i &+ 2]) &* sourceColumns, sourceColumns &* 4)
    }
    if sourceColumns < 16 {
      var c = 0
      while c < sourceColumns {
        d[c] = (s[c] - shift[c]) * factor[c]
        c &+= 1
      }
    } else {
      let last = sourceColumns &- 16
      var c = 0
      while c < last {
        store(d + c, (load(s + c) - load(shift + c)) * load(factor + c))
        c &+= 16
      }
      store(d + last, (load(s + last) - load(shift + last)) * load(factor + last))
    }
    d += destinationStride
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
