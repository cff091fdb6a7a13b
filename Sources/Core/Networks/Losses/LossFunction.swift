import KernelTable

/// What is minimised, computed from the logits of the last layer; see MATH.md.
public enum LossFunction: String, CaseIterable, Sendable {
  /// Sigmoid outputs and cross-entropy of each, which allows several ones a row.
  case sigmoidCrossEntropy = "sigmoid-ce"
  /// Softmax outputs and cross-entropy.
  case softmaxCrossEntropy = "softmax-ce"
  /// Identity outputs and half the squared error.
  case squared

  /// Whether it can be taken of such targets.
  func fits(_ targets: TargetKind) -> Bool {
    switch self {
    case .sigmoidCrossEntropy: targets != .numbers
    case .softmaxCrossEntropy: targets == .oneClass
    case .squared: targets == .numbers
    }
  }
}

/// What a row's targets are.
public enum TargetKind: String, Sendable {
  /// One class of several.
  case oneClass = "class"
  /// Any of several labels, each 0 or 1.
  case labels
  /// Numbers.
  case numbers
}

/// What the rows of a block should come out as, in the block's order.
public enum RowTargets: Sendable {
  /// One class a row, in `0..<outputs`.
  case labels([Int32])
  /// Numbers, `[rows, columns]` row-major.
  case values([Float], columns: Int)

  /// The number of rows.
  package var rows: Int {
    switch self {
    case .labels(let labels): labels.count
    case .values(let values, let columns): columns == 0 ? 0 : values.count / columns
    }
  }
}

/// The targets of one micro-batch, gathered.
struct BatchTargets {
  private(set) var labels: [Int32]
  private(set) var values: [Float]
  private let columns: Int

  init(capacity: Int, like targets: RowTargets) {
    switch targets {
    case .labels:
      labels = [Int32](repeating: 0, count: capacity)
      values = []
      columns = 0
    case .values(_, let columns):
      labels = []
      values = [Float](repeating: 0, count: capacity * columns)
      self.columns = columns
    }
  }

  /// Copies the targets of chosen rows, or of `count` rows from `first` when `rows` is nil.
  mutating func gather(
    _ targets: RowTargets, rows: UnsafePointer<Int32>?, first: Int, count: Int
  ) {
    switch targets {
    case .labels(let all):
      for index in 0..<count { labels[index] = all[rows.map { Int($0[index]) } ?? first + index] }
    case .values(let all, let columns):
      for index in 0..<count {
        let row = rows.map { Int($0[index]) } ?? first + index
        for column in 0..<columns {
          values[index * columns + column] = all[row * columns + column]
        }
      }
    }
  }

  /// Turns logits `[count, outputs]` into their gradient; adds the loss and the number of wrong rows.
  func apply(
    _ loss: LossFunction, _ kernels: KernelTable, logits: UnsafeMutablePointer<Float>, stride: Int,
    count: Int, outputs: Int, lossSum: inout Double, wrong: inout Int
  ) {
    let isLabelled = columns == 0
    switch loss {
    case .sigmoidCrossEntropy where isLabelled:
      kernels.labelLosses.sigmoidCrossEntropy(
        logits: logits, stride: stride, rows: count, columns: outputs, labels: labels,
        coefficients: [], loss: &lossSum, wrong: &wrong)
    case .sigmoidCrossEntropy:
      kernels.targetLosses.sigmoidCrossEntropy(
        logits: logits, stride: stride, rows: count, columns: outputs, targets: values,
        targetStride: columns, coefficients: [], loss: &lossSum, wrong: &wrong)
    case .softmaxCrossEntropy:
      precondition(isLabelled, "softmax cross-entropy takes class labels")
      kernels.labelLosses.softmaxCrossEntropy(
        logits: logits, stride: stride, rows: count, columns: outputs, labels: labels,
        coefficients: [], loss: &lossSum, wrong: &wrong)
    case .squared:
      precondition(!isLabelled, "squared error takes numbers")
      kernels.targetLosses.squaredError(
        logits: logits, stride: stride, rows: count, columns: outputs, targets: values,
        targetStride: columns, coefficients: [], loss: &lossSum, wrong: &wrong)
    }
  }
}
