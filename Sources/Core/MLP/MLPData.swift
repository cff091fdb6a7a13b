import DTrainDist

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
  let loss: LossFunction
  let scaling: ColumnScaling
  let fingerprint: DataFingerprint

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
      throw world.unanimous(
        TrainerError(
          .usage,
          "\(catalog.train.name) has no labels: name them with --labels PATH or --label-column INDEX"
        ))
    }
    guard catalog.train.rows >= 1, catalog.train.columns >= 1 else {
      throw world.unanimous(
        TrainerError(
          .badData, "\(catalog.train.name) is empty: it has shape \(catalog.train.shape)"))
    }
    let shards = VirtualShards(rows: catalog.train.rows, count: configuration.resolvedShards)
    let assignment = RowAssignment(
      shards: shards, validation: configuration.validation, seed: configuration.seed,
      rank: world.rank, ranks: world.size)
    guard assignment.trainingCounts.reduce(0, +) > 0 else {
      throw world.unanimous(
        TrainerError(.usage, "--validation \(configuration.validation) leaves no row to train on"))
    }
    if configuration.validation > 0, assignment.validationCounts.reduce(0, +) == 0 {
      throw world.unanimous(
        TrainerError(
          .usage,
          "--validation \(configuration.validation) of \(catalog.train.rows) rows holds out none; "
            + "give a larger fraction"))
    }
    if let test = catalog.test, catalog.testTargets == nil {
      throw world.unanimous(
        TrainerError(
          .usage, "the test rows \(test.name) have no labels: name them with --test-labels PATH"))
    }
    let training = try Activity.perform("reading \(catalog.train.name)") {
      try catalog.train.readRows(assignment.held, topology: topology)
    }
    let loss = try Self.loss(configuration.loss, targets: targetSource, world: world)
    let targets = try TargetReader(loss: loss, topology: topology)
    let trainingTargets = try Activity.perform("reading \(targetSource.name)") {
      try targets.read(targetSource, rows: assignment.held)
    }
    let outputs = try targets.outputs(of: trainingTargets, source: targetSource)

    var test: EvaluationSet?
    var parts = [
      DataFingerprint.Part(tag: "train", rows: training, targets: trainingTargets.hashed)
    ]
    if let source = catalog.test, let sourceTargets = catalog.testTargets, source.rows > 0 {
      let held = EvaluationSet.heldRows(of: source.rows, rank: world.rank, ranks: world.size)
      let rows = try Activity.perform("reading \(source.name)") {
        try source.readRows(held, topology: topology)
      }
      let testTargets = try Activity.perform("reading \(sourceTargets.name)") {
        try targets.read(sourceTargets, rows: held)
      }
      try targets.check(
        testTargets, source: sourceTargets, first: held.lowerBound, outputs: outputs)
      test = EvaluationSet(
        test: rows, targets: testTargets, rows: source.rows, rank: world.rank, ranks: world.size)
      parts.append(DataFingerprint.Part(tag: "test", rows: rows, targets: testTargets.hashed))
    }
    let kind = configuration.scale ?? (catalog.train.element == .uint8 ? .unit : .none)
    // Rows that surplus ranks hold twice count once.
    let counted = assignment.ownShards.isEmpty ? try training.empty() : training
    parts[0] = DataFingerprint.Part(
      tag: "train", rows: counted,
      targets: assignment.ownShards.isEmpty
        ? trainingTargets.empty.hashed : trainingTargets.hashed)
    return MLPData(
      catalog: catalog, assignment: assignment, training: training,
      trainingTargets: trainingTargets, test: test, outputs: outputs,
      targets: targets.kind(of: trainingTargets), loss: loss,
      scaling: try ColumnScaling(kind, of: counted, among: world),
      fingerprint: try DataFingerprint(of: parts, among: world))
  }

  /// The loss that was asked for, or the one that fits the targets' type.
  private static func loss(
    _ wanted: LossFunction?, targets: ArraySource, world: Communicator
  ) throws -> LossFunction {
    let isFloat = targets.storedType.hasPrefix("float")
    if let wanted {
      if wanted == .softmaxCrossEntropy, targets.columns > 1 {
        throw world.unanimous(
          TrainerError(
            .usage,
            "--loss softmax-ce takes one class a row, but \(targets.name) has shape "
              + "\(targets.shape); use --loss sigmoid-ce for several"))
      }
      return wanted
    }
    return isFloat && targets.columns == 1 ? .squared : .sigmoidCrossEntropy
  }
}

/// Reads targets as the loss wants them: classes, a matrix of 0 and 1, or numbers.
struct TargetReader {
  private let loss: LossFunction
  private let topology: NodeTopology

  init(loss: LossFunction, topology: NodeTopology) throws {
    self.loss = loss
    self.topology = topology
  }

  /// Whether an array holds classes, one a row: integers, or any type for a softmax.
  private func isLabels(_ source: ArraySource) -> Bool {
    source.columns == 1
      && (loss == .softmaxCrossEntropy || loss == .sigmoidCrossEntropy
        || !source.storedType.hasPrefix("float"))
      && loss != .squared
  }

  /// Reads this rank's targets; collective.
  func read(_ source: ArraySource, rows: Range<Int>) throws -> RowTargets {
    if isLabels(source) {
      let labels = try source.readLabels(rows, topology: topology)
      try topology.world.agree {
        if let bad = labels.firstIndex(where: { $0 < 0 }) {
          throw TrainerError(
            .badData,
            "\(source.name): label \(labels[bad]) in row \(rows.lowerBound + bad) (counted from 0) is "
              + "negative; classes are numbered from 0")
        }
      }
      return .labels(labels)
    }
    let values = try source.readValues(rows, topology: topology)
    if loss == .sigmoidCrossEntropy {
      try topology.world.agree {
        if let bad = values.firstIndex(where: { $0 != 0 && $0 != 1 }) {
          throw TrainerError(
            .badData,
            "\(source.name): \(values[bad]) in row \(rows.lowerBound + bad / source.columns), column "
              + "\(bad % source.columns) (counted from 0) is neither 0 nor 1; use --loss squared for "
              + "numbers")
        }
      }
    }
    return .values(values, columns: source.columns)
  }

  /// The number of outputs that the training targets ask for; collective.
  func outputs(of targets: RowTargets, source: ArraySource) throws -> Int {
    guard case .labels(let labels) = targets else { return source.columns }
    let largest = try topology.world.allReduce(Int(labels.max() ?? -1), .maximum)
    guard largest < 1_000_000 else {
      throw topology.world.unanimous(
        TrainerError(
          .badData,
          "\(source.name): label \(largest) would make \(largest + 1) classes; number the classes from "
            + "0, or use --loss squared for numbers"))
    }
    return largest + 1
  }

  /// Checks targets against a network's outputs; collective.
  func check(
    _ targets: RowTargets, source: ArraySource, first: Int, outputs: Int
  ) throws {
    try topology.world.agree {
      switch targets {
      case .labels(let labels):
        if let bad = labels.firstIndex(where: { $0 >= outputs }) {
          throw TrainerError(
            .badData,
            "\(source.name): label \(labels[bad]) in row \(first + bad) (counted from 0) is outside the "
              + "\(outputs) classes, 0 to \(outputs - 1)")
        }
      case .values(_, let columns):
        if columns != outputs {
          throw TrainerError(
            .badData, "\(source.name) has \(columns) targets a row where \(outputs) are expected")
        }
      }
    }
  }

  /// What the targets that were read are.
  func kind(of targets: RowTargets) -> TargetKind {
    if case .labels = targets { return .oneClass }
    return loss == .sigmoidCrossEntropy ? .labels : .numbers
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
