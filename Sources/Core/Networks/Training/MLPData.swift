/// The rows of a training run that this rank holds, read and checked by all ranks together.
struct MLPData {
  let catalog: DataCatalog
  let assignment: RowAssignment
  /// Rows and targets of the shards this rank holds.
  let training: RowBlock
  let trainingTargets: RowTargets
  let test: EvaluationSet?
  let outputs: Int
  let targets: TargetKind
  let loss: Loss
  /// What a user should know of the classes; nil where there is nothing.
  let advice: NetworkAdvice?
  let scaling: ColumnScaling
  let fingerprint: DataFingerprint

  /// What a user should know of how the work is divided.
  func advice(on placement: Replica.Placement) -> [NetworkAdvice] {
    let (ranks, shards) = (placement.topology.world.size, assignment.shards.count)
    return (placement.separationReason.map { [.separateCopies(reason: $0)] } ?? [])
      + (ranks > shards ? [.idleRanks(ranks: ranks, shards: shards)] : [])
  }

  /// The rows of this rank's shards. A rank without shards keeps copies, to take its part in the evaluation.
  var ownRows: Int { assignment.ownShards.isEmpty ? 0 : training.count }

  /// Reads this rank's rows; collective.
  ///
  /// - Throws: `TrainerError(.badData)` or `.usage`, agreed upon by all ranks.
  static func load(
    _ options: DataCatalog.Options, _ configuration: MLPConfiguration, topology: NodeTopology
  ) throws -> MLPData {
    let world = topology.world
    let catalog = try Activity.perform("opening the data") {
      try DataCatalog.open(options, topology: topology)
    }
    guard let targetSource = catalog.trainTargets else {
      throw world.failure(
        .usage,
        "\(catalog.train.name) has no labels: name them with \(parameter: "labels") PATH or \(parameter: "label_column") INDEX"
      )
    }
    try world.require(
      catalog.train.rows >= 1 && catalog.train.columns >= 1, .badData,
      "\(catalog.train.name) is empty: it has shape \(catalog.train.shape)")
    let shards = VirtualShards(rows: catalog.train.rows, count: configuration.resolvedShards)
    let assignment = RowAssignment(
      shards: shards, validation: configuration.validation, seed: configuration.seed,
      rank: world.rank, ranks: world.size)
    try world.require(
      assignment.trainingCounts.reduce(0, +) > 0, .usage,
      "\(parameter: "validation") \(configuration.validation) leaves no row to train on")
    if configuration.validation > 0, assignment.validationCounts.reduce(0, +) == 0 {
      throw world.failure(
        .usage,
        "\(parameter: "validation") \(configuration.validation) of \(catalog.train.rows) rows holds out none; "
          + "give a larger fraction")
    }
    if let test = catalog.test, catalog.testTargets == nil {
      throw world.failure(
        .usage,
        "the test rows \(test.name) have no labels: name them with \(parameter: "test_labels") PATH"
      )
    }
    // Targets come first: they are small, and what is wrong with them is known before hours of reading.
    let targets = try Activity.perform("reading \(targetSource.name)") {
      try TrainingTargets.read(
        targetSource, rows: assignment.held, loss: configuration.loss,
        classes: configuration.classes, topology: topology)
    }
    let reader = TargetReader(kind: targets.kind, outputs: targets.outputs, topology: topology)
    let test = try catalog.testSources.map { source, targets in
      try EvaluationSet.read(source, targets, by: reader)
    }
    let training = try Activity.perform("reading \(catalog.train.name)") {
      try catalog.train.readRows(assignment.held, topology: topology)
    }

    let kind = configuration.scale ?? (catalog.train.element == .uint8 ? .unit : .none)
    // Rows that surplus ranks hold twice count once.
    let isSurplus = assignment.ownShards.isEmpty
    let counted = isSurplus ? try training.empty() : training
    var parts = [
      DataFingerprint.Part(
        tag: "train", rows: counted,
        targets: isSurplus ? targets.own.empty.hashed : targets.own.hashed)
    ]
    if let test {
      parts.append(
        DataFingerprint.Part(tag: "test", rows: test.data, targets: test.targets.hashed))
    }
    return MLPData(
      catalog: catalog, assignment: assignment, training: training,
      trainingTargets: targets.own, test: test, outputs: targets.outputs,
      targets: targets.kind, loss: targets.loss.configured(by: configuration),
      advice: targets.advice,
      scaling: try ColumnScaling(kind, of: counted, among: world),
      fingerprint: try DataFingerprint(of: parts, among: world))
  }
}

extension DataCatalog {
  /// The test rows with their targets; nil where there are none.
  fileprivate var testSources: (rows: ArraySource, targets: ArraySource)? {
    guard let test, let testTargets, test.rows > 0 else { return nil }
    return (test, testTargets)
  }
}

extension EvaluationSet {
  /// Reads this rank's share of labelled rows, the targets first; collective.
  package static func read(
    _ source: ArraySource, _ targets: ArraySource, by reader: TargetReader
  ) throws -> EvaluationSet {
    let world = reader.topology.world
    let held = heldRows(of: source.rows, rank: world.rank, ranks: world.size)
    let values = try Activity.perform("reading \(targets.name)") {
      try reader.read(targets, rows: held)
    }
    let rows = try Activity.perform("reading \(source.name)") {
      try source.readRows(held, topology: reader.topology)
    }
    return EvaluationSet(
      test: rows, targets: values, rows: source.rows, rank: world.rank, ranks: world.size)
  }
}

extension RowTargets {
  /// The same kind of targets, of no rows.
  var empty: RowTargets {
    switch self {
    case .labels: .labels([])
    case .values(_, let columns): .values([], columns: columns)
    }
  }

  /// The targets as the data's fingerprint takes them.
  var hashed: DataFingerprint.Targets {
    switch self {
    case .labels(let labels): .labels(labels)
    case .values(let values, let columns): .values(values, columns: columns)
    }
  }
}

extension RowBlock {
  /// A block of the same type without rows.
  func empty() throws -> RowBlock {
    switch element {
    case .uint8: try RowBlock(copying: [UInt8](), columns: columns)
    case .float32: try RowBlock(copying: [Float](), columns: columns)
    }
  }
}
