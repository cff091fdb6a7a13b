/// Decides the labels of tiles by leading coordinates: they rule out nearly all centers, and the distances of the rest
/// are computed, in single precision where that decides, else by the definition.
final class LeadingSieve {
  /// Distances that were computed by the last assignment.
  private(set) var examined = 0

  private let rows: CenteredRows
  private let leading: LeadingRows
  private let state: AssignedRows
  private let kernels: KernelTable
  private let scores: LeadingScores
  private let groupSize: Int

  // Of the rows of a tile: the center that they are compared with, what is known of its squared distance in single
  // precision, the scores beyond which a center is ruled out, and the smallest upper bound of a squared distance.
  private let own = AlignedArray<Int32>(count: AssignedRows.tileRows)
  private let square = AlignedFloats(count: AssignedRows.tileRows)
  private var isKnown: UInt32 = 0
  private let limits = AlignedArray<Int32>(count: AssignedRows.tileRows)
  private let least = AlignedArray<Double>(count: AssignedRows.tileRows)
  private let errors = AlignedArray<Double>(count: AssignedRows.tileRows)
  /// Centers that are left, with their distances.
  private var contenders: [Contender] = []

  private struct Contender {
    let lane: Int
    let center: Int
    let square: Float
  }

  init(
    _ leading: LeadingRows, _ state: AssignedRows, clusters: Int, groupSize: Int,
    kernels: KernelTable
  ) {
    self.leading = leading
    self.state = state
    self.kernels = kernels
    self.groupSize = groupSize
    rows = leading.rows
    scores = LeadingScores(leading, most: clusters, kernels: kernels)
  }

  /// Takes the centers of an assignment, `[clusters, columns]`.
  ///
  /// - Returns: whether their scores can be held.
  func prepare(_ centers: [Float]) -> Bool {
    examined = 0
    return scores.prepare(centers)
  }

  /// Decides up to sixteen rows.
  ///
  /// - Parameter squares: of each row the squared distance to its own center in single precision; nil where unknown.
  func assign(
    _ tile: UnsafePointer<Int32>, _ count: Int, squares: UnsafePointer<Float>?,
    centers: UnsafePointer<Float>
  ) {
    scores.measure(tile)
    takeOwn(tile, count, squares)
    let found = scores.sift(limits.base, groupSize: groupSize)
    contenders.removeAll(keepingCapacity: true)
    for place in 0..<found {
      let center = Int(scores.chosen.base[place])
      var lanes = UInt32(bitPattern: scores.members.base[place])
      while lanes != 0 {
        let lane = lanes.trailingZeroBitCount
        lanes &= lanes - 1
        if center != Int(own.base[lane]) { look(tile, lane, at: center, centers) }
      }
    }
    if !contenders.isEmpty { decide(tile, centers) }
    for lane in 0..<count { settle(Int(tile[lane]), lane) }
  }

  /// Whom the rows are compared with, and how near others must be to be looked at.
  private func takeOwn(
    _ tile: UnsafePointer<Int32>, _ count: Int, _ squares: UnsafePointer<Float>?
  ) {
    if state.label.base[Int(tile[0])] < 0 {
      scores.least(own.base)
    } else {
      for lane in 0..<count { own.base[lane] = state.label.base[Int(tile[lane])] }
    }
    isKnown = squares == nil ? 0 : 0xffff
    limits.base.update(repeating: .min, count: AssignedRows.tileRows)
    for lane in 0..<count {
      let row = Int(tile[lane])
      errors.base[lane] = scores.error.of(norm: rows.norms[row])
      if let squares {
        know(row, lane, squares[lane])
      } else {
        let center = Int(own.base[lane])
        let score =
          scores.score(lane, center) + scores.width(row: row, center) + errors.base[lane]
        let norm = Double(rows.norms[row])
        least.base[lane] = max(0, norm * norm + 2 * score)
        limits.base[lane] = scores.limit(score + errors.base[lane])
      }
    }
  }

  /// Takes the squared distance to the own center.
  @inline(__always)
  private func know(_ row: Int, _ lane: Int, _ value: Float) {
    isKnown |= 1 << UInt32(lane)
    square.base[lane] = value
    least.base[lane] = most(value)
    let score = (least.base[lane] - self.norm(row)) / 2
    limits.base[lane] = scores.limit(score + errors.base[lane])
  }

  /// Looks at a center that may be nearer to a row than the own one.
  private func look(
    _ tile: UnsafePointer<Int32>, _ lane: Int, at center: Int, _ centers: UnsafePointer<Float>
  ) {
    let row = Int(tile[lane])
    if isKnown >> UInt32(lane) & 1 == 0 {
      know(row, lane, distance(row, Int(own.base[lane]), centers))
    }
    guard scores.scores.base[center * AssignedRows.tileRows + lane] <= limits.base[lane] else {
      return fold(scores.score(lane, center), lane, center)
    }
    let value = distance(row, center, centers)
    least.base[lane] = min(least.base[lane], most(value))
    contenders.append(Contender(lane: lane, center: center, square: value))
  }

  /// Gives rows with contenders the nearest of them and of their own center.
  private func decide(_ tile: UnsafePointer<Int32>, _ centers: UnsafePointer<Float>) {
    contenders.sort { ($0.lane, $0.center) < ($1.lane, $1.center) }
    var first = 0
    while first < contenders.count {
      let lane = contenders[first].lane
      var end = first + 1
      while end < contenders.count, contenders[end].lane == lane { end += 1 }
      decide(Int(tile[lane]), lane, contenders[first..<end], centers)
      first = end
    }
  }

  private func decide(
    _ row: Int, _ lane: Int, _ others: ArraySlice<Contender>, _ centers: UnsafePointer<Float>
  ) {
    let current = Contender(lane: lane, center: Int(own.base[lane]), square: square.base[lane])
    let limit = least.base[lane]
    var (nearest, minimum) = (current, Double.infinity)
    if others.contains(where: { atLeast($0.square) <= limit }) {
      let near = ([current] + others).filter { atLeast($0.square) <= limit }
      nearest = near[0]
      if near.count > 1 {
        for candidate in near {
          let point = centers + candidate.center * rows.rows.columns
          let cost = rows.rows.squaredDistance(row, to: point, kernels: kernels)
          examined += 1
          if cost < minimum || (cost == minimum && candidate.center < nearest.center) {
            (nearest, minimum) = (candidate, cost)
          }
        }
      }
    }
    for candidate in others where candidate.center != nearest.center {
      fold((atLeast(candidate.square) - norm(row)) / 2, lane, candidate.center)
    }
    if nearest.center != current.center {
      fold((atLeast(current.square) - norm(row)) / 2, lane, current.center)
    }
    own.base[lane] = Int32(nearest.center)
    least.base[lane] = most(nearest.square)
  }

  /// Keeps the label and the bounds of a row.
  @inline(__always)
  private func settle(_ row: Int, _ lane: Int) {
    let label = own.base[lane]
    if let bounds = state.bounds {
      let norm = rows.norms[row]
      bounds.keep(
        row: row, label: Int(label),
        upper: Float(least.base[lane].squareRoot() * (1 + 0x1p-20)).nextUp,
        scores: scores.groups.base + lane * 16, squared: norm * norm,
        error: Float(errors.base[lane]).nextUp + norm * norm * 0x1p-20)
    }
    state.settle(Int32(row), label)
  }

  /// Lowers the smallest score of a center's group.
  @inline(__always)
  private func fold(_ score: Double, _ lane: Int, _ center: Int) {
    let group = scores.groups.base + lane * 16 + center / groupSize
    group.pointee = min(group.pointee, Float(score).nextDown)
  }

  /// At most the squared norm of a row: the norm is rounded up by less than 2^-22 of itself.
  @inline(__always)
  private func norm(_ row: Int) -> Double {
    Double(rows.norms[row]) * Double(rows.norms[row]) * (1 - 0x1p-20)
  }

  @inline(__always)
  private func distance(_ row: Int, _ center: Int, _ centers: UnsafePointer<Float>) -> Float {
    examined += 1
    let point = centers + center * rows.rows.columns
    return rows.rows.nearlySquaredDistance(row, to: point, kernels: kernels)
  }

  /// Bounds of a squared distance after shift and scale, of one in single precision before.
  @inline(__always)
  private func most(_ square: Float) -> Double {
    (Double(square) * (1 + relative) + absolute) * rows.scale * rows.scale
  }

  @inline(__always)
  private func atLeast(_ square: Float) -> Double {
    (Double(square) * (1 - relative) - absolute) * rows.scale * rows.scale
  }

  private var relative: Double { Double(rows.rows.columns + 512) * 0x1p-27 }
  private var absolute: Double { Double(rows.rows.columns) * 0x1p-126 }
}
