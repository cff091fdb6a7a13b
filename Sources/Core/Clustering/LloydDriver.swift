import DTrainDist
import KernelTable

/// One iteration of a clustering run.
public struct ClusterIteration: Sendable {
  /// From 1.
  public let iteration: Int
  /// The objective of the labels with the centres they were found for; for k-means to about 2^-45 of the
  /// sum of squared distances to the middle of the data. The final objective is exact.
  public let objective: Double
  /// Rows of positive weight whose label changed.
  public let changed: Int
  /// The summed movement of the centres.
  public let shift: Double
  /// The fraction of distances that bounds made unnecessary.
  public let distancesSkipped: Double
  /// Seconds of iterations so far.
  public let seconds: Double
}

/// Lloyd's iterations: assign every row to its nearest centre, move every centre to where its rows' costs
/// are least, until nothing moves.
final class LloydDriver {
  private(set) var centers: [Float]
  /// The centres before the last iteration, which the labels belong to.
  private(set) var previous: [Float] = []
  private(set) var sizes: [Int]
  private(set) var iterations = 0
  /// Why nothing is left to iterate; nil while something is.
  private(set) var stopped: String?
  /// Of the seconds of iterations in this process, those in calls of MPI.
  private(set) var secondsCommunication = 0.0
  private(set) var seconds = 0.0
  /// Rows that empty clusters took.
  private(set) var refilled = 0

  private let data: ClusterData
  private let metric: ClusterMetric
  private let configuration: ClusterConfiguration
  private let assigner: any RowAssigner
  private let rule: any CenterRule
  private let movementLimit: Double

  /// - Parameters:
  ///   - centers: where to start, `[clusters, columns]`.
  ///   - meanDistance: what the tolerance is relative to.
  init(
    _ geometry: ClusterGeometry, _ configuration: ClusterConfiguration, centers: [Float],
    meanDistance: Double
  ) throws {
    data = geometry.data
    metric = geometry.metric
    assigner = geometry.assigner
    self.configuration = configuration
    self.centers = centers
    sizes = [Int](repeating: 0, count: configuration.clusters)
    rule = try geometry.makeRule()
    movementLimit = configuration.tolerance * meanDistance
    assigner.reset()
  }

  /// The labels of this rank's rows.
  var labels: [Int32] { assigner.labels }

  /// What ranks ask of a run besides its iterations: to end it, and to save where it stands.
  struct Requests {
    var stop = false, save = false
  }

  /// Goes on behind some iterations, of which the last moved the centres from `previous` to where they now
  /// are; collective.
  func restore(previous: [Float], _ state: ClusterState) throws {
    assigner.assign(to: previous) { row, old, new in rule.move(row: row, from: old, to: new) }
    let found = try rule.combine(with: []).sizes
    sizes = found.contains(0) ? try refill(found) : found
    self.previous = previous
    iterations = state.iteration
    stopped = state.stopped
    refilled = state.refilled
    seconds = state.secondsOfStart
  }

  /// Iterates until the run's criterion holds; collective.
  ///
  /// - Parameters:
  ///   - asking: what this rank asks.
  ///   - report: called after each iteration with what any rank asked; says whether to go on.
  /// - Returns: false where `report` did not want to go on.
  func run(
    asking: () -> Requests, _ report: (ClusterIteration, Requests) throws -> Bool
  ) throws -> Bool {
    while stopped == nil, iterations < configuration.maximumIterations {
      let start = MonotonicClock.seconds
      let waited = CommunicationTime.seconds
      var changed = 0
      assigner.assign(to: centers) { row, old, new in
        if data.weight(row) > 0 { changed += 1 }
        rule.move(row: row, from: old, to: new)
      }
      let own = asking()
      let (found, counters) = try rule.combine(
        with: [changed, assigner.skipped, own.stop ? 1 : 0, own.save ? 1 : 0])
      sizes = found.contains(0) ? try refill(found) : found
      let (next, objective) = try rule.centers(after: centers)
      let shift = metric.movement(from: centers, to: next, columns: data.columns)
      (previous, centers) = (centers, next)
      iterations += 1
      Progress.begin(step: iterations)
      seconds += MonotonicClock.seconds - start
      secondsCommunication += CommunicationTime.seconds - waited
      if counters[0] == 0 {
        stopped = "no row changed"
      } else if configuration.tolerance > 0, shift <= movementLimit {
        stopped = "tolerance"
      }
      let iteration = ClusterIteration(
        iteration: iterations, objective: objective, changed: counters[0], shift: shift,
        distancesSkipped: Double(counters[1]) / Double(data.count), seconds: seconds)
      guard
        try report(iteration, Requests(stop: counters[2] > 0, save: counters[3] > 0))
      else { return false }
    }
    return true
  }

  /// The labels, sizes and exact objective of the centres as they are; collective.
  func finish() throws -> (objective: Double, sizes: [Int]) {
    assigner.assign(to: centers) { row, old, new in rule.move(row: row, from: old, to: new) }
    var sum = FixedPointSum(
      bound: data.largestCost(metric) * data.largestWeight, count: data.count)
    var sizes = [Int](repeating: 0, count: configuration.clusters)
    for (row, label) in assigner.labels.enumerated() {
      sum.add(assigner.cost(row: row, center: Int(label)) * data.weight(row))
      sizes[Int(label)] += 1
    }
    try sum.combine(among: data.world)
    try data.world.allReduce(&sizes, .sum)
    return (sum.value, sizes)
  }

  /// Gives each empty cluster the row farthest from its centre, the lowest of equals; collective.
  ///
  /// - Returns: the sizes of the clusters afterwards.
  private func refill(_ found: [Int]) throws -> [Int] {
    var sizes = found
    switch configuration.empty {
    case .keep: return sizes
    case .error:
      throw data.world.unanimous(
        TrainerError(
          .badData,
          "cluster \(sizes.firstIndex(of: 0)!) lost its last row in iteration \(iterations + 1); "
            + "use fewer clusters, another --seed, or --empty farthest"))
    case .farthest: break
    }
    var labels = assigner.labels
    let costs = labels.enumerated().map { assigner.cost(row: $0, center: Int($1)) }
    while let empty = sizes.firstIndex(of: 0) {
      // Candidates are rows away from their centre, in clusters that keep another row.
      var (farthest, row) = (0.0, -1)
      for local in labels.indices where costs[local] > farthest && sizes[Int(labels[local])] > 1 {
        if data.weight(local) > 0 { (farthest, row) = (costs[local], local) }
      }
      let largest = try data.world.allReduce(farthest, .maximum)
      guard largest > 0 else { break }
      let candidate = farthest == largest && row >= 0 ? data.rows.rows.lowerBound + row : Int.max
      let taken = try data.world.allReduce(candidate, .minimum)
      var old = 0
      if data.rows.rows.contains(taken) {
        let local = taken - data.rows.rows.lowerBound
        old = Int(labels[local])
        rule.move(row: local, from: old, to: empty)
        assigner.relabel(row: local, to: empty)
        labels[local] = Int32(empty)
      }
      sizes[try data.world.allReduce(old, .sum)] -= 1
      sizes[empty] = 1
      refilled += 1
    }
    return try rule.combine(with: []).sizes
  }
}
