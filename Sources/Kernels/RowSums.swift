// Rows added to the integer sums of clusters.

/// sums += sign · x, of bytes.
/// - Complexity: O(columns).
func addRowOfBytes(
  _ sums: UnsafeMutablePointer<Int64>, _ x: UnsafePointer<UInt8>, _ columns: Int, _ sign: Int64
) {
  var j = 0
  while j &+ 16 <= columns {
    let b = UnsafeRawPointer(x + j).loadUnaligned(as: SIMD16<UInt8>.self)
    let low = SIMD8<Int64>(
      Int64(b[0]), Int64(b[1]), Int64(b[2]), Int64(b[3]), Int64(b[4]), Int64(b[5]), Int64(b[6]),
      Int64(b[7]))
    let high = SIMD8<Int64>(
      Int64(b[8]), Int64(b[9]), Int64(b[10]), Int64(b[11]), Int64(b[12]), Int64(b[13]),
      Int64(b[14]), Int64(b[15]))
    let a = loadLongs(sums + j)
    let c = loadLongs(sums + (j &+ 8))
    storeLongs(sums + j, sign > 0 ? a &+ low : a &- low)
    storeLongs(sums + (j &+ 8), sign > 0 ? c &+ high : c &- high)
    j &+= 16
  }
  while j < columns {
    sums[j] &+= sign &* Int64(x[j])
    j &+= 1
  }
}

/// high += sign · round(x · scale), and low, unless nil, likewise of what that rounds off, times `lowScale`.
///
/// Rounded to nearest even, as the last bits of a sum with 1.5 · 2^52; so x · scale must lie below 2^51.
/// - Complexity: O(columns).
func addRowOfFloats(
  _ high: UnsafeMutablePointer<Int64>, _ low: UnsafeMutablePointer<Int64>?,
  _ x: UnsafePointer<Float>, _ scale: UnsafePointer<Double>, _ lowScale: Double, _ columns: Int,
  _ sign: Double
) {
  let big = SIMD8<Double>(repeating: 0x1.8p52)
  let sign8 = SIMD8<Double>(repeating: sign)
  let lowScale8 = SIMD8<Double>(repeating: lowScale)
  var j = 0
  while j &+ 8 <= columns {
    let scaled =
      widen(load8(x + j)) * sign8
      * UnsafeRawPointer(scale + j).loadUnaligned(as: SIMD8<Double>.self)
    let shifted = scaled + big
    storeLongs(high + j, loadLongs(high + j) &+ integers(shifted))
    if let low {
      let rest = (scaled - (shifted - big)) * lowScale8 + big
      storeLongs(low + j, loadLongs(low + j) &+ integers(rest))
    }
    j &+= 8
  }
  while j < columns {
    let scaled = Double(x[j]) * sign * scale[j]
    let shifted = scaled + 0x1.8p52
    high[j] &+= Int64(bitPattern: shifted.bitPattern) &- 0x4338_0000_0000_0000
    if let low {
      let rest = (scaled - (shifted - 0x1.8p52)) * lowScale + 0x1.8p52
      low[j] &+= Int64(bitPattern: rest.bitPattern) &- 0x4338_0000_0000_0000
    }
    j &+= 1
  }
}

@inline(always)
private func integers(_ x: SIMD8<Double>) -> SIMD8<Int64> {
  unsafeBitCast(x, to: SIMD8<Int64>.self) &- SIMD8<Int64>(repeating: 0x4338_0000_0000_0000)
}

@inline(always)
private func loadLongs(_ p: UnsafePointer<Int64>) -> SIMD8<Int64> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Int64>.self)
}

@inline(always)
private func storeLongs(_ p: UnsafeMutablePointer<Int64>, _ x: SIMD8<Int64>) {
  UnsafeMutableRawPointer(p).storeBytes(of: x, as: SIMD8<Int64>.self)
}
