/// What can be had without learning anything: a prediction that is the same for all rows.
struct TargetBaseline {
  /// The loss a row of such a prediction, for numbers of the best one, for classes of outputs that are all 0; nil where all
  /// targets are the same.
  let loss: Double?
  /// The loss a row of outputs that are all 0, as of a network that has not learned yet; at least ``loss``.
  let untrained: Double
  /// The loss a row of the best such prediction: the mean, or the shares of the classes.
  let best: Double
  /// The share of the largest class; nil where rows have no one class.
  let largestShare: Double?

  /// Counts the targets of all ranks; collective.
  ///
  /// - Parameters:
  ///   - targets: as they are trained on.
  ///   - weights: how much each row counts; nil where all count the same.
  ///   - loss: what is minimised.
  ///   - isCounted: whether this rank's rows count; else another rank has them too.
  /// - Complexity: O(own targets); one all-reduce of two numbers an output.
  init(
    _ targets: RowTargets, _ weights: [Float]?, outputs: Int, kind: TargetKind, loss: Loss,
    isCounted: Bool, among world: Communicator
  ) throws {
    // Of each output the targets and their squares; and the rows.
    var sums = [Double](repeating: 0, count: 2 * outputs + 1)
    func weight(_ row: Int) -> Double { weights.map { Double($0[row]) } ?? 1 }
    switch targets {
    case _ where !isCounted: break
    case .labels(let labels):
      for (row, label) in labels.enumerated() { sums[Int(label)] += weight(row) }
      sums[2 * outputs] = labels.indices.reduce(0) { $0 + weight($1) }
    case .values(let values, let columns):
      for (index, value) in values.enumerated() {
        let (column, weight) = (index % columns, weight(index / columns))
        sums[column] += weight * Double(value)
        sums[outputs + column] += weight * Double(value) * Double(value)
        if column == 0 { sums[2 * outputs] += weight }
      }
    }
    // Warnings follow from these, and no bits of a model.
    try world.allReduce(&sums, .sum)
    let count = sums[2 * outputs]
    let means = sums[..<outputs].map { $0 / count }
    guard kind == .numbers else {
      // Outputs of 0 are as good as a guess.
      untrained = loss.ofZeros(outputs: outputs, kind: kind)
      best = loss.ofShares(means, kind: kind)
      self.loss = means.allSatisfy { $0 == 0 || $0 == 1 } ? nil : untrained
      largestShare = kind == .oneClass ? means.max() : nil
      return
    }
    best = means.indices.reduce(0) { sum, output in
      sum + max(0, sums[outputs + output] / count - means[output] * means[output]) / 2
    }
    untrained = sums[outputs..<2 * outputs].reduce(0, +) / count / 2
    self.loss = best > 0 ? best : nil
    largestShare = nil
  }
}
