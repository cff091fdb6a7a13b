/// What each local row costs at the nearest of the centers chosen so far, and the lottery by these costs.
///
/// The tickets of blocks of rows are kept while costs fall, so that a draw need not look at every row. 12 bytes a row
/// are kept: the cost, and the place of the nearest center.
final class SeedingCosts {
  /// `[chosen, columns]`.
  private(set) var centers: [Float] = []

  private let data: ClusterData
  private let metric: ClusterMetric
  private let assigner: any RowAssigner
  private let cost: AlignedArray<Double>
  private let nearest: AlignedArray<Int32>
  /// Which costs tickets are units of; nil as long as there are none.
  private var scale: Scale?
  /// Rows that the triangle inequality left to be looked at in vain, in turn; nil once it is given up.
  private var misses: Int? = 0

  private struct Scale {
    let point: FixedPoint
    /// That of the largest weighted cost, and how many local rows have it.
    let exponent: Int
    var rows: Int
    /// The tickets of each block of local rows.
    var sums: [Int64]
  }

  init(_ data: ClusterData, _ metric: ClusterMetric, _ assigner: any RowAssigner) {
    self.data = data
    self.metric = metric
    self.assigner = assigner
    cost = AlignedArray(count: data.rows.count)
    nearest = AlignedArray(count: data.rows.count)
    cost.base.update(repeating: .infinity, count: data.rows.count)
  }

  private var costs: UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(start: cost.base, count: data.rows.count)
  }

  /// Takes another center.
  func add(_ point: [Float]) {
    let rows = rows(near: point)
    let place = begin(point)
    assigner.forEachNearer(costs, at: point, among: rows) { row, _, cost in
      lower(row, to: cost, at: place)
    }
  }

  /// Takes many more centers, `[some, columns]`.
  func addAll(_ points: [Float]) {
    guard !centers.isEmpty else {
      for start in stride(from: 0, to: points.count, by: data.columns) {
        add(Array(points[start..<start + data.columns]))
      }
      return
    }
    let before = Int32(centers.count / data.columns)
    assigner.forEachNearest(costs, of: nearest.base, centers: centers, at: points) {
      row, point, cost in lower(row, to: cost, at: before + Int32(point))
    }
    centers += points
  }

  /// The weighted sum of all rows' costs; collective.
  func total() throws(MPIError) -> Double {
    var sum = ExactSum()
    for row in 0..<data.rows.count { sum.add(weighted(row)) }
    try sum.combine(among: data.world)
    return sum.value
  }

  /// What a local row costs, by its weight.
  @inline(__always)
  func weighted(_ row: Int) -> Double { cost.base[row] * data.relativeWeight(row) }

  /// The place of the center that a local row is nearest to, the lowest of equals.
  @inline(__always)
  func center(_ row: Int) -> Int { Int(nearest.base[row]) }

  /// Takes another center, and what is known of the rows that are nearer to it.
  func add(_ point: [Float], _ gains: some Sequence<(row: Int, cost: Double)>) {
    let place = begin(point)
    for gain in gains { lower(gain.row, to: gain.cost, at: place) }
  }

  private func begin(_ point: [Float]) -> Int32 {
    centers += point
    return Int32(centers.count / data.columns - 1)
  }

  @inline(__always)
  private func lower(_ row: Int, to value: Double, at center: Int32) {
    if scale != nil {
      let (old, new) = (weighted(row), value * data.relativeWeight(row))
      scale!.sums[row / WeightedRowSampler.blockRows] &+=
        scale!.point.parts(new).high &- scale!.point.parts(old).high
      if FixedPoint.exponent(above: old) == scale!.exponent,
        new == 0 || FixedPoint.exponent(above: new) != scale!.exponent
      {
        scale!.rows -= 1
      }
    }
    cost.base[row] = value
    nearest.base[row] = center
  }

  /// The lottery: each row has tickets by its weighted cost; collective.
  ///
  /// - Complexity: O(own rows / 1,024), or O(own rows) where the largest cost is much less than before.
  func tickets() throws(MPIError) -> WeightedRowSampler {
    // By the largest that is left: once outliers are centers, what is near keeps its tickets.
    if try data.world.allReduce(scale?.rows ?? 0, .sum) == 0 {
      var own = 0.0
      for row in 0..<data.rows.count { own = max(own, weighted(row)) }
      try rescale(FixedPoint.exponent(above: data.world.allReduce(own, .maximum)))
    }
    let point = scale!.point
    return try WeightedRowSampler(data, sums: scale!.sums) { [unowned self] in
      point.parts(weighted($0)).high
    }
  }

  private func rescale(_ exponent: Int) {
    let point = FixedPoint(exponent: exponent, count: data.count)
    var rows = 0
    let sums = WeightedRowSampler.sums(data) { row in
      let cost = weighted(row)
      if cost > 0, FixedPoint.exponent(above: cost) == exponent { rows += 1 }
      return point.parts(cost).high
    }
    scale = Scale(point: point, exponent: exponent, rows: rows, sums: sums)
  }

  /// By how many tickets a cost at a row is less than what the row costs now.
  @inline(__always)
  func gain(_ row: Int, _ cost: Double) -> Int64 {
    let point = scale!.point
    return point.parts(weighted(row)).high &- point.parts(cost * data.relativeWeight(row)).high
  }

  /// Calls `body` for each local row and each of some points, `[some, columns]`, that is nearer to it than all centers.
  func forEachNearer(
    at points: [Float], _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    assigner.forEachNearer(costs, at: points, among: rows(near: points), body)
  }

  /// The rows that may be nearer to one of some points than to their center: those that are farther from it than half of
  /// its distance to the nearest of these points. Nil where that has ruled out too few.
  private func rows(near points: [Float]) -> RowChoice? {
    guard let misses, !centers.isEmpty, points.count < centers.count else { return nil }
    let between = assigner.costs(of: points, at: centers)
    let count = centers.count / data.columns
    let limits = (0..<count).map { center in
      stride(from: center, to: between.count, by: count)
        .reduce(Double.infinity) { min($0, metric.costOfHalf(between[$1])) }
    }
    var left = 0
    return { [unowned self] block, chosen in
      var found = 0
      limits.withUnsafeBufferPointer { limits in
        for row in block {
          // Always written, counted where it is one: a branch would be guessed wrongly too often.
          chosen[found] = Int32(truncatingIfNeeded: row)
          found &+= cost.base[row] <= limits[Int(nearest.base[row])] ? 0 : 1
        }
      }
      left += found
      if block.upperBound == data.rows.count {
        self.misses = left * 4 < data.rows.count * 3 ? 0 : misses < 4 ? misses + 1 : nil
      }
      return found
    }
  }
}
