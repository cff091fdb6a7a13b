/// The rows to cluster that this rank holds, and what all ranks know of all rows.
final class ClusterData {
  let source: ArraySource
  /// What the rows are made of, where that is a table; nil for matrices.
  private(set) var schema: TableSchema?
  /// What names the rows; nil unless it is asked for.
  private(set) var ids: ArraySource?
  /// What a user should know of the order of their files.
  private(set) var advice: [RunAdvice] = []
  let topology: NodeTopology
  /// As they were read, less the offsets of their columns, or their directions: centers are in their units.
  let rows: RowBlock
  /// What makes of them the rows among which distances are measured.
  let scaling: ColumnScaling
  /// Whether ``rows`` are directions, and so are centers.
  let isOfDirections: Bool
  /// Whether a file of centers held some that were not of length 1.
  private(set) var hasDirectedCenters = false
  /// The rows of all ranks.
  let count: Int
  /// What the columns are; the means are those without weights, and only of rows that are measured.
  let statistics: ColumnStatistics
  let fingerprint: DataFingerprint
  /// How much each of this rank's rows counts; nil when all count the same.
  let weights: RowWeights?
  /// The point of the columns' weighted means; of rows that are measured.
  private(set) var center: [Float] = []
  /// The scaled rows, where they are others.
  private let scaled: ClusterData?
  /// The rows brought near 0, from the first time that they are asked for.
  private(set) lazy var centered = CenteredRows(self)

  /// The rows among which distances are measured, and points at which they are.
  var measured: ClusterData { scaled ?? self }

  var columns: Int { rows.columns }
  /// The smallest and the largest value of each column.
  var minimum: [Float] { statistics.all.minimum }
  var maximum: [Float] { statistics.all.maximum }
  /// What the columns are in rows that count.
  var counted: ColumnStatistics.Extent { weights == nil ? statistics.all : statistics.counted }

  /// At least the largest cost that a row can have at a point within the ranges of the columns, or at any of some
  /// points, `[count, columns]`.
  ///
  /// - Complexity: O(count · columns).
  func largestCost(_ metric: ClusterMetric, at points: [Float] = []) -> Double {
    var (low, high) = (minimum, maximum)
    for (index, value) in points.enumerated() {
      let column = index % columns
      if value < low[column] { low[column] = value }
      if value > high[column] { high[column] = value }
    }
    return zip(low, high).reduce(0) { $0 + metric.share(Double($1.1) - Double($1.0)) } * 1.001
  }

  /// The middle of the columns' ranges.
  var middle: [Double] { zip(minimum, maximum).map { (Double($0) + Double($1)) / 2 } }

  var world: Communicator { topology.world }

  /// How much a local row counts.
  @inline(__always)
  func weight(_ row: Int) -> Double { weights.map { Double($0.values[row]) } ?? 1 }

  /// How much a local row counts beside the one that counts most: the same whatever unit weights are in.
  func relativeWeight(_ row: Int) -> Double {
    weights.map { Double($0.values[row]) / Double($0.largest) } ?? 1
  }
  /// Whether all rows count the same.
  var isEvenlyWeighted: Bool { weights.map { $0.smallest == $0.largest } ?? true }

  /// The largest weight of a row, and all rows' together.
  var largestWeight: Double { weights.map { Double($0.largest) } ?? 1 }
  var totalWeight: Double { weights?.total ?? Double(count) }

  /// The rows a rank holds: spread evenly.
  static func held(_ rank: Int, ranks: Int, rows: Int) -> Range<Int> {
    rank * rows / ranks..<(rank + 1) * rows / ranks
  }

  /// Reads this rank's rows and their weights; collective.
  ///
  /// - Parameters:
  ///   - metric: in which distances are measured; in the cosine metric rows are taken by their direction.
  ///   - scale: how the columns are scaled, by what the rows are; not in the cosine metric.
  ///   - known: a scaling to apply instead, of as many columns.
  ///   - columns: how many there must be, and of what; nil for any number.
  /// - Throws: `TrainerError(.badData)`, agreed upon by all ranks.
  static func load(
    _ options: DataCatalog.Options, metric: ClusterMetric = .l2, scale: ColumnScaling.Kind = .none,
    known: ColumnScaling? = nil, columns: (Int, of: String)? = nil, topology: NodeTopology
  ) throws -> ClusterData {
    let world = topology.world
    let catalog = try Activity.perform("opening the data") {
      try DataCatalog.open(options, topology: topology)
    }
    let source = try catalog.train.widened(to: columns?.0 ?? 0)
    try world.require(
      source.rows >= 1 && source.columns >= 1, .badData,
      "\(source.name) is empty: it has shape \(source.shape); give at least one row and one column")
    if let (count, what) = columns, count != source.columns {
      throw world.failure(
        .badData,
        "\(source.nameHaving) \(source.columns.counted("column")), but \(what) have \(count); give the same columns"
      )
    }
    precondition(
      !metric.isOfDirections || known?.kind ?? scale == .none,
      "directions are those of rows as they are")
    var read = try Activity.perform("reading \(source.name)") {
      let own = held(world.rank, ranks: world.size, rows: source.rows)
      // Directions depend on offsets, distances do not.
      if metric.isOfDirections { return try source.readRows(own, topology: topology) }
      return try known.map { try source.readRows(own, topology: topology, less: $0.offsets) }
        ?? source.readRowsLessOffsets(own, topology: topology)
    }
    let weights =
      options.weights.isEmpty
      ? nil : try RowWeights(options, rows: read.rows, of: source, topology: topology)
    let targets = weights.map { DataFingerprint.Targets.values($0.values, columns: 1) } ?? .none
    let fingerprint = try DataFingerprint(
      of: [DataFingerprint.Part(tag: "rows", rows: read, targets: targets)], among: world)
    if metric.isOfDirections {
      let rows = read
      read = try world.agree {
        try RowDirections(columns: rows.columns).directions(of: rows, named: source.name)
      }
    }
    let kind = known?.kind ?? scale
    let statistics = try ColumnStatistics(
      of: read, weights,
      sums: kind == .none ? .unweighted : known == nil ? kind.sums : .none, among: world)
    let scaling =
      try known ?? ColumnScaling(kind, of: read, weights, statistics, among: world)
    let data = try ClusterData(
      source, topology, read, statistics, scaling, isOfDirections: metric.isOfDirections,
      count: source.rows, fingerprint, weights)
    (data.schema, data.ids) = (catalog.schema, catalog.ids)
    data.advice = catalog.advice(options)
    return data
  }

  /// Rows with what is known of them; collective where they are to be scaled.
  private init(
    _ source: ArraySource, _ topology: NodeTopology, _ rows: RowBlock,
    _ statistics: ColumnStatistics, _ scaling: ColumnScaling, isOfDirections: Bool, count: Int,
    _ fingerprint: DataFingerprint, _ weights: RowWeights?
  ) throws {
    self.source = source
    self.topology = topology
    self.rows = rows
    self.statistics = statistics
    self.scaling = scaling
    self.isOfDirections = isOfDirections
    self.count = count
    self.fingerprint = fingerprint
    self.weights = weights
    let scaled = try topology.world.agree { try scaling.scaled(rows, of: source.name) }
    self.scaled = try scaled.map {
      let statistics = try ColumnStatistics(
        of: $0, weights, sums: .unweighted, among: topology.world)
      return try ClusterData(
        source, topology, $0, statistics, .none(rows.columns), isOfDirections: isOfDirections,
        count: count, fingerprint, weights)
    }
    if self.scaled == nil { center = weights == nil ? means : try weightedMeans() }
  }

  /// The means of the columns without weights, as Floats.
  var means: [Float] { statistics.mean.map { Float($0) } }

  /// The weighted sum of the squared distances of all rows to ``middle``; collective.
  func squares() throws(MPIError) -> Double {
    var sum = centered.squares
    try sum.combine(among: world)
    return sum.value
  }

  /// The weighted mean distance of the rows to ``center``; collective.
  func meanDistance(_ metric: ClusterMetric) throws(MPIError) -> Double {
    var sum = metric.distances(of: self)
    try sum.combine(among: world)
    return sum.value / totalWeight
  }

  private func weightedMeans() throws -> [Float] {
    var sums = ClusterSums(self, clusters: 1)
    for row in 0..<rows.count { sums.add(row: row, to: 0, sign: 1) }
    let totals = try sums.combined(with: []).totals
    // What only a tolerance depends on need not be exact where a column's range is too wide.
    return totals.approximateMean(of: 0)?.map { Float($0) } ?? means
  }

  /// All rows of a file of centers, `[clusters, columns]`, less the offsets, or their directions, on every rank;
  /// collective.
  ///
  /// - Throws: `TrainerError(.badData)`, agreed by all ranks, also where they are too large to be scaled, or have no
  ///   direction.
  func centers(from source: ArraySource) throws -> [Float] {
    let values = try source.readWhole(topology: topology, less: scaling.offsets)
    try world.agree { try scaling.checkScaled(values, columns: columns, of: source.name) }
    guard isOfDirections else { return values }
    let directions = try world.agree {
      try RowDirections(columns: columns).directions(of: values, named: source.name)
    }
    hasDirectedCenters = directions != values
    return directions
  }

  /// Whether centers are written as float64: where rows were, or had offsets; not directions.
  var hasDoubleCenters: Bool {
    !isOfDirections && (source.storedType == "float64" || !scaling.offsets.isEmpty)
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
  /// The same rows, of which each counts once; of rows that are not scaled.
  var unweighted: ClusterData {
    get throws {
      try ClusterData(
        source, topology, rows, statistics, scaling, isOfDirections: isOfDirections, count: count,
        fingerprint, nil)
    }
  }

  /// Rows of which every rank holds all, as if it were alone.
  ///
  /// - Parameters:
  ///   - values: `[rows, columns]`.
  ///   - weights: of the rows; one at least is positive.
  func alone(_ values: [Float], weights: [Float]) throws -> ClusterData {
    let topology = NodeTopology.solo()
    let rows = try RowBlock(copying: values, columns: columns)
    let weights = try RowWeights(weights, count: rows.count, among: topology.world)
    let statistics = try ColumnStatistics(
      of: rows, weights, sums: scaling.kind == .none ? .unweighted : .none, among: topology.world)
    return try ClusterData(
      source, topology, rows, statistics, scaling, isOfDirections: isOfDirections,
      count: rows.count, fingerprint, weights)
  }
}
