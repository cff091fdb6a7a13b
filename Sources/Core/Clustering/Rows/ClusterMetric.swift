/// How distances are measured.
///
/// A row's *cost* is what labels and centers minimise: the squared Euclidean distance, or the L1 distance. In the cosine
/// metric it is the squared Euclidean distance of the row's direction (see ``RowDirections``) to a center of length 1.
public enum ClusterMetric: String, CaseIterable, Sendable {
  /// Euclidean.
  case l2
  /// Sum of magnitudes.
  case l1
  /// 1 less the cosine of the angle.
  case cosine

  /// One column's share of a cost.
  @inline(__always)
  func share(_ difference: Double) -> Double {
    switch self {
    case .l2, .cosine: difference * difference
    case .l1: abs(difference)
    }
  }

  /// The distance that belongs to a cost, for which the triangle inequality holds; in the cosine metric that of two
  /// directions.
  @inline(__always)
  func distance(_ cost: Double) -> Double {
    switch self {
    case .l2, .cosine: cost.squareRoot()
    case .l1: cost
    }
  }

  /// The distance that a user is told: in the cosine metric 1 less the cosine, else that of ``distance(_:)``.
  @inline(__always)
  func reported(_ cost: Double) -> Double {
    switch self {
    case .l2, .l1: distance(cost)
    case .cosine: cost / 2
    }
  }

  /// The objective that belongs to a sum of costs; of directions the sum of 1 less the cosine, half of their squared
  /// distances.
  @inline(__always)
  func objective(_ costs: Double) -> Double {
    switch self {
    case .l2, .l1: costs
    case .cosine: costs / 2
    }
  }

  /// As other programs are told it.
  var exported: ExportedCenters.Metric {
    switch self {
    case .l2: .l2
    case .l1: .l1
    case .cosine: .cosine
    }
  }

  /// Whether only the direction of a row counts.
  public var isOfDirections: Bool {
    switch self {
    case .l2, .l1: false
    case .cosine: true
    }
  }

  /// What reports call the mean of what the objective sums up.
  var meanCostName: String {
    switch self {
    case .l2: "mean_squared_distance"
    case .l1: "mean_distance"
    case .cosine: "mean_cosine_distance"
    }
  }

  /// What finds the nearest centers of this rank's rows.
  ///
  /// - Parameters:
  ///   - leading: the measured rows along axes, to skip distances by; see ``leadingRows(of:clusters:assignments:kernels:)``.
  ///   - pruning: whether distances are skipped; nil where it pays.
  func makeAssigner(
    _ data: ClusterData, clusters: Int, leading: LeadingRows? = nil, kernels: KernelTable,
    pruning: Bool? = nil
  ) -> any RowAssigner {
    let rows = data.measured
    let assigner: any RowAssigner =
      switch self {
      case .l2, .cosine:
        EuclideanAssigner(
          rows, clusters: clusters, leading: leading, kernels: kernels, pruning: pruning)
      case .l1: ManhattanAssigner(rows, clusters: clusters, kernels: kernels, pruning: pruning)
      }
    return data.scaling.kind == .none ? assigner : ScaledAssigner(assigner, data.scaling)
  }

  /// The rows along axes by which distances are skipped where they have many columns; nil where none pay. Collective.
  ///
  /// - Parameter assignments: about how many are expected.
  func leadingRows(
    of data: ClusterData, clusters: Int, assignments: Int = 20, kernels: KernelTable
  ) throws(MPIError) -> LeadingRows? {
    switch self {
    case .l1: return nil
    case .l2, .cosine:
      let rows = data.measured
      let axes = try PrincipalAxes.choose(
        for: rows, clusters: clusters, assignments: assignments, kernels: kernels)
      return axes.flatMap { LeadingRows($0, of: rows.centered, kernels: kernels) }
    }
  }

  /// The weighted sum of the distances of this rank's rows to ``ClusterData/center``.
  func distances(of data: ClusterData) -> FixedPointSum {
    switch self {
    // Found in a pass that is made anyway.
    case .l2, .cosine: return data.centered.distances
    case .l1:
      var sum = emptySum(of: data)
      data.rows.forEachRow { row, values in
        var distance = 0.0
        for column in values.indices {
          distance += abs(Double(values[column]) - Double(data.center[column]))
        }
        sum.add(distance * data.weight(row))
      }
      return sum
    }
  }

  /// A place for the sum of such distances.
  func emptySum(of data: ClusterData) -> FixedPointSum {
    FixedPointSum(
      bound: distance(data.largestCost(self)) * 2 * data.largestWeight, count: data.count)
  }

  /// What each of some points costs at each of others, `[points, others]`.
  @inline(__always)
  func costs(
    of points: [Float], at others: [Float], columns: Int,
    _ cost: (UnsafePointer<Float>, UnsafePointer<Float>) -> Double
  ) -> [Double] {
    points.withUnsafeBufferPointer { points in
      others.withUnsafeBufferPointer { others in
        stride(from: 0, to: points.count, by: columns).flatMap { point in
          stride(from: 0, to: others.count, by: columns).map {
            cost(points.baseAddress! + point, others.baseAddress! + $0)
          }
        }
      }
    }
  }

  /// Of two points that cost this much at each other, the cost with one of them up to which a row is no nearer to
  /// the other: the triangle inequality, with room for rounding.
  @inline(__always)
  func costOfHalf(_ cost: Double) -> Double {
    switch self {
    case .l2, .cosine: cost * (0.25 - 0x1p-32)
    case .l1: cost * (0.5 - 0x1p-32)
    }
  }

  /// How far each of some centers moved, `[clusters, columns]`.
  ///
  /// - Complexity: O(clusters · columns).
  func movements(from old: [Float], to new: [Float], columns: Int) -> [Double] {
    stride(from: 0, to: old.count, by: columns).map { start in
      var cost = 0.0
      for index in start..<start + columns {
        cost += share(Double(new[index]) - Double(old[index]))
      }
      return distance(cost)
    }
  }
}
