/// Applying a trained network to rows.
public enum MLPInference {
  /// What is written for each row.
  public enum Output: String, CaseIterable, Sendable {
    /// The class (int32 `[rows]`); of several labels 0 or 1 (int32 `[rows, labels]`); or the numbers (float32, or
    /// float64 where the targets had offsets; `[rows]` for one a row, else `[rows, outputs]`).
    case labels
    /// The probability of each class or label, float32 `[rows, outputs]`: those of classes add up to 1.
    case probabilities
    /// What the network gives, float32 `[rows, outputs]`: the outputs after sigmoid or softmax, or numbers.
    case outputs
    /// The outputs before that, of numbers in the scale that the network was trained in.
    case logits

    /// What columns of it are called in a table.
    fileprivate func columnName(of targets: TargetKind) -> String {
      switch (self, targets) {
      case (.labels, .labels): "label"
      case (.labels, _): "prediction"
      case (.probabilities, .oneClass): "class"
      case (.probabilities, _): "label"
      case (.outputs, _): "output"
      case (.logits, _): "logit"
      }
    }
  }

  /// Writes a model's outputs for each row to `output`, NPY or, by its name, CSV; collective.
  ///
  /// - Parameters:
  ///   - numbersRows: whether a table begins with the numbers of the rows.
  ///   - advise: told of what a user should know; on rank 0.
  /// - Returns: the name of the rows' file, their number, what the model's targets are, and the names of its classes, in
  ///   the order of their numbers, where they have some.
  /// - Throws: `TrainerError`, agreed upon by all ranks.
  public static func predict(
    model path: String, data options: DataCatalog.Options, output: String, kind: Output,
    numbersRows: Bool = false, world: Communicator,
    advise: @escaping (any Advice) -> Void = { _ in }
  ) throws -> (name: String, rows: Int, targets: TargetKind, classNames: [String]) {
    let pass = try ModelPass(model: path, on: NodeTopology(of: world), advise: advise)
    let (model, world) = (pass.model, pass.topology.world)
    try world.require(
      kind != .probabilities || model.loss.probabilities != nil, .usage,
      "\(parameter: "predict") probabilities: this model was trained with \(parameter: "loss") \(model.loss); its outputs are "
        + "numbers (\(parameter: "predict") labels)")
    // A row without a prediction would shift those behind it.
    let (source, _, ids, _) = try pass.open(options, dropsMissing: false)
    let set = try pass.read(source, targets: nil)
    let columns = kind == .labels && model.targets == .oneClass ? 1 : model.network.outputs
    let isInteger = kind == .labels && model.targets != .numbers
    var values: [Float] = []
    let parts = set.parts(for: model.network)
    Activity.perform("predicting") {
      for (place, (_, block)) in parts.enumerated() {
        Activity.advance(place, of: parts.count)
        let logits = pass.forward(set, block)
        switch kind {
        case .labels where model.targets == .oneClass:
          values += logits.map { Float($0.argmax) }
        case .labels where model.targets == .labels:
          values += logits.joined().map { $0 > 0 ? 1 : 0 }
        case .probabilities: values += pass.probabilities(count: block.count)
        case .labels, .outputs: values += pass.outputs(count: block.count)
        case .logits: values += logits.joined()
        }
      }
    }
    let rowNames = try ids.map { try $0.readNames(set.data.rows, topology: pass.topology) }
    try Activity.perform("writing \(output)") {
      try RowWriter(
        path: output, rows: source.rows,
        names: .init(
          WrittenColumns.numbered(
            kind.columnName(of: model.targets), columns, isVector: kind == .labels && columns == 1,
            classes: model.classNames),
          texts: isInteger ? model.classNames : [], numbersRows: numbersRows,
          rowNames: rowNames.map { $0.column ?? "id" }),
        isVector: kind == .labels && columns == 1, isInteger: isInteger,
        offsets: kind == .labels || kind == .outputs ? model.targetScaling?.offsets ?? [] : [],
        rowNames: rowNames?.values ?? [], isDurable: false
      ).write(values, among: pass.topology)
    }
    return (source.name, source.rows, model.targets, model.classNames)
  }

  /// Scores a model on labelled rows: loss, and accuracy, confusion matrix, precision and recall of each
  /// class or label, or how far numbers are off; collective.
  ///
  /// Where there are weights, each row counts as much as it weighs, but for `rows` and `errors`.
  ///
  /// - Parameters:
  ///   - output: a JSON file to write as well, or nil.
  ///   - advise: told of what a user should know; on rank 0.
  /// - Returns: the report, on every rank.
  /// - Throws: `TrainerError`, agreed upon by all ranks.
  public static func evaluate(
    model path: String, data options: DataCatalog.Options, output: String?, world: Communicator,
    advise: @escaping (any Advice) -> Void = { _ in }
  ) throws -> JSON {
    let pass = try ModelPass(model: path, on: NodeTopology(of: world), advise: advise)
    let (model, world) = (pass.model, pass.topology.world)
    let (source, targets, _, ways) = try pass.open(options)
    guard let targets else {
      throw world.failure(
        .usage,
        "\(source.nameHaving) no labels to score against: name them with \(ways)")
    }
    var set = try pass.read(source, targets: targets)
    let weights =
      options.weights.isEmpty
      ? nil
      : try RowWeights(options, rows: set.data.rows, of: source, topology: pass.topology)
    (set.weights, set.weighsErrors) = (weights?.values, weights != nil)
    let evaluation = try Activity.perform("evaluating") {
      try pass.evaluator.evaluate(set, parameters: model.parameters, among: world)
    }
    var report: [JSON.Member] = [
      .init("data", .string(source.name)), .init("rows", .integer(source.rows)),
      .init("loss_function", .string(model.loss.name)), .init("loss", .number(evaluation.loss)),
    ]
    if let weights { report.append(.init("total_weight", .number(weights.total))) }
    let summable = weights?.summable
    // Of the rows that are predicted right.
    var right = 0.0
    func accuracy(_ name: String) throws -> [JSON.Member] {
      right = try world.allReduce(right, .sum)
      return [
        .init(name, .number(weights.map { right / $0.total } ?? evaluation.accuracy)),
        .init("errors", .integer(evaluation.wrong)),
      ]
    }
    switch set.targets {
    case .labels(let labels):
      var confusion = ConfusionMatrix(
        classes: model.network.outputs, names: model.classNames)
      for (_, block) in set.parts(for: model.network) {
        let predicted = pass.forward(set, block).map(\.argmax)
        for (index, label) in predicted.enumerated() {
          let row = block.first + index
          let (actual, weight) = (Int(labels[row]), summable?[row] ?? 1)
          confusion.count(actual: actual, predicted: label, weight: weight)
          right += actual == label ? weight : 0
        }
      }
      try confusion.combine(among: world)
      report += try accuracy("accuracy") + confusion.report
    case .values(let values, let columns) where model.targets == .labels:
      var counts = PredictionCounts(count: columns)
      for (_, block) in set.parts(for: model.network) {
        for (index, logits) in pass.forward(set, block).enumerated() {
          let row = block.first + index
          let targets = values[(row * columns)...].prefix(columns)
          let weight = summable?[row] ?? 1
          for (label, (logit, target)) in zip(logits, targets).enumerated() {
            counts.count(
              label, isActual: target == 1, isPredicted: logit > 0, weight: weight)
          }
          right += zip(logits, targets).allSatisfy { ($0 > 0) == ($1 == 1) } ? weight : 0
        }
      }
      try counts.combine(among: world)
      report +=
        try accuracy("exact_match_accuracy") + [.init("per_label", counts.report("label"))]
    case .values:
      report += evaluation.regression?.report ?? []
    }
    let document = JSON.object(report)
    if let output {
      try Activity.perform("writing \(output)") {
        _ = try world.onRoot { try AtomicFile.write(Array(document.pretty.utf8), to: output) }
      }
    }
    return document
  }
}

extension Regression {
  /// As members of a report.
  fileprivate var report: [JSON.Member] {
    func list(_ values: [Double]) -> JSON { .array(values.map { .number($0) }) }
    let squares = rootMeanSquaredErrors.map { $0 * $0 }
    return [
      .init("rmse", .number(rmse)), .init("mae", .number(mae)), .init("r2", .number(r2)),
      .init("squared_error", .number(squares.reduce(0, +))),
      .init("rmse_per_output", list(rootMeanSquaredErrors)),
      .init("mae_per_output", list(meanAbsoluteErrors)),
      .init("r2_per_output", list(determinations)),
      .init("squared_error_per_output", list(squares)),
    ]
  }
}

extension ArraySlice<Float> {
  /// The position of the largest element, the first of equals.
  fileprivate var argmax: Int {
    var best = startIndex
    for index in indices where self[index] > self[best] { best = index }
    return best - startIndex
  }
}

/// A model, the rows that it is applied to, and its outputs, block by block.
private struct ModelPass {
  let topology: NodeTopology
  let model: MLPModel
  let evaluator: Evaluator
  private let kernels: KernelTable
  private let advise: (any Advice) -> Void

  /// Reads a model; collective.
  init(
    model path: String, on topology: NodeTopology, advise: @escaping (any Advice) -> Void
  ) throws {
    self.advise = advise
    self.topology = topology
    let kernels = try topology.world.agree { try KernelTable.readyForProducts() }
    let model = try Activity.perform("reading the model") {
      try MLPModel.read(path, among: topology.world)
    }
    self.model = model
    self.kernels = kernels
    evaluator = Evaluator(
      network: model.network, loss: model.loss, scaling: model.scaling,
      targetScaling: model.targetScaling, kernels: kernels)
  }

  /// The rows a command works on, with their targets if there are some: the test rows of data that has
  /// them, else all; collective.
  ///
  /// - Parameter dropsMissing: whether rows with missing values are left out where they were in training.
  func open(
    _ options: DataCatalog.Options, dropsMissing: Bool = true
  ) throws -> (
    rows: ArraySource, targets: ArraySource?, ids: ArraySource?, waysToNameLabels: String
  ) {
    var options = options
    options.schema = model.schema
    if !dropsMissing { options.schema?.dropsMissing = false }
    let catalog = try Activity.perform("opening the data") {
      try DataCatalog.open(options, topology: topology)
    }
    if topology.world.isRoot { catalog.advice(options).forEach(advise) }
    let ways = catalog.waysToNameLabels
    return catalog.test.map { ($0, catalog.testTargets, nil, ways) }
      ?? (catalog.train, catalog.trainTargets, catalog.ids, ways)
  }

  /// Reads this rank's share of rows that fit the model; collective.
  func read(_ source: ArraySource, targets: ArraySource?) throws -> EvaluationSet {
    let source = try source.widened(to: model.network.features)
    try topology.world.require(
      source.columns == model.network.features, .badData,
      "\(source.nameHaving) \(source.columns.counted("column")), but the model takes "
        + "\(model.network.features); give the columns that it was trained on")
    try topology.world.require(
      source.rows > 0, .badData, "\(source.nameHaving) no rows; give at least one")
    let reader = TargetReader(
      kind: model.targets, outputs: model.network.outputs,
      offsets: model.targetScaling?.offsets ?? [], classNames: model.classNames, topology: topology)
    let set = try EvaluationSet.read(
      source, reader.readShare(targets, of: source), less: model.scaling.offsets,
      topology: topology
    ).scalingTargets(by: model.targetScaling)
    let foreign = try model.scaling.foreignColumn(
      in: set.data, of: source, among: topology.world)
    if let foreign, topology.world.isRoot { advise(foreign) }
    return set
  }

  /// The logits of a part of a block, a slice a row.
  func forward(
    _ set: EvaluationSet, _ rows: EvaluationSet.BlockRows
  ) -> [ArraySlice<Float>] {
    precondition(rows.list == nil, "a listed block has no first row")
    evaluator.forward(set, rows, model.parameters)
    return lastLayer(count: rows.count)
  }

  /// What the network gives for the rows last passed to `forward`: after sigmoid or softmax, or numbers in their own
  /// units, less the targets' offsets.
  func outputs(count: Int) -> [Float] {
    model.loss.probabilities?(evaluator.logits(count: count), kernels)
    let values = Array(lastLayer(count: count).joined())
    return model.targetScaling?.unscaled(values) ?? values
  }

  /// The same, of classes as ``Loss/shares(of:)`` has them.
  func probabilities(count: Int) -> [Float] {
    let values = outputs(count: count)
    guard model.targets == .oneClass else { return values }
    let classes = model.network.outputs
    return stride(from: 0, to: values.count, by: classes).flatMap {
      Loss.shares(of: values[$0..<$0 + classes])
    }
  }

  private func lastLayer(count: Int) -> [ArraySlice<Float>] {
    let logits = evaluator.logits(count: count)
    return (0..<count).map { row in
      ArraySlice(
        UnsafeBufferPointer(start: logits.base + row * logits.stride, count: logits.outputs))
    }
  }
}
