/// The rows of a training run that this rank holds, read and checked by all ranks together.
struct MLPData {
  let catalog: DataCatalog
  let assignment: RowAssignment
  /// Rows and targets of the shards this rank holds.
  let training: RowBlock
  let trainingTargets: RowTargets
  /// How much each of these rows counts; nil where all count the same.
  let weights: [Float]?
  let test: EvaluationSet?
  let outputs: Int
  let targets: TargetKind
  let loss: Loss
  /// The names of classes that were texts; empty where they were numbers.
  let classNames: [String]
  /// What a user should know of the targets.
  let advice: [NetworkAdvice]
  let scaling: ColumnScaling
  /// How targets that are numbers are scaled, one column an output; nil for others.
  let targetScaling: ColumnScaling?
  let baseline: TargetBaseline
  /// What a user should know of the columns.
  let columnAdvice: [any Advice]
  /// What the run does, with a value for each option that was left to the data.
  let configuration: MLPConfiguration
  let fingerprint: DataFingerprint

  /// What a user should know of how the work is divided.
  ///
  /// - Parameter isContinued: whether the run goes on from a checkpoint, with the shards that it has.
  func advice(on placement: Replica.Placement, isContinued: Bool) -> [NetworkAdvice] {
    let (ranks, shards) = (placement.topology.world.size, assignment.shards.count)
    return (placement.separationReason.map { [.separateCopies(reason: $0)] } ?? [])
      + (ranks > shards ? [.idleRanks(ranks: ranks, shards: shards, isContinued: isContinued)] : [])
  }

  /// The rows of this rank's shards. A rank without shards keeps copies, to take its part in the evaluation.
  var ownRows: Int { assignment.ownShards.isEmpty ? 0 : training.count }

  /// Reads this rank's rows; collective.
  ///
  /// - Parameter activation: that of a model whose parameters the run begins with; nil for none.
  /// - Throws: `TrainerError(.badData)` or `.usage`, agreed upon by all ranks.
  static func load(
    _ options: DataCatalog.Options, _ asked: MLPConfiguration, activation: Activation?,
    topology: NodeTopology
  ) throws -> MLPData {
    let world = topology.world
    let rows = try MLPRows(options, asked, topology: topology)
    let (catalog, assignment, targets) = (rows.catalog, rows.assignment, rows.targets)
    let (counted, isSurplus) = (rows.counted, rows.isSurplus)
    var configuration = rows.configuration
    let looksLikeImages =
      try counted.looksLikeImages(among: world) && targets.kind == .oneClass
    let traits = DataTraits(
      rows: assignment.trainingCounts.reduce(0, +), looksLikeImages: looksLikeImages,
      targets: targets.kind)
    configuration.choose(for: traits, activation: activation)
    let chosen = configuration
    try world.agree { try chosen.checkChosen() }
    let loss = asked.loss ?? MLPConfiguration.standardLoss(for: traits)
    let targetScaling = try targets.own.scaling(
      configuration.targetScale ?? .standard, of: targets.kind, less: targets.offsets,
      isCounted: !isSurplus, among: world)
    let isOpen = [
      ("targets", asked.targets == nil), ("loss", asked.loss == nil), ("scale", asked.scale == nil),
      ("target_scale", asked.targetScale == nil && targets.kind == .numbers),
    ]
    configuration.chosen = isOpen.filter(\.1).map(\.0) + configuration.chosen
    (configuration.targets, configuration.targetScale) = (
      targets.kind, targetScaling?.kind ?? ColumnScaling.Kind.none
    )
    configuration.classes = targets.kind == .oneClass ? targets.outputs : nil
    configuration.loss = loss
    configuration.scale = asked.scale ?? (looksLikeImages ? .unit : .standard)
    let trainingTargets = targets.own.scaled(by: targetScaling)
    // One pass over the rows serves the scaling and what is to be said of the columns.
    let kind = configuration.scale!
    let isCoarse = catalog.train.isRounded && kind != .standard
    let known =
      looksLikeImages && kind == .unit
      ? nil : try ColumnStatistics(of: counted, sums: kind.sums, among: world)
    let extent = known?.counted
    let isConstant = extent.map { zip($0.minimum, $0.maximum).allSatisfy { $0 == $1 } } ?? false
    let weights = try rows.weights.flatMap {
      try RelativeWeights.relative(
        $0, isCounted: !isSurplus, rows: catalog.train.rows, among: world)
    }
    let scaling = try ColumnScaling(
      kind, of: counted, nil,
      try known ?? ColumnStatistics(of: counted, sums: kind.sums, among: world), among: world,
      ofConstants: 0)
    let foreign = try rows.test.flatMap {
      try scaling.foreignColumn(in: $0.data, of: catalog.test!, among: world)
    }
    let columnAdvice: [(any Advice)?] =
      catalog.advice(options) + [
        rows.training.mergedNumbers(of: catalog.train),
        isCoarse ? extent?.coarseness(of: catalog.train) : nil,
        kind == .none ? extent?.unevenness(of: catalog.train) : nil, foreign,
      ]
    return MLPData(
      catalog: catalog, assignment: assignment, training: rows.training,
      trainingTargets: trainingTargets, weights: weights,
      test: rows.test?.scalingTargets(by: targetScaling), outputs: targets.outputs,
      targets: targets.kind, loss: loss.configured(by: configuration),
      classNames: targets.classNames,
      advice: targets.advice + (isConstant ? [.constantRows(name: catalog.train.name)] : []),
      scaling: scaling, targetScaling: targetScaling,
      baseline: try TargetBaseline(
        trainingTargets, weights, outputs: targets.outputs, kind: targets.kind, loss: loss,
        isCounted: !isSurplus, among: world),
      columnAdvice: columnAdvice.compactMap { $0 }, configuration: configuration,
      fingerprint: rows.fingerprint)
  }
}

/// What is read for a training run, before values are chosen by it.
private struct MLPRows {
  let catalog: DataCatalog
  let assignment: RowAssignment
  let targets: TrainingTargets
  let training: RowBlock
  /// Those of the training rows that count: surplus ranks hold rows that others have, too.
  let counted: RowBlock
  /// How much training rows weigh, as files or the classes' sizes say; nil where nothing is asked for.
  let weights: [Double]?
  let test: EvaluationSet?
  let fingerprint: DataFingerprint
  /// What was asked for, with the batch chosen.
  let configuration: MLPConfiguration

  /// Whether this rank's rows are another's, too.
  var isSurplus: Bool { assignment.ownShards.isEmpty }

  /// Reads this rank's rows; collective.
  ///
  /// - Throws: `TrainerError(.badData)` or `.usage`, agreed upon by all ranks.
  init(
    _ options: DataCatalog.Options, _ asked: MLPConfiguration, topology: NodeTopology
  ) throws {
    let world = topology.world
    let catalog = try Activity.perform("opening the data") {
      try DataCatalog.open(options, topology: topology)
    }
    guard let targetSource = catalog.trainTargets else {
      throw world.failure(
        .usage,
        "\(catalog.train.nameHaving) no labels: name them with \(catalog.waysToNameLabels)")
    }
    try world.require(
      catalog.train.rows >= 1 && catalog.train.columns >= 1, .badData,
      "\(catalog.train.name) is empty: it has shape \(catalog.train.shape)")
    let configuration = asked
    let shards = VirtualShards(rows: catalog.train.rows, count: configuration.resolvedShards)
    var assignment = RowAssignment(
      shards: shards, validation: configuration.validation, seed: configuration.seed,
      rank: world.rank, ranks: world.size)
    try world.require(
      assignment.trainingCounts.reduce(0, +) > 0, .usage,
      "\(parameter: "validation") \(configuration.validation) leaves no row to train on")
    try world.require(
      configuration.validation == 0 || assignment.validationCounts.reduce(0, +) > 0, .usage,
      "\(parameter: "validation") \(configuration.validation) of \(catalog.train.rows.counted("row")) holds out none; "
        + "give a larger fraction")
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
        kind: configuration.targets, scale: configuration.targetScale ?? .standard,
        classes: configuration.classes, topology: topology)
    }
    if case .labels(let labels) = targets.own {
      assignment = try assignment.stratified(by: labels, classes: targets.outputs, among: world)
    }
    // Rows that surplus ranks hold twice count once.
    let isSurplus = assignment.ownShards.isEmpty
    let weights = try RelativeWeights.read(
      options, of: catalog.train, targets.own,
      classes: targets.kind == .oneClass ? targets.outputs : nil, assignment, topology: topology)
    let reader = TargetReader(
      kind: targets.kind, outputs: targets.outputs, offsets: targets.offsets,
      classNames: targets.classNames, topology: topology)
    let testTargets = try catalog.test.map { try reader.readShare(catalog.testTargets, of: $0) }
    // A scale that does not center is one of the numbers themselves.
    let isCentered = asked.scale ?? .standard == .standard
    let training = try Activity.perform("reading \(catalog.train.name)") {
      try isCentered
        ? catalog.train.readRowsLessOffsets(assignment.held, topology: topology)
        : catalog.train.readRows(assignment.held, topology: topology)
    }
    let test = try catalog.test.map {
      try EvaluationSet.read($0, testTargets!, less: training.offsets, topology: topology)
    }
    let counted =
      isSurplus
      ? try RowBlock(
        rows: 0..<0, columns: training.columns, element: training.element, name: "rows in memory")
      : training
    counted.offsets = training.offsets
    var parts = [
      DataFingerprint.Part(
        tag: "train", rows: counted, targets: targets.own.hashed(isCounted: !isSurplus))
    ]
    if let weights {
      let rows = try RowBlock(
        copying: isSurplus ? [] : weights.map { Float($0) }, columns: 1,
        firstRow: counted.rows.lowerBound)
      parts.append(DataFingerprint.Part(tag: "weights", rows: rows))
    }
    if let test {
      parts.append(
        DataFingerprint.Part(tag: "test", rows: test.data, targets: test.targets.hashed()))
    }
    fingerprint = try DataFingerprint(of: parts, among: world)
    (self.catalog, self.assignment, self.targets, self.weights, self.test) = (
      catalog, assignment, targets, weights, test
    )
    (self.training, self.counted, self.configuration) = (training, counted, configuration)
  }
}

extension EvaluationSet {
  /// Reads this rank's share of rows, less offsets of their columns; collective.
  ///
  /// - Parameter targets: those of the same rows.
  static func read(
    _ source: ArraySource, _ targets: RowTargets, less offsets: [Double], topology: NodeTopology
  ) throws -> EvaluationSet {
    let world = topology.world
    let held = heldRows(of: source.rows, rank: world.rank, ranks: world.size)
    let rows = try Activity.perform("reading \(source.name)") {
      try source.readRows(held, topology: topology, less: offsets)
    }
    return EvaluationSet(
      test: rows, targets: targets, rows: source.rows, rank: world.rank, ranks: world.size)
  }
}

extension TargetReader {
  /// Reads the targets of this rank's share of rows, none where there are none; collective.
  func readShare(_ targets: ArraySource?, of rows: ArraySource) throws -> RowTargets {
    guard let targets else { return .labels([]) }
    let held = EvaluationSet.heldRows(
      of: rows.rows, rank: topology.world.rank, ranks: topology.world.size)
    return try Activity.perform("reading \(targets.name)") { try read(targets, rows: held) }
  }
}

extension RowBlock {
  /// Whether the rows of all ranks are bytes as those of many images on a dark ground: of many columns a good part
  /// reaches beyond half of their range, while most are small, and neighbours are alike; collective.
  ///
  /// - Complexity: O(own elements); one all-reduce of a byte a column.
  fileprivate func looksLikeImages(among world: Communicator) throws -> Bool {
    guard element == .uint8, columns >= 64 else { return false }
    // The squares of all bytes, and of the steps from one to the next.
    var sums = [0, 0, count]
    var largest = [UInt8](repeating: 0, count: columns)
    let bytes = base.assumingMemoryBound(to: UInt8.self)
    for row in 0..<count {
      Progress.beat()
      largest.withUnsafeMutableBufferPointer { largest in
        let bytes = bytes + row * columns
        for column in 0..<columns { largest[column] = max(largest[column], bytes[column]) }
      }
      // Sums of a part fit 32 bits, in which loops are vectorised.
      for part in stride(from: 0, to: columns, by: 1 << 14) {
        let bytes = bytes + (row * columns + part)
        let end = min(columns - part, 1 << 14)
        var (squares, steps): (Int32, Int32) = (0, 0)
        for column in 0..<end { squares &+= Int32(bytes[column]) &* Int32(bytes[column]) }
        for column in (part == 0 ? 1 : 0)..<end {
          let step = Int32(bytes[column]) &- Int32(bytes[column &- 1])
          steps &+= step &* step
        }
        sums[0] &+= Int(squares)
        sums[1] &+= Int(steps)
      }
    }
    try world.allReduce(&sums, .sum)
    try world.allReduce(&largest, .maximum)
    // A quarter of the largest square: gradient descent at a rate of its own would diverge on bright rows. Columns that
    // have nothing to do with each other would differ by twice their squares.
    return sums[2] >= 10_000 && sums[0] / 255 / 255 < sums[2] * columns / 4
      && largest.count { $0 > 127 } >= columns / 4 && sums[1] < sums[0]
  }
}

extension RowTargets {
  /// The targets as the data's fingerprint takes them, of all rows or of none.
  fileprivate func hashed(isCounted: Bool = true) -> DataFingerprint.Targets {
    switch self {
    case .labels(let labels): .labels(isCounted ? labels : [])
    case .values(let values, let columns): .values(isCounted ? values : [], columns: columns)
    }
  }
}
