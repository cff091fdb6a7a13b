/// One iteration of a clustering run.
public struct ClusterIteration: Sendable {
  /// From 1.
  public let iteration: Int
  /// The objective of the labels with the centers they were found for; for k-means to about 2^-45 of the
  /// sum of squared distances to the middle of the data, for k-medians as ``ManhattanSum`` says. The final
  /// objective is exact.
  public let objective: Double
  /// Rows of positive weight whose label changed.
  public let changed: Int
  /// The summed movement of the centers.
  public let movement: Double
  /// The fraction of distances that bounds made unnecessary.
  public let distancesSkipped: Double
  /// Seconds of iterations so far.
  public let seconds: Double

  /// The iteration's line in `metrics.jsonl`.
  var line: JSON {
    [
      "iteration": .integer(iteration), "objective": .number(objective),
      "changed": .integer(changed), "movement": .number(movement),
      "distances_skipped": .number(distancesSkipped), "seconds": .number(seconds),
    ]
  }
}

/// Lloyd's iterations: assign every row to its nearest center, move every center to where its rows' costs
/// are least, until nothing moves.
final class LloydDriver {
  private(set) var centers: [Float]
  /// The centers before the last iteration, which the labels belong to.
  private(set) var previous: [Float] = []
  private(set) var sizes: [Int]
  private(set) var iterations = 0
  /// Why nothing is left to iterate; nil while something is.
  private(set) var stopped: StopReason?
  /// Of the seconds of iterations in this process, those in calls of MPI.
  private(set) var secondsCommunication = 0.0
  private(set) var seconds = 0.0
  /// The seconds of iterations in this process.
  private(set) var ownSeconds = 0.0
  /// The fractions of distances that this process' iterations skipped, added up.
  private(set) var skippedShares = 0.0
  private(set) var ownIterations = 0
  /// Rows that empty clusters took.
  private(set) var refilled = 0
  /// How often the directions of a cluster's rows added up to zero, so that its center stayed.
  var balanced: Int { earlierBalanced + update.balanced }
  private var earlierBalanced = 0

  private let data: ClusterData
  private let configuration: ClusterConfiguration
  private let assigner: any RowAssigner
  private let update: any CenterUpdate
  private let movementLimit: Double

  /// - Parameter centers: the initial ones, `[clusters, columns]`.
  init(_ problem: ClusterProblem, centers: [Float]) throws {
    data = problem.data
    configuration = problem.configuration
    assigner = problem.assigner
    self.centers = centers
    sizes = [Int](repeating: 0, count: configuration.clusters)
    update = try problem.makeUpdate()
    movementLimit = configuration.tolerance * problem.meanDistance
    assigner.reset()
  }

  /// The labels of this rank's rows.
  var labels: [Int32] { assigner.labels }

  /// Whether something is left to iterate.
  var hasMore: Bool { stopped == nil && iterations < configuration.maximumIterations }

  /// Goes on behind some iterations, of which the last moved the centers from `previous` to where they now
  /// are; collective.
  func restore(
    previous: [Float], iterations: Int, stopped: StopReason?, refilled: Int, balanced: Int,
    seconds: Double
  ) throws {
    assigner.assign(to: previous) { changes in update.move(changes) }
    let found = try update.combine(with: [], around: centers).sizes
    sizes = found.contains(0) ? try refill(found) : found
    self.previous = previous
    self.iterations = iterations
    self.stopped = stopped
    self.refilled = refilled
    earlierBalanced = balanced
    self.seconds = seconds
  }

  /// Assigns every row to its nearest center, and moves every center to where its rows want it; collective.
  ///
  /// - Parameter own: what this rank raises.
  /// - Returns: what came of it, and what any rank raised.
  func iterate(raising own: RankSignals) throws -> (ClusterIteration, RankSignals) {
    let span = Span(.iteration)
    let waited = CommunicationTime.seconds
    var changed = 0
    let assigning = Span.detail(.assign)
    assigner.assign(to: centers) { changes in
      changed +=
        data.weights == nil
        ? changes.count : changes.count { data.weight(Int($0.row)) > 0 }
      update.move(changes)
      Activity.advance(Int(changes[changes.count - 1].row) + 1, of: data.rows.count)
    }
    assigning.end()
    let updating = Span.detail(.update)
    let (found, counters) = try update.combine(
      with: [changed, assigner.distancesSkipped(clusters: configuration.clusters)] + own.counts,
      around: centers)
    sizes = found.contains(0) ? try refill(found) : found
    let (next, cost) = try update.centers(after: centers)
    updating.end()
    let objective = configuration.metric.objective(
      data.scaling.kind == .none ? cost : try assigner.totalCost(of: data))
    let movement = configuration.metric.movements(
      from: data.scaling.scaled(centers), to: data.scaling.scaled(next), columns: data.columns
    ).reduce(0, +)
    (previous, centers) = (centers, next)
    iterations += 1
    centers.withUnsafeMutableBufferPointer { centers in
      FaultInjection.flipBit(rank: data.world.rank, step: iterations) { _ in centers.baseAddress }
    }
    Progress.begin(step: iterations)
    let taken = span.end()
    seconds += taken
    ownSeconds += taken
    secondsCommunication += CommunicationTime.seconds - waited
    if counters[0] == 0 {
      stopped = .settled
    } else if configuration.tolerance > 0, movement <= movementLimit {
      stopped = .tolerance
    }
    let pairs = Double(data.count) * Double(configuration.clusters)
    skippedShares += Double(counters[1]) / pairs
    ownIterations += 1
    let iteration = ClusterIteration(
      iteration: iterations, objective: objective, changed: counters[0], movement: movement,
      distancesSkipped: Double(counters[1]) / pairs, seconds: seconds)
    return (iteration, RankSignals(counts: counters.dropFirst(2)))
  }

  /// The labels, sizes and exact objective of the centers as they are; collective.
  func finish() throws -> (objective: Double, sizes: [Int]) {
    assigner.assign(to: centers) { changes in update.move(changes) }
    var sizes = [Int](repeating: 0, count: configuration.clusters)
    for label in assigner.labels { sizes[Int(label)] += 1 }
    try data.world.allReduce(&sizes, .sum)
    return (configuration.metric.objective(try assigner.totalCost(of: data)), sizes)
  }

  /// Gives each empty cluster the row farthest from its center, the lowest of equals; collective.
  ///
  /// - Returns: the sizes of the clusters afterwards.
  private func refill(_ found: [Int]) throws -> [Int] {
    switch configuration.empty {
    case .keep: return found
    case .error:
      throw data.world.failure(
        .badData,
        "cluster \(found.firstIndex(of: 0)!) lost its last row in iteration \(iterations + 1); "
          + "use fewer clusters (no more than there are distinct rows), another \(parameter: "seed"), or \(parameter: "empty") farthest"
      )
    case .farthest: break
    }
    let rows = try FarthestRows(found.count { $0 == 0 }, in: data, assigner, sizes: found)
    rows.fill(found) { row, old, new in
      refilled += 1
      guard data.rows.rows.contains(row) else { return }
      let local = row - data.rows.rows.lowerBound
      update.move(row: local, from: old, to: new)
      assigner.relabel(row: local, to: new)
    }
    return try update.combine(with: [], around: centers).sizes
  }
}
