import DTrainDist
import KernelTable

/// One iteration of a clustering run.
public struct ClusterIteration: Sendable {
  /// From 1.
  public let iteration: Int
  /// The objective of the labels with the centres they were found for, to about 2^-45 of the sum of squared
  /// distances to the middle of the data; the final objective is exact.
  public let objective: Double
  /// Rows whose label changed.
  public let changed: Int
  /// The summed movement of the centres.
  public let shift: Double
  /// The fraction of distances that bounds made unnecessary.
  public let distancesSkipped: Double
  /// Seconds of iterations so far.
  public let seconds: Double
}

/// Lloyd's iterations: assign every row to its nearest centre, move every centre to the mean of its rows,
/// until nothing moves.
final class LloydDriver {
  private(set) var centers: [Float]
  private(set) var sizes: [Int]
  private(set) var iterations = 0
  private(set) var stopped = "max-iterations"
  private(set) var secondsCommunication = 0.0
  private(set) var seconds = 0.0
  /// Rows that empty clusters took.
  private(set) var refilled = 0

  private let data: ClusterData
  private let configuration: ClusterConfiguration
  private let assigner: EuclideanAssigner
  private var sums: ClusterSums
  private let movementLimit: Double
  private let bound: Double

  init(
    _ data: ClusterData, _ configuration: ClusterConfiguration, centers: [Float],
    assigner: EuclideanAssigner, meanDistance: Double
  ) throws {
    self.data = data
    self.configuration = configuration
    self.centers = centers
    self.assigner = assigner
    sizes = [Int](repeating: 0, count: configuration.clusters)
    sums = try ClusterSums(data, clusters: configuration.clusters)
    movementLimit = configuration.tolerance * meanDistance
    bound = data.squaredDiameter
    assigner.reset()
  }

  /// The labels of this rank's rows.
  var labels: [Int32] { assigner.labels }

  /// Iterates until the run's criterion holds; collective.
  func run(_ report: (ClusterIteration) throws -> Void) throws {
    while iterations < configuration.maximumIterations {
      let start = MonotonicClock.seconds
      var changed = 0
      assigner.assign(to: centers) { row, old, new in
        changed += 1
        if old >= 0 { sums.add(row: row, to: old, sign: -1) }
        sums.add(row: row, to: new, sign: 1)
      }
      let computed = MonotonicClock.seconds
      var (totals, counters) = try sums.combined(with: [changed, assigner.skipped])
      secondsCommunication += MonotonicClock.seconds - computed
      if totals.sizes.contains(0) { totals = try refill(totals) }
      let next = try data.world.agree { try means(totals) }
      let objective = totals.objective(of: centers)
      let shift = Self.movement(centers, next, clusters: configuration.clusters)
      centers = next
      sizes = totals.sizes
      iterations += 1
      seconds += MonotonicClock.seconds - start
      try report(
        ClusterIteration(
          iteration: iterations, objective: objective, changed: counters[0], shift: shift,
          distancesSkipped: Double(counters[1]) / Double(data.count), seconds: seconds))
      if counters[0] == 0 {
        stopped = "no row changed"
        return
      }
      if configuration.tolerance > 0, shift <= movementLimit {
        stopped = "tolerance"
        return
      }
    }
  }

  /// The labels, sizes and exact objective of the centres as they are; collective.
  func finish() throws -> (objective: Double, sizes: [Int]) {
    assigner.assign(to: centers) { row, old, new in
      if old >= 0 { sums.add(row: row, to: old, sign: -1) }
      sums.add(row: row, to: new, sign: 1)
    }
    var sum = FixedPointSum(bound: bound, count: data.count)
    for (row, label) in assigner.labels.enumerated() {
      sum.add(assigner.squaredDistance(row: row, center: Int(label)))
    }
    try sum.combine(among: data.world)
    return (sum.value, try sums.combined(with: []).totals.sizes)
  }

  /// The means of the clusters; an empty one keeps its centre.
  private func means(_ totals: ClusterSums.Totals) throws(TrainerError) -> [Float] {
    var next = centers
    for cluster in 0..<configuration.clusters {
      guard let mean = try totals.mean(of: cluster) else { continue }
      next.replaceSubrange(cluster * data.columns..<(cluster + 1) * data.columns, with: mean)
    }
    return next
  }

  /// Gives each empty cluster the row farthest from its centre, the lowest of equals; collective.
  private func refill(_ totals: ClusterSums.Totals) throws -> ClusterSums.Totals {
    var totals = totals
    switch configuration.empty {
    case .keep: return totals
    case .error:
      throw data.world.unanimous(
        TrainerError(
          .badData,
          "cluster \(totals.sizes.firstIndex(of: 0)!) lost its last row in iteration \(iterations + 1); "
            + "use fewer clusters, another --seed, or --empty farthest"))
    case .farthest: break
    }
    while let empty = totals.sizes.firstIndex(of: 0) {
      // Candidates are rows away from their centre, in clusters that keep another row.
      var (farthest, row) = (0.0, -1)
      for (local, label) in assigner.labels.enumerated() where totals.sizes[Int(label)] > 1 {
        let distance = assigner.squaredDistance(row: local, center: Int(label))
        if distance > farthest { (farthest, row) = (distance, local) }
      }
      let largest = try data.world.allReduce(farthest, .maximum)
      guard largest > 0 else { return totals }
      let candidate = farthest == largest && row >= 0 ? data.rows.rows.lowerBound + row : Int.max
      let taken = try data.world.allReduce(candidate, .minimum)
      if data.rows.rows.contains(taken) {
        let local = taken - data.rows.rows.lowerBound
        sums.add(row: local, to: Int(assigner.labels[local]), sign: -1)
        sums.add(row: local, to: empty, sign: 1)
        assigner.relabel(row: local, to: empty)
      }
      refilled += 1
      totals = try sums.combined(with: []).totals
    }
    return totals
  }

  /// The sum over clusters of the distance between two sets of centres.
  private static func movement(_ old: [Float], _ new: [Float], clusters: Int) -> Double {
    let columns = old.count / clusters
    return (0..<clusters).reduce(0.0) { total, cluster in
      var sum = 0.0
      for index in cluster * columns..<(cluster + 1) * columns {
        let difference = Double(new[index]) - Double(old[index])
        sum += difference * difference
      }
      return total + sum.squareRoot()
    }
  }
}
