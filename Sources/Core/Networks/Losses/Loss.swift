/// What is minimised, computed from the logits of the last layer; see `docs/MATH.md`.
public struct Loss: Choice {
  /// Those there are. Where none is asked for, the first that fits the targets is taken.
  public static let all: [Loss] = [
    .sigmoidCrossEntropy,
    .softmaxCrossEntropy,
    .squared,
    .huber,
  ]

  /// Turns logits into the gradient in them.
  ///
  /// Returns the loss, summed over the rows, and the number of rows whose prediction is wrong, 0 where targets are
  /// numbers.
  typealias Differentiate =
    @Sendable (
      _ logits: Logits, _ targets: BatchTargets, _ options: [String: Double],
      _ kernels: KernelTable
    ) -> (loss: Double, wrong: Int)

  /// What it is called on the command line and in files.
  public let name: String
  /// Its options: their defaults, or the values of a run or a model.
  private(set) var options: [String: Double]
  private let read: @Sendable (MLPConfiguration) -> [String: Double]
  private let kinds: [TargetKind]
  private let differentiate: Differentiate
  /// Turns logits into probabilities, in place; nil where outputs are numbers.
  let probabilities: (@Sendable (Logits, KernelTable) -> Void)?
  /// How other programs know what makes outputs of logits.
  let output: KnownFunction

  /// - Parameters:
  ///   - kinds: the targets that it can be taken of.
  ///   - options: those that it reads of a configuration, by the names of their declarations; a model records them
  ///     too.
  ///   - output: what makes outputs of logits.
  init(
    name: String, fits kinds: [TargetKind], output: KnownFunction = .identity,
    options: @escaping @Sendable (MLPConfiguration) -> [String: Double] = { _ in [:] },
    probabilities: (@Sendable (Logits, KernelTable) -> Void)? = nil,
    differentiate: @escaping Differentiate
  ) {
    self.name = name
    self.kinds = kinds
    self.differentiate = differentiate
    self.probabilities = probabilities
    self.output = output
    read = options
    self.options = options(MLPConfiguration())
  }

  /// A loss whose gradient kernels compute: of classes, of a matrix of targets, or of either.
  init(
    name: String, fits kinds: [TargetKind], output: KnownFunction = .identity,
    probabilities: (@Sendable (Logits, KernelTable) -> Void)? = nil,
    kernels ofClasses: (@Sendable (KernelTable) -> KernelTable.LabelLoss)?,
    _ ofTargets: (@Sendable (KernelTable) -> KernelTable.TargetLoss)? = nil
  ) {
    self.init(name: name, fits: kinds, output: output, probabilities: probabilities) {
      z, targets, _, kernels in
      var (loss, wrong) = (0.0, 0)
      if targets.areClasses {
        ofClasses!(kernels)(
          logits: z.base, stride: z.stride, rows: z.rows, columns: z.outputs,
          labels: targets.classes, coefficients: [], loss: &loss, wrong: &wrong)
      } else {
        ofTargets!(kernels)(
          logits: z.base, stride: z.stride, rows: z.rows, columns: z.outputs,
          targets: targets.values, targetStride: targets.columns, coefficients: [], loss: &loss,
          wrong: &wrong)
      }
      return (loss, wrong)
    }
  }

  /// The names of its options.
  public var uses: [String] { options.keys.sorted() }

  /// Whether both are the same function.
  public static func == (a: Loss, b: Loss) -> Bool {
    a.name == b.name && a.options == b.options
  }

  /// Whether it can be taken of such targets.
  func fits(_ targets: TargetKind) -> Bool { kinds.contains(targets) }

  /// The loss of such targets where none is asked for.
  static func standard(for targets: TargetKind) -> Loss { all.first { $0.fits(targets) }! }

  /// This loss with its options as a configuration has them.
  func configured(by configuration: MLPConfiguration) -> Loss {
    var loss = self
    loss.options = read(configuration)
    return loss
  }

  /// This loss with its options as a model recorded them; nil where one is missing or has a value that no run can have.
  func configured(by metadata: [String: String]) -> Loss? {
    var configuration = MLPConfiguration()
    for option in MLPConfiguration.table.options where options.keys.contains(option.name) {
      guard let text = metadata[option.name], option.set(&configuration, text),
        option.fault(configuration) == nil
      else { return nil }
    }
    return configured(by: configuration)
  }

  /// The loss a row of the best prediction that is the same for all rows, where targets are no numbers.
  ///
  /// - Parameter shares: of the rows that have each class or label.
  func ofShares(_ shares: [Double], kind: TargetKind) -> Double {
    func entropy(_ p: Double) -> Double { p > 0 ? -p * PortableMath.log(p) : 0 }
    return switch output {
    case .softmax: shares.reduce(0) { $0 + entropy($1) }
    case .sigmoid: shares.reduce(0) { $0 + entropy($1) + entropy(1 - $1) }
    default: ofZeros(outputs: shares.count, kind: kind)
    }
  }

  /// The loss a row of outputs that are all 0, as of a network that has not learned yet, where targets are no numbers.
  func ofZeros(outputs: Int, kind: TargetKind) -> Double {
    let targets: RowTargets =
      kind == .oneClass
      ? .labels([0]) : .values([Float](repeating: 0, count: outputs), columns: outputs)
    var logits = [Float](repeating: 0, count: outputs)
    return logits.withUnsafeMutableBufferPointer {
      differentiate(
        Logits(base: $0.baseAddress!, stride: outputs, rows: 1, outputs: outputs),
        BatchTargets(capacity: 1, like: targets), .shared
      ).loss
    }
  }

  /// The probabilities of classes, which add up to 1.
  ///
  /// - Parameter logits: of one row.
  func classProbabilities(_ logits: [Float], _ kernels: KernelTable) -> [Float] {
    precondition(fits(.oneClass), "\(name) of classes")
    var values = logits
    values.withUnsafeMutableBufferPointer {
      let row = Logits(base: $0.baseAddress!, stride: $0.count, rows: 1, outputs: $0.count)
      probabilities?(row, kernels)
    }
    return Self.shares(of: values[...])
  }

  /// The outputs of classes divided by their sum, as one-vs-rest classifiers do; where all are 0 they are equal.
  static func shares(of outputs: ArraySlice<Float>) -> [Float] {
    let sum = outputs.reduce(0.0) { $0 + Double($1) }
    return outputs.map { sum > 0 ? Float(Double($0) / sum) : 1 / Float(outputs.count) }
  }

  /// Turns logits into the gradient in them, each row's times its weight; returns the loss, summed over the rows as
  /// often as they weigh, the number of rows whose prediction is wrong, and what these weigh.
  func differentiate(
    _ logits: Logits, _ targets: BatchTargets, _ kernels: KernelTable
  ) -> (loss: Double, wrong: Int, wrongWeight: Double) {
    precondition(
      targets.areClasses ? fits(.oneClass) : fits(.labels) || fits(.numbers),
      "\(name) of other targets")
    guard !targets.weights.isEmpty else {
      let (loss, wrong) = differentiate(logits, targets, options, kernels)
      return (loss, wrong, Double(wrong))
    }
    var sum = (loss: 0.0, wrong: 0, wrongWeight: 0.0)
    for row in 0..<logits.rows {
      let gradient = logits.row(row)
      let part = differentiate(gradient, targets.row(row), options, kernels)
      let weight = targets.weights[row]
      sum.loss += Double(weight) * part.loss
      sum.wrong += part.wrong
      sum.wrongWeight += Double(weight) * Double(part.wrong)
      for output in 0..<logits.outputs { gradient.base[output] *= weight }
    }
    return sum
  }
}

/// The outputs of the last layer for some rows, `[rows, outputs]`.
struct Logits {
  let base: UnsafeMutablePointer<Float>
  /// Elements from a row to the next.
  let stride: Int
  let rows: Int
  let outputs: Int

  /// Those of one row.
  func row(_ row: Int) -> Logits {
    Logits(base: base + row * stride, stride: stride, rows: 1, outputs: outputs)
  }
}
