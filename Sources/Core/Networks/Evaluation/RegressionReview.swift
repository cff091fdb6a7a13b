/// Predicted numbers beside the targets: some rows one by one, and how the residuals of all rows are distributed.
struct RegressionReview {
  /// The most rows that are shown, those where there are many outputs, and the most outputs.
  private static let mostRows = 1000, fewestRows = 250, mostOutputs = 16
  /// The most pairs of numbers, but for ``fewestRows``.
  private static let mostPairs = 4000

  private let rows: Int
  private let scaling: ColumnScaling
  /// How many outputs are shown: the first ones.
  private let outputs: Int
  /// How many rows are shown, spread evenly over the set.
  private let shown: Int
  /// `[shown]`; 0 for those of other ranks.
  private var numbers: [Int]
  /// `[2, outputs, shown]`: targets and predictions in their own units; 0 for those of other ranks.
  private var values: [Double]
  /// Of each output.
  private var residuals: [ResidualHistogram]

  /// - Parameters:
  ///   - rows: how many the set has, on all ranks.
  ///   - scaling: of the targets, a column an output.
  init(rows: Int, outputs: Int, scaling: ColumnScaling) {
    (self.rows, self.scaling) = (rows, scaling)
    self.outputs = min(outputs, Self.mostOutputs)
    shown = min(rows, Self.mostRows, max(Self.fewestRows, Self.mostPairs / self.outputs))
    numbers = [Int](repeating: 0, count: shown)
    values = [Double](repeating: 0, count: 2 * self.outputs * shown)
    residuals = [ResidualHistogram](repeating: ResidualHistogram(), count: self.outputs)
  }

  /// Adds a row.
  ///
  /// - Parameters:
  ///   - row: its number in its file.
  ///   - position: its place among the rows of the set.
  ///   - predicted: scaled numbers, `[all outputs]`.
  ///   - actual: the scaled targets.
  mutating func add(
    row: Int, position: Int, predicted: UnsafeBufferPointer<Float>, actual: ArraySlice<Float>
  ) {
    for output in 0..<outputs {
      let residual = Double(predicted[output]) - Double(actual[actual.startIndex + output])
      residuals[output].add(residual / Double(scaling.factor[output]))
    }
    // The rows at i · rows / shown.
    let place = (position * shown + rows - 1) / rows
    guard place < shown, place * rows / shown == position else { return }
    numbers[place] = row
    let (targets, predictions) = (own(Array(actual)), own(Array(predicted)))
    for output in 0..<outputs {
      values[output * shown + place] = targets[output]
      values[(outputs + output) * shown + place] = predictions[output]
    }
  }

  /// Scaled numbers in their own units. Those without offsets are as short as a Float is.
  private func own(_ scaled: [Float]) -> [Double] {
    let unscaled = scaling.unscaled(scaled)
    // Adding 0 makes -0 what the sum of all ranks makes of it.
    return scaling.offsets.isEmpty
      ? unscaled.map { Double("\($0)")! + 0 } : scaling.withOffsets(unscaled).map { $0 + 0 }
  }

  /// The rows that all ranks added; collective.
  func report(among world: Communicator) throws(MPIError) -> [JSON.Member] {
    var (numbers, values, residuals) = (numbers, values, residuals)
    try world.allReduce(&numbers, .sum)
    try world.allReduce(&values, .sum)
    for output in 0..<outputs { try residuals[output].combine(among: world) }
    func lists(_ kind: Int) -> JSON {
      .array(
        (0..<outputs).map { output in
          let first = (kind * outputs + output) * shown
          return .array(values[first..<first + shown].map { .number($0) })
        })
    }
    return [
      .init(
        "sample",
        [
          "rows": .array(numbers.map { .integer($0) }), "actual": lists(0), "predicted": lists(1),
        ]),
      .init("residuals", .array(residuals.map(\.report))),
    ]
  }
}
