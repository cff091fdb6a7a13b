import DTrainBase
import DTrainData
import DTrainDist

/// The rows to cluster that this rank holds, and what all ranks know of all rows.
struct ClusterData {
  let source: ArraySource
  let topology: NodeTopology
  /// As they were read: centers are in their units.
  let rows: RowBlock
  /// What makes of them the rows among which distances are measured.
  let scaling: ColumnScaling
  /// The rows of all ranks.
  let count: Int
  let columns: Int
  /// Smallest and largest value of each column.
  let least: [Float]
  let greatest: [Float]
  /// The largest magnitude of each column in rows that count.
  private(set) var magnitudes: [Float]
  /// The mean of each column, without weights, rounded to Float.
  let means: [Float]
  let fingerprint: DataFingerprint
  /// How much each of this rank's rows counts; nil when all count the same.
  private(set) var weights: RowWeights?
  /// The weighted sum of the squared distances of all rows to ``middle``.
  let squares: Double

  /// The scaled rows, where they are others.
  private let scaled: ScaledData?
  /// The rows among which distances are measured, and points at which they are.
  var measured: ClusterData { scaled?.data ?? self }

  /// At least the largest cost that a row can have at a point within the ranges of the columns.
  func largestCost(_ metric: ClusterMetric) -> Double {
    zip(least, greatest).reduce(0) { $0 + metric.share(Double($1.0) - Double($1.1)) } * 1.001
  }

  /// At least the largest cost that a row can have at any of some points, `[count, columns]`.
  ///
  /// - Complexity: O(count · columns).
  func largestCost(_ metric: ClusterMetric, at points: [Float]) -> Double {
    var (low, high) = (least, greatest)
    for (index, value) in points.enumerated() {
      let column = index % columns
      if value < low[column] { low[column] = value }
      if value > high[column] { high[column] = value }
    }
    return zip(low, high).reduce(0) { $0 + metric.share(Double($1.1) - Double($1.0)) } * 1.001
  }

  /// The middle of the columns' ranges.
  var middle: [Double] { Self.middle(least, greatest) }

  private static func middle(_ least: [Float], _ greatest: [Float]) -> [Double] {
    zip(least, greatest).map { (Double($0) + Double($1)) / 2 }
  }

  var world: Communicator { topology.world }

  /// How much a local row counts.
  @inline(__always)
  func weight(_ row: Int) -> Double { weights.map { Double($0.values[row]) } ?? 1 }

  /// The largest weight of a row, and all rows' together.
  var largestWeight: Double { weights.map { Double($0.largest) } ?? 1 }
  var totalWeight: Double { weights?.total ?? Double(count) }

  /// The rows a rank holds: spread evenly.
  static func held(_ rank: Int, ranks: Int, rows: Int) -> Range<Int> {
    rank * rows / ranks..<(rank + 1) * rows / ranks
  }

  /// The rank that holds a row.
  func owner(of row: Int) -> Int {
    var rank = min(world.size - 1, row * world.size / count)
    while row >= Self.held(rank, ranks: world.size, rows: count).upperBound { rank += 1 }
    while row < Self.held(rank, ranks: world.size, rows: count).lowerBound { rank -= 1 }
    return rank
  }

  /// Reads this rank's rows and their weights; collective.
  ///
  /// - Parameters:
  ///   - scale: how the columns are scaled, by what the rows are.
  ///   - known: a scaling to apply instead, of as many columns.
  ///   - columns: how many there must be, and of what; nil for any number.
  /// - Throws: `TrainerError(.badData)`, agreed upon by all ranks.
  static func load(
    _ options: DataCatalog.Options, scale: ColumnScaling.Kind = .none,
    known: ColumnScaling? = nil, columns: (Int, of: String)? = nil, topology: NodeTopology
  ) throws -> ClusterData {
    let world = topology.world
    let catalog = try Activity.perform("opening the data") {
      try DataCatalog.open(options, topology: topology)
    }
    let source = catalog.train
    guard source.rows >= 1, source.columns >= 1 else {
      throw world.unanimous(
        TrainerError(.badData, "\(source.name) is empty: it has shape \(source.shape)"))
    }
    if let (count, what) = columns, count != source.columns {
      throw world.unanimous(
        TrainerError(
          .badData, "\(source.name) has \(source.columns) columns, but \(what) have \(count)"))
    }
    let read = try Activity.perform("reading \(source.name)") {
      try source.readRows(
        held(world.rank, ranks: world.size, rows: source.rows), topology: topology)
    }
    let weights = try options.weights.map {
      try RowWeights(path: $0, rows: read.rows, count: source.rows, topology: topology)
    }
    let targets = weights.map { DataFingerprint.Targets.values($0.values, columns: 1) } ?? .none
    let fingerprint = try DataFingerprint(
      of: [DataFingerprint.Part(tag: "rows", rows: read, targets: targets)], among: world)
    let scaling = try known ?? ColumnScaling(scale, of: read, weights, among: world)
    return try ClusterData(
      source, topology, read, of: source.name, scaling, count: source.rows, fingerprint, weights)
  }

  /// What all ranks know of rows that are there; collective.
  private init(
    _ source: ArraySource, _ topology: NodeTopology, _ rows: RowBlock, of name: String,
    _ scaling: ColumnScaling, count: Int, _ fingerprint: DataFingerprint, _ weights: RowWeights?
  ) throws {
    let world = topology.world
    let scaled = try world.agree { try scaling.scaled(rows, of: name) }
    let (least, greatest) = try Self.range(of: rows, among: world)
    self.source = source
    self.topology = topology
    self.rows = rows
    self.scaling = scaling
    self.scaled = try scaled.map {
      ScaledData(
        try ClusterData(
          source, topology, $0, of: name, .none(rows.columns), count: count, fingerprint, weights))
    }
    self.count = count
    columns = rows.columns
    self.least = least
    self.greatest = greatest
    magnitudes = try Self.magnitudes(of: rows, weights, least, greatest, among: world)
    means = try ColumnScaling(.standard, of: rows, among: world).shift
    self.fingerprint = fingerprint
    self.weights = weights
    squares = try Self.squares(of: rows, weights, least, greatest, count: count, among: world)
  }

  private static func squares(
    of rows: RowBlock, _ weights: RowWeights?, _ least: [Float], _ greatest: [Float], count: Int,
    among world: Communicator
  ) throws(MPIError) -> Double {
    let middle = middle(least, greatest)
    let bound = zip(least, greatest).reduce(0.0) {
      let width = (Double($1.1) - Double($1.0)) / 2
      return $0 + width * width
    }
    return try sum(
      over: rows, weights, bound: bound * 1.001, count: count, among: world
    ) { values in
      var total = 0.0
      for column in values.indices {
        let difference = Double(values[column]) - middle[column]
        total += difference * difference
      }
      return total
    }
  }

  /// The weighted sum of a number of each row, the same for every division among ranks; collective.
  ///
  /// - Parameter bound: at least the magnitude of each number.
  static func sum(
    over rows: RowBlock, _ weights: RowWeights?, bound: Double, count: Int,
    among world: Communicator, _ number: (UnsafeBufferPointer<Float>) -> Double
  ) throws(MPIError) -> Double {
    var sum = FixedPointSum(bound: bound * Double(weights?.largest ?? 1), count: count)
    rows.forEachRow { row, values in
      sum.add(number(values) * (weights.map { Double($0.values[row]) } ?? 1))
    }
    try sum.combine(among: world)
    return sum.value
  }

  /// The weighted mean distance of the rows to the point of the columns' weighted means; collective.
  func meanDistance(_ metric: ClusterMetric) throws -> Double {
    let means = try weights == nil ? means : weightedMeans()
    let total = try Self.sum(
      over: rows, weights, bound: metric.distance(largestCost(metric)) * 2, count: count,
      among: world
    ) { values in
      var cost = 0.0
      for column in values.indices {
        cost += metric.share(Double(values[column]) - Double(means[column]))
      }
      return metric.distance(cost)
    }
    return total / totalWeight
  }

  private func weightedMeans() throws -> [Float] {
    var sums = try ClusterSums(self, clusters: 1)
    for row in 0..<rows.count { sums.add(row: row, to: 0, sign: 1) }
    let totals = try sums.combined(with: []).totals
    // What only a tolerance depends on need not be exact where a column's range is too wide.
    return totals.approximateMean(of: 0)?.map { Float($0) } ?? means
  }

  private static func magnitudes(
    of rows: RowBlock, _ weights: RowWeights?, _ least: [Float], _ greatest: [Float],
    among world: Communicator
  ) throws(MPIError) -> [Float] {
    var magnitudes = zip(least, greatest).map { max(abs($0), abs($1)) }
    guard let weights else { return magnitudes }
    magnitudes = magnitudes.map { _ in 0 }
    rows.forEachRow { row, values in
      guard weights.values[row] > 0 else { return }
      for column in values.indices {
        magnitudes[column] = max(magnitudes[column], abs(values[column]))
      }
    }
    try world.allReduce(&magnitudes, .maximum)
    return magnitudes
  }

  private static func range(
    of rows: RowBlock, among world: Communicator
  ) throws -> (least: [Float], greatest: [Float]) {
    var least = [Float](repeating: .infinity, count: rows.columns)
    var greatest = [Float](repeating: -.infinity, count: rows.columns)
    rows.forEachRow { _, row in
      for column in 0..<rows.columns {
        let value = row[column]
        if value < least[column] { least[column] = value }
        if value > greatest[column] { greatest[column] = value }
      }
    }
    try world.allReduce(&least, .minimum)
    try world.allReduce(&greatest, .maximum)
    return (least, greatest)
  }

  /// All rows of a file of centers, `[clusters, columns]`, on every rank; collective.
  ///
  /// - Throws: `TrainerError(.badData)`, agreed by all ranks, also where they are too large to be scaled.
  func centers(from source: ArraySource) throws -> [Float] {
    let block = try source.readRows(0..<source.rows, topology: topology)
    var values = [Float](repeating: 0, count: source.rows * columns)
    for row in 0..<source.rows { block.copyRow(row, to: &values, at: row * columns) }
    if let index = scaling.scaled(values).firstIndex(where: { !$0.isFinite }) {
      throw world.unanimous(
        ColumnScaling.overflow(
          row: index / columns, column: index % columns, of: source.name, values[index]))
    }
    return values
  }

  /// Copies of chosen rows of the whole matrix as floats, `[rows, columns]`, on every rank; collective.
  func fetch(_ chosen: [Int]) throws(MPIError) -> [Float] {
    var values = [Float](repeating: 0, count: chosen.count * columns)
    for (index, row) in chosen.enumerated() where rows.rows.contains(row) {
      rows.copyRow(row - rows.rows.lowerBound, to: &values, at: index * columns)
    }
    // All others bring zeros.
    try world.allReduce(&values, .sum)
    return values
  }
}

extension ClusterData {
  /// The same rows, of which each counts once.
  var unweighted: ClusterData {
    var copy = self
    copy.weights = nil
    copy.magnitudes = zip(least, greatest).map { max(abs($0), abs($1)) }
    return copy
  }

  /// Rows of which every rank holds all, as if it were alone.
  ///
  /// - Parameters:
  ///   - values: `[rows, columns]`.
  ///   - weights: of the rows; one at least is positive.
  func alone(_ values: [Float], weights: [Float]) throws -> ClusterData {
    let topology = NodeTopology.solo()
    let rows = try RowBlock(copying: values, columns: columns)
    let weights = RowWeights(
      values: weights, largest: weights.max() ?? 0,
      total: weights.reduce(0.0) { $0 + Double($1) }, positive: weights.count { $0 > 0 })
    return try ClusterData(
      source, topology, rows, of: "centers", scaling, count: rows.count, fingerprint, weights)
  }
}

/// Scaled rows, which data cannot hold beside themselves.
private final class ScaledData {
  let data: ClusterData

  init(_ data: ClusterData) { self.data = data }
}
