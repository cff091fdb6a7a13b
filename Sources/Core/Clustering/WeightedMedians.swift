import DTrainDist
import KernelTable

/// The centres of k-medians of weighted rows: of the values of each column of each cluster the one below and
/// above which at most half of the weight lies.
///
/// Weights are whole numbers (``WeightQuanta``), so that sums of them have no order, and a row of weight w
/// is what w rows are: where two numbers part the weight into equal halves, `midpoint` lies between them.
/// ``BracketRefinement`` finds the medians of all pairs side by side, in four to eight passes over the rows with
/// an all-reduce each.
final class WeightedMedians: CenterRule {
  private let data: ClusterData
  private let clusters: Int
  private let median: ClusterConfiguration.Median
  private let assigner: any RowAssigner
  private let weights: WeightQuanta
  /// Rows of positive weight in each cluster, then the weight of each: on this rank, and on all.
  private var own: [Int]
  private var combined: [Int]

  /// No rows yet.
  init(
    _ data: ClusterData, weights: RowWeights, clusters: Int, median: ClusterConfiguration.Median,
    assigner: any RowAssigner
  ) {
    self.data = data
    self.clusters = clusters
    self.median = median
    self.assigner = assigner
    self.weights = WeightQuanta(weights, count: data.count)
    own = [Int](repeating: 0, count: 2 * clusters)
    combined = own
  }

  func move(row: Int, from old: Int, to new: Int) {
    let weight = weights.values[row]
    guard weight > 0 else { return }
    if old >= 0 {
      own[old] -= 1
      own[clusters + old] -= Int(weight)
    }
    own[new] += 1
    own[clusters + new] += Int(weight)
  }

  func combine(with counters: [Int]) throws -> (sizes: [Int], counters: [Int]) {
    var message = own + counters
    try data.world.allReduce(&message, .sum)
    combined = Array(message[..<(2 * clusters)])
    return (Array(combined[..<clusters]), Array(message[(2 * clusters)...]))
  }

  func centers(after old: [Float]) throws -> (best: [Float], objective: Double) {
    let pairs = clusters * data.columns
    let wanted = (0..<pairs).compactMap { pair -> MedianBracket? in
      let (cluster, column) = pair.quotientAndRemainder(dividingBy: data.columns)
      let total = Int64(combined[clusters + cluster])
      guard total > 0 else { return nil }
      let ranks = median.ranks(of: total)
      return MedianBracket(
        pair: pair, low: SortableKey.of(data.least[column]),
        high: SortableKey.of(data.greatest[column]), below: 0, inside: total, first: ranks.first,
        second: ranks.second)
    }
    var refinement = BracketRefinement(
      .rows(data.rows, labels: assigner.labels, weights: weights.values), pairs: pairs,
      among: data.world)
    var best = old
    // A pair's two numbers come in one bracket, or in one each.
    var found: [Int: Float] = [:]
    for bracket in try refinement.narrow(wanted, limit: 0) {
      let number = SortableKey.float(bracket.low)
      let other = found.updateValue(number, forKey: bracket.pair) ?? number
      best[bracket.pair] = median.value(min(number, other), max(number, other))
    }
    return (best, try objective(old))
  }

  /// The summed weighted cost of all rows; collective.
  private func objective(_ centers: [Float]) throws -> Double {
    var sum = FixedPointSum(
      bound: data.largestCost(.l1, at: centers) * data.largestWeight, count: data.count)
    for (row, label) in assigner.labels.enumerated() {
      sum.add(assigner.cost(row: row, center: Int(label)) * data.weight(row))
    }
    try sum.combine(among: data.world)
    return sum.value
  }
}

/// Weights as whole numbers of a quantum, a power of two; the sum of all fits 62 bits.
///
/// With 2^b rows the quantum is 2^-(61-b) of the largest weight: all weights of 24 bits down to 2^-(37-b) of it
/// are exact, smaller ones are rounded, and what is not 0 stays at least one quantum.
struct WeightQuanta {
  /// Of this rank's rows.
  let values: [Int64]

  /// - Parameter count: the rows of all ranks.
  init(_ weights: RowWeights, count: Int) {
    let bits = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
    let scale = Double(
      sign: .plus, exponent: 61 - bits - Int(weights.largest.exponent) - 1, significand: 1)
    values = weights.values.map {
      $0 > 0 ? max(1, Int64((Double($0) * scale).rounded(.toNearestOrEven))) : 0
    }
  }
}
