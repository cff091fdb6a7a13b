/// The first centers of a clustering run, the same for every number of ranks.
struct CenterSeeding {
  let data: ClusterData
  let metric: ClusterMetric
  let clusters: Int
  let assigner: any RowAssigner
  let generator: Philox
  /// Which restart this is; each draws its own numbers.
  let restart: Int

  /// Centers `[clusters, columns]` as the configuration asks; collective.
  func centers(_ seeding: ClusterConfiguration.Seeding) throws -> [Float] {
    var sequence = PhiloxSequence(generator, stream: UInt64(restart))
    return switch seeding {
    case .random: try data.isEvenlyWeighted ? randomRows(&sequence) : weightedRandomRows()
    case .plusPlus:
      try GreedySeeding(
        data: data, metric: metric, clusters: clusters, assigner: assigner
      ).centers(&sequence)
    case .parallel: try parallelCenters(&sequence)
    case .file(let path): try fromFile(path)
    }
  }

  /// K different rows.
  private func randomRows(_ sequence: inout PhiloxSequence) throws -> [Float] {
    var chosen: [Int] = []
    var taken = Set<Int>()
    while chosen.count < clusters {
      let row = sequence.next(below: data.count)
      if taken.insert(row).inserted { chosen.append(row) }
    }
    return try data.fetch(chosen)
  }

  /// K different rows, drawn one after another by their weights; the same as the K smallest of exponential
  /// random numbers at these rates (P. Efraimidis, P. Spirakis, 2006). Collective.
  private func weightedRandomRows() throws -> [Float] {
    let first = data.rows.rows.lowerBound
    var own: [(time: Double, row: Int)] = []
    for local in 0..<data.rows.count where data.weight(local) > 0 {
      let unit = (number(of: first + local, in: UInt64(restart)) + 0.5) * 0x1p-53
      own.append((-PortableMath.log(unit) / data.relativeWeight(local), first + local))
    }
    own.sort { ($0.time, $0.row) < ($1.time, $1.row) }
    let kept = own.prefix(clusters)
    let missing = clusters - kept.count
    let times = try data.world.allGather(
      kept.map(\.time) + [Double](repeating: .infinity, count: missing))
    let rows = try data.world.allGather(kept.map(\.row) + [Int](repeating: .max, count: missing))
    let earliest = zip(times, rows).sorted { $0 < $1 }.prefix(clusters)
    return try data.fetch(earliest.map(\.1))
  }

  /// A row's own random number, a whole one below 2^53.
  ///
  /// - Parameter stream: below 2^40; apart from the streams that are read one after another.
  func number(of row: Int, in stream: UInt64) -> Double {
    let words = generator.block(
      stream: 1 << 55 | UInt64(row >> 32) << 40 | stream, index: UInt32(truncatingIfNeeded: row))
    return Double((UInt64(words.x) << 32 | UInt64(words.y)) >> 11)
  }

  /// The rows of a file.
  private func fromFile(_ given: String) throws -> [Float] {
    let path = try data.world.agree { try ClusterConfiguration.Seeding.centersFile(given) }
    let catalog = try DataCatalog.open(
      DataCatalog.Options(data: [path]), topology: data.topology)
    let source = catalog.train
    try data.world.require(
      source.rows == clusters && source.columns == data.columns, .badData,
      "\(parameter: "init") \(path) holds \(source.rows.counted("center")) of \(source.columns.counted("column")), but "
        + "\(parameter: "clusters") is \(clusters) and the rows have \(data.columns.counted("column"))"
    )
    return try data.centers(from: source)
  }
}

extension ClusterConfiguration.Seeding {
  /// The file of centers that a path leads to: itself, or that of a run.
  ///
  /// - Throws: `TrainerError(.usage)` for another directory.
  static func centersFile(_ path: String) throws(TrainerError) -> String {
    guard FileSystem.isDirectory(path) else { return path }
    let file = FileSystem.path(of: "centers.npy", in: path)
    if !FileSystem.exists(file) { try RunDirectory.checkFinished(path) }
    try require(
      FileSystem.exists(file), .usage,
      "\(parameter: "init") \(path): that directory has no centers.npy; name a finished run of kmeans or kmedians, or a "
        + "file of centers")
    return file
  }
}

extension PhiloxSequence {
  /// A number in `0..<bound`, without bias; beyond 32 bits with one of 2^-64 at most.
  mutating func next(below bound: Int) -> Int {
    bound <= Int(UInt32.max) ? Int(next(below: UInt32(bound))) : next(in: bound)
  }

  /// The place in `0..<total` that a random part of it comes to: floor(total · word / 2^64).
  ///
  /// A total that differs in its last bits leads to a place that differs as little, which a remainder of a division
  /// would not. Probabilities are right to 2^-64.
  mutating func next(in total: Int) -> Int {
    let word = UInt64(next()) << 32 | UInt64(next())
    return Int(word.multipliedFullWidth(by: UInt64(total)).high)
  }
}
