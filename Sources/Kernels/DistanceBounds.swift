import CCPU

// Bounds on the distances of rows to centers: what proves that a label stays without looking at the row.
// Upper bounds are of the distance to the own center; lower bounds of the distance to any other center of a
// group. All are rounded to the safe side.

/// What sixteen rows' scores say: whether the nearest center is certain, and how near it and the others are.
///
/// A score s of a row of norm r stands for the distance sqrt(r² + 2s), with an error below
/// slope·r + constant + roundoff·(r + largest)².
///
/// Results, `[16]` each: `undecided`, 1 where the runner-up is too near; `errors`; `upper` and `lower`, bounds of the
/// distances to the nearest center and to all others.
/// - Returns: whether any is undecided.
/// - Complexity: O(1).
func judgeTile(
  _ norms: UnsafePointer<Float>, _ best: UnsafePointer<Float>, _ runnerUp: UnsafePointer<Float>,
  _ slope: Float, _ constant: Float, _ roundoff: Float, _ largest: Float,
  _ undecided: UnsafeMutablePointer<Int32>, _ errors: UnsafeMutablePointer<Float>,
  _ upper: UnsafeMutablePointer<Float>, _ lower: UnsafeMutablePointer<Float>
) -> Bool {
  let r = load(norms)
  let b = load(best)
  let u = load(runnerUp)
  let reach = r + Lanes(repeating: largest)
  let error =
    (r * Lanes(repeating: slope) + Lanes(repeating: constant))
    + reach * reach * Lanes(repeating: roundoff)
  store(errors, error)
  let isClear = (u - b) .> (error * Lanes(repeating: 2.0001))
  let open = IntLanes(repeating: 1).replacing(with: IntLanes(repeating: 0), where: isClear)
  storeWords(undecided, open)
  // The norm is rounded up by less than 2^-22 of itself, its square by less than 2^-20.
  let square = r * r
  let slack = error + square * Lanes(repeating: 0x1p-20)
  let two = Lanes(repeating: 2)
  store(upper, rootOf((b + slack) * two + square) * Lanes(repeating: 1 + 0x1p-20))
  store(lower, rootOf(capped((u - slack) * two + square)) * Lanes(repeating: 1 - 0x1p-20))
  return isAnySet(open)
}

/// Lower bounds of one row's distances to the groups, from their scores: sqrt(max(0, squared +
/// 2 · (score - error))) + drift, rounded down; `squared` is the row's squared norm.
/// - Complexity: O(1).
func lowerBounds(
  _ bounds: UnsafeMutablePointer<Float>, _ scores: UnsafePointer<Float>, _ squared: Float,
  _ error: Float, _ drift: UnsafePointer<Float>
) {
  let square =
    (load(scores) - Lanes(repeating: error)) * Lanes(repeating: 2) + Lanes(repeating: squared)
  let bound = rootOf(capped(square)) * Lanes(repeating: 1 - 0x1p-20) + load(drift)
  store(bounds, bound * Lanes(repeating: 1 - 0x1p-22))
}

/// What is infinite where there is no other center, finite: differences of it stay numbers.
@inline(always)
private func capped(_ square: Lanes) -> Lanes {
  let most = Lanes(repeating: 0x1p120)
  return square.replacing(with: most, where: square .> most)
}

@inline(always)
private func rootOf(_ square: Lanes) -> Lanes {
  let zero = Lanes(repeating: 0)
  return square.replacing(with: zero, where: square .< zero).squareRoot()
}

/// Whether every group's lower bound still lies above a row's upper bound: min(lower - drift) > limit.
///
/// Both sides are widened by the rounding of their own additions, 2^-22 of the magnitudes.
/// - Complexity: O(1).
func boundsHold(
  _ lower: UnsafePointer<Float>, _ drift: UnsafePointer<Float>, _ limit: Float
) -> Bool {
  !isAnySet(broken(load(lower), load(drift), Lanes(repeating: limit)))
}

@inline(always)
private func broken(_ lower: Lanes, _ drift: Lanes, _ limit: Lanes) -> IntLanes {
  let slack = (lower + drift) * Lanes(repeating: 0x1p-22)
  let isClear = ((lower - drift) - slack) .> limit
  return IntLanes(repeating: 1).replacing(with: IntLanes(repeating: 0), where: isClear)
}

/// The rows `first..<end` whose bounds no longer prove their labels; `lower` is `[rows, 16]`, a bound a group.
///
/// A row's upper bound is upper + moved[label]; the lower bound of a group, lower - drift.
/// - Returns: how many there are; their numbers are in `chosen`, in order.
/// - Complexity: O(end - first).
func rowsToAssign(
  _ first: Int, _ end: Int, _ labels: UnsafePointer<Int32>, _ upper: UnsafePointer<Float>,
  _ moved: UnsafePointer<Float>, _ lower: UnsafePointer<Float>, _ drift: UnsafePointer<Float>,
  _ chosen: UnsafeMutablePointer<Int32>
) -> Int {
  let d = load(drift)
  var found = 0
  var i = first
  while i < end {
    let own = moved[Int(labels[i])]
    let u = upper[i]
    let limit = (u + own) + 0x1p-22 * ((u < 0 ? -u : u) + own)
    if isAnySet(broken(load(lower + i &* 16), d, Lanes(repeating: limit))) {
      chosen[found] = Int32(truncatingIfNeeded: i)
      found &+= 1
    }
    i &+= 1
  }
  return found
}

/// The same with one group, `lower` `[rows]`, whose lower bound is lower - others[label]. A row nearer to its center
/// than halves[label], half the distance of that center to the nearest other one, is proved, too.
/// - Complexity: O(end - first).
func rowsToAssignOfOneGroup(
  _ first: Int, _ end: Int, _ labels: UnsafePointer<Int32>, _ upper: UnsafePointer<Float>,
  _ moved: UnsafePointer<Float>, _ lower: UnsafePointer<Float>, _ others: UnsafePointer<Float>,
  _ halves: UnsafePointer<Float>, _ chosen: UnsafeMutablePointer<Int32>
) -> Int {
  var found = 0
  var i = first
  while i &+ 16 <= end {
    let own = gather(moved, labels + i)
    let u = load(upper + i)
    let magnitude = u.replacing(with: -u, where: u .< Lanes(repeating: 0))
    let limit = (u + own) + (magnitude + own) * Lanes(repeating: 0x1p-22)
    let isNear = limit .< gather(halves, labels + i)
    let open = broken(load(lower + i), gather(others, labels + i), limit)
      .replacing(with: IntLanes(repeating: 0), where: isNear)
    if isAnySet(open) {
      var lane = 0
      while lane < 16 {
        // Always written, counted where it is one: a branch would be guessed wrongly too often.
        chosen[found] = Int32(truncatingIfNeeded: i &+ lane)
        found &+= Int(open[lane])
        lane &+= 1
      }
    }
    i &+= 16
  }
  while i < end {
    let own = moved[Int(labels[i])]
    let u = upper[i]
    let limit = (u + own) + 0x1p-22 * ((u < 0 ? -u : u) + own)
    let d = others[Int(labels[i])]
    if !((lower[i] - d) - (lower[i] + d) * 0x1p-22 > limit), !(limit < halves[Int(labels[i])]) {
      chosen[found] = Int32(truncatingIfNeeded: i)
      found &+= 1
    }
    i &+= 1
  }
  return found
}

/// Sixteen elements of an array.
@inline(always)
private func gather(_ table: UnsafePointer<Float>, _ places: UnsafePointer<Int32>) -> Lanes {
  Lanes(
    table[Int(places[0])], table[Int(places[1])], table[Int(places[2])], table[Int(places[3])],
    table[Int(places[4])], table[Int(places[5])], table[Int(places[6])], table[Int(places[7])],
    table[Int(places[8])], table[Int(places[9])], table[Int(places[10])], table[Int(places[11])],
    table[Int(places[12])], table[Int(places[13])], table[Int(places[14])],
    table[Int(places[15])])
}

/// Labels those of up to sixteen rows whose nearest center a filter decides, and keeps their bounds, with one group
/// of other centers.
///
/// A true distance x was found within `relative` · x + `absolute`; beyond 2^120 nothing is decided, since sums may
/// have overflowed. Where rows have no bounds, `upper` and the arrays behind it are nil. `before` receives the old
/// labels, and what is in `best` and `runnerUp` is lost but for rows that stay undecided.
///
/// - Returns: in the lower sixteen bits the rows that are undecided, in the upper ones those whose label changed.
/// - Complexity: O(count).
func settleTile(
  _ rows: UnsafePointer<Int32>, _ count: Int, _ nearest: UnsafePointer<Int32>,
  _ best: UnsafeMutablePointer<Float>, _ runnerUp: UnsafeMutablePointer<Float>,
  _ relative: Float, _ absolute: Float, _ labels: UnsafeMutablePointer<Int32>,
  _ before: UnsafeMutablePointer<Int32>, _ upper: UnsafeMutablePointer<Float>?,
  _ lower: UnsafeMutablePointer<Float>?, _ moved: UnsafePointer<Float>?,
  _ others: UnsafePointer<Float>?
) -> UInt32 {
  let widening = Lanes(repeating: relative * 1.01)
  let absolute = Lanes(repeating: absolute)
  let most = Lanes(repeating: 0x1p120)
  let own = load(best)
  let next = load(runnerUp)
  let other = next.replacing(with: most, where: next .> most)
  let above = (own + (own * widening + absolute)) * Lanes(repeating: 1 + 0x1p-22)
  let below = (other - (other * widening + absolute)) * Lanes(repeating: 1 - 0x1p-22)
  let isDecided = (above .< below) .& (above .< most)
  let used: UInt32 = count < 16 ? (1 &<< UInt32(truncatingIfNeeded: count)) &- 1 : 0xffff
  let decided = used & lanes(where: isDecided)
  if let moved, let others {
    let way = gather(moved, nearest)
    store(
      best,
      own.replacing(
        with: (above - way) + Lanes(repeating: 0x1p-22) * (above + way), where: isDecided))
    store(
      runnerUp,
      next.replacing(
        with: (below + gather(others, nearest)) * Lanes(repeating: 1 - 0x1p-22), where: isDecided))
  }
  let first = Int(rows[0])
  var changed: UInt32 = 0
  if decided == 0xffff, Int(rows[15]) == first &+ 15 {
    // Rows that follow each other, as where nothing is known of any.
    let new = loadWords(nearest)
    let old = loadWords(labels + first)
    storeWords(before, old)
    storeWords(labels + first, new)
    changed = lanes(where: old .!= new)
    if let upper, let lower {
      store(upper + first, load(best))
      store(lower + first, load(runnerUp))
    }
    return changed &<< 16
  }
  var rest = decided
  while rest != 0 {
    let i = rest.trailingZeroBitCount
    let row = Int(rows[i])
    let label = nearest[i]
    let old = labels[row]
    before[i] = old
    labels[row] = label
    changed |= (old != label ? 1 : 0) &<< UInt32(truncatingIfNeeded: i)
    if let upper, let lower {
      upper[row] = best[i]
      lower[row] = runnerUp[i]
    }
    rest &= rest &- 1
  }
  return changed &<< 16 | (used & ~decided)
}
