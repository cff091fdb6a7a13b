/// What the predictions for a set of rows look like, in bounded size: what `evaluation.json` says.
///
/// Each rank adds the rows that it evaluates; ``document(epoch:target:among:)`` puts them together. The document has the
/// same bytes for any number of ranks.
final class PredictionReview {
  /// The file in a run directory.
  static let fileName = "evaluation.json"
  /// More classes get no matrix, and more labels no counts.
  static let mostClasses = 100

  /// Which rows of a run are reviewed.
  enum Rows: String {
    case training, validation, test
  }

  private let rows: Rows
  private let set: EvaluationSet
  private let targets: TargetKind
  private let outputs: Int
  private let classNames: [String]
  /// Of rows that have one class of several; the matrix of up to ``mostClasses``.
  private var confusion: ConfusionMatrix?
  private var confused: ConfusedRows?
  /// Of several labels a row.
  private var counts: PredictionCounts?
  /// Of numbers.
  private var regression: RegressionReview?

  /// A review of a set, before any row is added.
  ///
  /// - Parameters:
  ///   - set: the rows, their targets scaled as those of `data` are.
  ///   - data: what the run trains on: how targets are scaled, and what classes are called.
  init(of rows: Rows, _ set: EvaluationSet, _ data: MLPData, kernels: KernelTable) {
    (self.rows, self.set) = (rows, set)
    (targets, outputs, classNames) = (data.targets, data.outputs, data.classNames)
    let isSmall = outputs <= Self.mostClasses
    switch targets {
    case .oneClass:
      confusion = isSmall ? ConfusionMatrix(classes: outputs, names: classNames) : nil
      confused = ConfusedRows(
        of: set.data, shape: data.catalog.train.rowShape, loss: data.loss, kernels: kernels)
    case .labels: counts = isSmall ? PredictionCounts(count: outputs) : nil
    case .numbers:
      regression = RegressionReview(
        rows: set.rowCount, outputs: outputs,
        scaling: data.targetScaling
          ?? ColumnScaling(
            kind: .none, shift: [Float](repeating: 0, count: outputs),
            factor: [Float](repeating: 1, count: outputs)))
    }
  }

  /// Adds rows that were evaluated: each row of the set is added once, on one rank.
  ///
  /// - Parameters:
  ///   - logits: what the network gives for them.
  ///   - targets: theirs.
  ///   - part: where they are in the set.
  /// - Complexity: O(rows · outputs).
  func add(_ logits: Logits, _ targets: BatchTargets, _ part: EvaluationSet.BlockRows) {
    for row in 0..<logits.rows {
      let outputs = UnsafeBufferPointer(
        start: UnsafePointer(logits.base + row * logits.stride), count: logits.outputs)
      switch self.targets {
      case .oneClass:
        let (actual, predicted) = (Int(targets.classes[row]), outputs.firstMaximum)
        confusion?.count(actual: actual, predicted: predicted)
        if actual != predicted {
          confused?.add(
            row: part.row(row), actual: actual, predicted: predicted, logits: outputs)
        }
      case .labels:
        for label in 0..<self.outputs {
          counts?.count(
            label, isActual: targets.values[row * targets.columns + label] == 1,
            isPredicted: outputs[label] > 0)
        }
      case .numbers:
        let first = row * targets.columns
        regression?.add(
          row: set.data.rows.lowerBound + part.row(row), position: part.position + row,
          predicted: outputs, actual: targets.values[first..<first + targets.columns])
      }
    }
  }

  /// The document of the rows that all ranks added; collective.
  ///
  /// - Parameters:
  ///   - epoch: the epoch whose parameters made the predictions.
  ///   - target: the name of the column of targets; nil for none.
  func document(epoch: Int, target: String?, among world: Communicator) throws(MPIError) -> JSON {
    var members: [JSON.Member] = [
      .init("format", 1), .init("rows_of", .string(rows.rawValue)),
      .init("rows", .integer(set.rowCount)), .init("epoch", .integer(epoch)),
      .init("targets", .string(targets.optionText)), .init("outputs", .integer(outputs)),
    ]
    if let target { members.append(.init("target", .string(target))) }
    if confusion != nil {
      try confusion!.combine(among: world)
      members += confusion!.report
    }
    if let confused { members += try confused.report(classNames: classNames, among: world) }
    if counts != nil {
      try counts!.combine(among: world)
      members.append(.init("per_label", counts!.report("label")))
    }
    if let regression { members += try regression.report(among: world) }
    return .object(members)
  }
}

extension UnsafeBufferPointer<Float> {
  /// The position of the largest element, the first of equals.
  fileprivate var firstMaximum: Int {
    var best = 0
    for index in indices where self[index] > self[best] { best = index }
    return best
  }
}
