import DTrainDist
import KernelTable

/// The first centres of a clustering run, the same for every number of ranks.
struct CenterSeeding {
  let data: ClusterData
  let clusters: Int
  let assigner: EuclideanAssigner
  let generator: Philox
  /// Which restart this is; each draws its own numbers.
  let restart: Int

  /// Centres `[clusters, columns]` as the configuration asks; collective.
  func centers(_ seeding: ClusterConfiguration.Seeding) throws -> [Float] {
    switch seeding {
    case .random: try randomRows()
    case .plusPlus: try plusPlus()
    case .file(let path): try fromFile(path)
    }
  }

  /// K different rows.
  private func randomRows() throws -> [Float] {
    var sequence = PhiloxSequence(generator, stream: UInt64(restart))
    var chosen: [Int] = []
    var taken = Set<Int>()
    while chosen.count < clusters {
      let row = sequence.next(below: data.count)
      if taken.insert(row).inserted { chosen.append(row) }
    }
    return try data.fetch(chosen)
  }

  /// Greedy k-means++ (D. Arthur, S. Vassilvitskii, 2007; with 2 + log K trials a centre, of which the one
  /// that leaves the smallest potential is taken).
  ///
  /// Rows are drawn by their squared distance to the nearest centre as integers, so that the draw does
  /// not depend on how rows are divided.
  private func plusPlus() throws -> [Float] {
    let world = data.world
    var sequence = PhiloxSequence(generator, stream: UInt64(restart))
    let trials = 2 + Int(PortableMath.log(Double(clusters)))
    var centers = try data.fetch([sequence.next(below: data.count)])
    var nearest = distances(to: Array(centers))
    while centers.count < clusters * data.columns {
      // By the largest that is left: once outliers are centres, what is near keeps its weight.
      let largest = try world.allReduce(nearest.max() ?? 0, .maximum)
      let point = FixedPoint(exponent: FixedPoint.exponent(above: largest), count: data.count)
      let weights = nearest.map { point.parts($0).high }
      let totals = try world.allGather(weights.reduce(0, &+))
      let total = totals.reduce(0, &+)
      guard total > 0 else {
        // Fewer distinct rows than clusters: the rest repeat the first row.
        centers += (centers.count / data.columns..<clusters).flatMap { _ in
          centers[..<data.columns]
        }
        break
      }
      let before = totals[..<world.rank].reduce(0, &+)
      var rows = [Int](repeating: 0, count: trials)
      for trial in 0..<trials {
        var target = Int64(sequence.next(below: Int(total))) - before
        guard target >= 0, target < totals[world.rank] else { continue }
        for (row, weight) in weights.enumerated() {
          if target < weight {
            rows[trial] = data.rows.rows.lowerBound + row
            break
          }
          target -= weight
        }
      }
      try world.allReduce(&rows, .sum)
      let candidates = try data.fetch(rows)
      var best = (potential: Int64.max, trial: 0)
      var potentials = [Int64](repeating: 0, count: trials)
      var all: [[Double]] = []
      for trial in 0..<trials {
        let point2 = Array(candidates[trial * data.columns..<(trial + 1) * data.columns])
        let closer = zip(nearest, distances(to: point2)).map { min($0, $1) }
        potentials[trial] = closer.reduce(Int64(0)) { $0 &+ point.parts($1).high }
        all.append(closer)
      }
      try world.allReduce(&potentials, .sum)
      for trial in 0..<trials where potentials[trial] < best.potential {
        best = (potentials[trial], trial)
      }
      centers += candidates[best.trial * data.columns..<(best.trial + 1) * data.columns]
      nearest = all[best.trial]
    }
    return centers
  }

  private func distances(to center: [Float]) -> [Double] {
    center.withUnsafeBufferPointer { center in
      (0..<data.rows.count).map {
        assigner.squaredDistance(row: $0, to: center.baseAddress!)
      }
    }
  }

  /// The rows of a file.
  private func fromFile(_ path: String) throws -> [Float] {
    let catalog = try DataCatalog.open(
      DataCatalog.Options(data: [path]), topology: data.topology)
    let source = catalog.train
    guard source.rows == clusters, source.columns == data.columns else {
      throw data.world.unanimous(
        TrainerError(
          .badData,
          "--init \(path) holds \(source.rows) centres of \(source.columns) columns; \(clusters) of "
            + "\(data.columns) are needed"))
    }
    return try data.centers(from: source)
  }
}

extension PhiloxSequence {
  /// A number in `0..<bound`, without bias, for bounds beyond 32 bits.
  mutating func next(below bound: Int) -> Int {
    if bound <= Int(UInt32.max) { return Int(next(below: UInt32(bound))) }
    let limit = UInt64.max - UInt64.max % UInt64(bound)
    while true {
      let word = UInt64(next()) << 32 | UInt64(next())
      if word < limit { return Int(word % UInt64(bound)) }
    }
  }
}
