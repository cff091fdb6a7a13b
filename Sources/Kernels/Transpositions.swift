// Blocks of sixteen words turned about in four steps, each of which exchanges halves, quarters and so on
// between two vectors. The lanes are written out: that compiles to one or two shuffles.

/// Turns `[16, 16]` words about, in place.
@inline(always)
func transpose(_ p: UnsafeMutablePointer<Int32>) {
  var i = 0
  while i < 8 {
    exchange8(p + i &* 16, p + (i &+ 8) &* 16)
    i &+= 1
  }
  i = 0
  while i < 16 {
    if i & 4 == 0 { exchange4(p + i &* 16, p + (i &+ 4) &* 16) }
    i &+= 1
  }
  i = 0
  while i < 16 {
    transposeQuarters(p + i &* 16)
    i &+= 4
  }
}

/// Turns the two halves of `[8, 16]` words about, each by itself, in place.
@inline(always)
func transposeHalves(_ p: UnsafeMutablePointer<Int32>) {
  var i = 0
  while i < 4 {
    exchange4(p + i &* 16, p + (i &+ 4) &* 16)
    i &+= 1
  }
  transposeQuarters(p)
  transposeQuarters(p + 64)
}

@inline(always)
private func exchange8(_ p: UnsafeMutablePointer<Int32>, _ q: UnsafeMutablePointer<Int32>) {
  let a = loadWords(p)
  let b = loadWords(q)
  storeWords(
    p,
    IntLanes(
      a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
      b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]))
  storeWords(
    q,
    IntLanes(
      a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15],
      b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]))
}

@inline(always)
private func exchange4(_ p: UnsafeMutablePointer<Int32>, _ q: UnsafeMutablePointer<Int32>) {
  let a = loadWords(p)
  let b = loadWords(q)
  storeWords(
    p,
    IntLanes(
      a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3],
      a[8], a[9], a[10], a[11], b[8], b[9], b[10], b[11]))
  storeWords(
    q,
    IntLanes(
      a[4], a[5], a[6], a[7], b[4], b[5], b[6], b[7],
      a[12], a[13], a[14], a[15], b[12], b[13], b[14], b[15]))
}

/// The last two steps: turns the `[4, 4]` blocks about that four vectors' quarters are.
@inline(always)
func transposeQuarters(_ p: UnsafeMutablePointer<Int32>) {
  storeTransposedQuarters(
    p, loadWords(p), loadWords(p + 16), loadWords(p + 32), loadWords(p + 48))
}

/// The same of vectors that are not in memory yet.
@inline(always)
func storeTransposedQuarters(
  _ p: UnsafeMutablePointer<Int32>, _ a: IntLanes, _ b: IntLanes, _ c: IntLanes, _ d: IntLanes
) {
  let abLow = interleaveLow(a, b)
  let abHigh = interleaveHigh(a, b)
  let cdLow = interleaveLow(c, d)
  let cdHigh = interleaveHigh(c, d)
  storeWords(p, joinLow(abLow, cdLow))
  storeWords(p + 16, joinHigh(abLow, cdLow))
  storeWords(p + 32, joinLow(abHigh, cdHigh))
  storeWords(p + 48, joinHigh(abHigh, cdHigh))
}

@inline(always)
private func interleaveLow(_ a: IntLanes, _ b: IntLanes) -> IntLanes {
  IntLanes(
    a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5],
    a[8], b[8], a[9], b[9], a[12], b[12], a[13], b[13])
}

@inline(always)
private func interleaveHigh(_ a: IntLanes, _ b: IntLanes) -> IntLanes {
  IntLanes(
    a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7],
    a[10], b[10], a[11], b[11], a[14], b[14], a[15], b[15])
}

@inline(always)
private func joinLow(_ a: IntLanes, _ b: IntLanes) -> IntLanes {
  IntLanes(
    a[0], a[1], b[0], b[1], a[4], a[5], b[4], b[5],
    a[8], a[9], b[8], b[9], a[12], a[13], b[12], b[13])
}

@inline(always)
private func joinHigh(_ a: IntLanes, _ b: IntLanes) -> IntLanes {
  IntLanes(
    a[2], a[3], b[2], b[3], a[6], a[7], b[6], b[7],
    a[10], a[11], b[10], b[11], a[14], a[15], b[14], b[15])
}
