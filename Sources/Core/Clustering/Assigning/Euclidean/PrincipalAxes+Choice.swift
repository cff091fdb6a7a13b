extension PrincipalAxes {
  /// Axes that save work when rows are compared with some centers, or nil where none do; collective.
  ///
  /// A sample of the rows tells: how many of its rows, taken for centers, leading coordinates leave to be looked at. Few
  /// are left where the rows lie near a space of few dimensions; nearly all where they fill all of them.
  ///
  /// - Parameters:
  ///   - data: of rows that are not scaled.
  ///   - assignments: among how many assignments the preparation of the rows is divided.
  /// - Complexity: O(sample · columns · axes).
  static func choose(
    for data: ClusterData, clusters: Int, assignments: Int, kernels: KernelTable
  ) throws(MPIError) -> PrincipalAxes? {
    let columns = data.columns
    guard columns >= 64, data.count >= 4096, clusters > 1 else { return nil }
    let most = most(of: data, columns)
    guard most >= 31 else { return nil }
    let rows = min(2048, max(256, (1 << 22) / columns))
    var random = PhiloxSequence(Philox(seed: 0, purpose: .axes), stream: 0)
    let chosen = (0..<rows).map { _ in random.next(below: data.count) }
    let sample = Sample(try data.fetch(chosen), of: data, kernels: kernels)
    let axes = PrincipalAxes(
      ofSample: sample.values, columns: columns, count: most, kernels: kernels)
    guard
      let best = sample.cheapest(
        axes, clusters: clusters, assignments: Double(assignments), kernels)
    else { return nil }
    return axes.prefix(best, columns: columns)
  }

  /// How many axes may be kept: their coordinates, and the rest as one more, fill whole vectors, and take at most three
  /// tenths of what a row takes without them.
  private static func most(of data: ClusterData, _ columns: Int) -> Int {
    let room = 3 * (data.rows.rowBytes + 76) / 20
    return min(Self.most, columns / 2, room) / 32 * 32 - 1
  }

  /// The first axes.
  private func prefix(_ count: Int, columns: Int) -> PrincipalAxes {
    PrincipalAxes(
      (0..<columns * count).map { axes.base[$0 / count * room + $0 % count] }, columns: columns)
  }
}

/// Some rows by which axes are chosen.
private struct Sample {
  /// `[count, columns]`, shifted and scaled.
  let values: AlignedFloats
  private let count: Int
  private let columns: Int
  private let rowBytes: Int

  /// Rows that are compared with others.
  private static let probes = 64
  /// The most centers that stand for means of many rows.
  private static let fewCenters = 256

  init(_ raw: [Float], of data: ClusterData, kernels: KernelTable) {
    columns = data.columns
    count = raw.count / columns
    rowBytes = data.rows.rowBytes
    values = AlignedFloats(count: raw.count)
    let (shift, factor) = data.centered.shiftAndFactor(room: AlignedFloats.stride(columns))
    kernels.gather(
      raw, columns: columns, rows: nil, count: count, shift: shift.base, factor: factor.base,
      into: values.base, stride: columns)
  }

  /// How many of the axes make assigning cheapest; nil where that is hardly cheaper than without them.
  ///
  /// Costs are in cycles a row, as they were measured on one core: of a pair of 16-bit products in sixteen lanes 1, of a
  /// distance in single precision about a quarter of a cycle a column.
  func cheapest(
    _ axes: PrincipalAxes, clusters: Int, assignments: Double, _ kernels: KernelTable
  ) -> Int? {
    let distance = 40 + Double(columns) / 4 + Double(rowBytes) / 8
    let whole = Double(clusters) * (Double((columns + 31) / 32) + 0.5) + Double(rowBytes) / 4
    var (best, least) = (0, whole * 0.75)
    for (count, left) in left(axes, clusters: clusters, kernels) {
      let preparing = Double(columns * (count + 1)) / 16 / assignments
      let cost =
        Double(clusters) * (Double(count + 1) / 32 + 0.5) + 200 + left * distance + preparing
      if cost < least { (best, least) = (count, cost) }
    }
    return best > 0 ? best : nil
  }

  /// The distances a row that leading coordinates leave to be computed, by the number of axes.
  private func left(
    _ axes: PrincipalAxes, clusters: Int, _ kernels: KernelTable
  ) -> [(axes: Int, distances: Double)] {
    let probes = min(Self.probes, count / 2)
    let centers = min(clusters, count - probes)
    if clusters <= Self.fewCenters { moveToMeans(probes, centers, kernels) }
    let coordinates = AlignedFloats(count: count * axes.room)
    kernels.product(
      values.base, stride: columns, axes.axes.base, stride: axes.room, rows: count,
      columns: axes.count, inner: columns, into: coordinates.base, stride: axes.room)
    let norms = (0..<count).map {
      Float(kernels.squaredNorm(values.base + $0 * columns, count: columns))
    }
    var counts = [Int: (left: Int, open: Int)]()
    for probe in 0..<probes {
      Progress.beat()
      let distances = (probes..<probes + centers).map {
        kernels.nearlySquaredDistance(
          values.base + probe * columns, values.base + $0 * columns, columns: columns)
      }
      let nearest = distances.min() ?? 0
      var partial = [Float](repeating: 0, count: centers)
      var squares = [Float](repeating: 0, count: centers)
      var (own, first) = (Float(0), 0)
      for end in stride(from: 31, through: axes.count, by: 32) {
        let x = coordinates.base + probe * axes.room
        for axis in first..<end { own += x[axis] * x[axis] }
        let rest = max(0, norms[probe] - own).squareRoot()
        var (left, undecided) = (0, 0)
        for center in 0..<centers {
          let c = coordinates.base + (probes + center) * axes.room
          for axis in first..<end {
            partial[center] += (x[axis] - c[axis]) * (x[axis] - c[axis])
            squares[center] += c[axis] * c[axis]
          }
          let other = max(0, norms[probes + center] - squares[center]).squareRoot()
          let bound = partial[center] + (rest - other) * (rest - other)
          if bound <= nearest, distances[center] > nearest { left += 1 }
          if bound <= nearest + 4 * rest * other { undecided += 1 }
        }
        first = end
        counts[end, default: (0, 0)].left += left
        counts[end, default: (0, 0)].open += undecided > 1 ? 1 : 0
      }
    }
    let share = Double(clusters) / Double(centers) / Double(probes)
    return counts.sorted { $0.key < $1.key }.map {
      ($0.key, Double($0.value.left) * share + Double($0.value.open) / Double(probes))
    }
  }

  /// Puts means of the rows behind them into the place of the first rows behind the probes: centers of many rows
  /// have shorter rests than rows.
  private func moveToMeans(_ probes: Int, _ centers: Int, _ kernels: KernelTable) {
    let others = values.base + probes * columns
    for row in probes + centers..<count {
      let x = values.base + row * columns
      var (nearest, least) = (0, Float.infinity)
      for center in 0..<centers {
        let square = kernels.nearlySquaredDistance(x, others + center * columns, columns: columns)
        if square < least { (nearest, least) = (center, square) }
      }
      // A running mean that forgets little.
      let mean = others + nearest * columns
      for column in 0..<columns { mean[column] += (x[column] - mean[column]) * 0.05 }
    }
  }
}
