/// The centers of k-medians of any rows, weighted or not: of the values of each column of each cluster the one
/// below and above which at most half of the weight lies.
///
/// ``BracketRefinement`` finds the medians of all pairs of cluster and column side by side, in four to eight
/// passes over the rows with an all-reduce each. Weights are whole numbers (``WeightQuanta``), so that sums
/// of them have no order, and a row of weight w is what w rows are: where two numbers part the weight into equal
/// halves, `midpoint` lies between them. Where weights had to be rounded, the numbers are sought with as much room on
/// either side as that could have moved them; where they then differ, ``WeightedMedianSearch`` decides.
final class BracketMedians: CenterUpdate {
  private let data: ClusterData
  private let clusters: Int
  private let median: ClusterConfiguration.Median
  private let kernels: KernelTable
  private let assigner: any RowAssigner
  private let weights: WeightQuanta?
  /// Rows of positive weight in each cluster, then the weight of each: on this rank, and on all.
  private var own: [Int]
  private var combined: [Int]
  /// Passes over the rows in the last iteration, but for those of ``WeightedMedianSearch``.
  private(set) var rounds = 0

  /// No rows yet.
  init(
    _ data: ClusterData, clusters: Int, median: ClusterConfiguration.Median, kernels: KernelTable,
    assigner: any RowAssigner
  ) throws(MPIError) {
    self.data = data
    self.clusters = clusters
    self.median = median
    self.kernels = kernels
    self.assigner = assigner
    weights = try data.weights.map { (weights) throws(MPIError) in
      try WeightQuanta(weights, count: data.count, among: data.world)
    }
    own = [Int](repeating: 0, count: 2 * clusters)
    combined = own
  }

  func move(_ changes: UnsafeBufferPointer<LabelChange>) {
    for change in changes {
      guard data.weight(Int(change.row)) > 0 else { continue }
      let weight = Int(weights?.values[Int(change.row)] ?? 1)
      let (old, new) = (Int(change.old), Int(change.new))
      if old >= 0 {
        own[old] -= 1
        own[clusters + old] -= weight
      }
      own[new] += 1
      own[clusters + new] += weight
    }
  }

  func combine(
    with counters: [Int], around centers: [Float]
  ) throws -> (sizes: [Int], counters: [Int]) {
    var message = own + counters
    try data.world.allReduce(&message, .sum)
    combined = Array(message[..<(2 * clusters)])
    return (Array(combined[..<clusters]), Array(message[(2 * clusters)...]))
  }

  /// By how many quanta rounding may have changed the sums of weights of a cluster at most.
  private func lost(_ cluster: Int) -> Int64 {
    weights?.areRounded == true ? Int64(combined[cluster]) : 0
  }

  func centers(after old: [Float]) throws -> (best: [Float], objective: Double) {
    let pairs = clusters * data.columns
    var wanted: [MedianBracket] = []
    var undecided: [WeightedMedianSearch.Range] = []
    for pair in 0..<pairs where combined[pair / data.columns] > 0 {
      let (cluster, column) = (pair / data.columns, pair % data.columns)
      let total = Int64(combined[clusters + cluster])
      var positions = median.positions(of: total)
      let lost = lost(cluster)
      if lost > 0 { positions = (total / 2 - 2 * lost - 1, total / 2 + 2 * lost + 1) }
      if positions.first >= 0, positions.second < total {
        wanted.append(MedianBracket(pair, of: data, positions: positions))
      } else {
        undecided.append(.init(pair: pair, low: data.minimum[column], high: data.maximum[column]))
      }
    }
    var refinement = BracketRefinement(
      source: .rows(data.rows, labels: assigner.labels, weights: weights?.values), pairs: pairs,
      world: data.world)
    var best = old
    for (pair, numbers) in try refinement.numbers(wanted) {
      if numbers.first != numbers.second, lost(pair / data.columns) > 0 {
        undecided.append(.init(pair: pair, low: numbers.first, high: numbers.second))
      } else {
        best[pair] = median.value(numbers.first, numbers.second)
      }
    }
    rounds = refinement.rounds
    if !undecided.isEmpty {
      undecided.sort { $0.pair < $1.pair }
      let search = WeightedMedianSearch(data: data, labels: assigner.labels)
      for (range, numbers) in zip(undecided, try search.numbers(undecided)) {
        best[range.pair] = median.value(halving: numbers.first, numbers.second)
      }
    }
    return (best, try objective(at: old))
  }

  /// What the rows of all ranks cost at the centers of their labels; collective.
  private func objective(at centers: [Float]) throws(MPIError) -> Double {
    guard data.rows.element == .float32, data.weights == nil else {
      return try assigner.summedCost(of: data, at: centers)
    }
    var cost = ManhattanSum(data, clusters: clusters, kernels)
    cost.begin(at: centers)
    cost.add(0..<data.rows.count, labels: assigner.labelsInPlace.baseAddress!)
    var sum = cost.sum
    try sum.combine(among: data.world)
    return try ManhattanSum.value(sum, of: data, assigner, at: centers)
  }
}

extension RowAssigner {
  /// The weighted sum of all ranks' rows' costs at the centers of their labels, `[clusters, columns]`, in L1 as
  /// distances are measured; collective.
  func summedCost(of data: ClusterData, at centers: [Float]) throws(MPIError) -> Double {
    var sum = FixedPointSum(
      bound: data.measured.largestCost(.l1, at: data.scaling.scaled(centers))
        * data.largestWeight, count: data.count)
    forEachCost(of: data) { sum.add($0) }
    try sum.combine(among: data.world)
    return sum.value
  }
}
