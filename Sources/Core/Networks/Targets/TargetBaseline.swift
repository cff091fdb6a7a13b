/// What can be had without learning anything: a prediction that is the same for all rows.
struct TargetBaseline {
  /// The loss a row of such a prediction, for numbers of the best one, for classes of outputs that are all 0; nil where all
  /// targets are the same.
  let loss: Double?
  /// The loss a row of outputs that are all 0, as of a network that has not learned yet; at least ``loss``.
  let untrained: Double
  /// The share of the largest class; nil where rows have no one class.
  let largestShare: Double?

  /// Counts the targets of all ranks; collective.
  ///
  /// - Parameters:
  ///   - targets: as they are trained on.
  ///   - loss: what is minimised.
  ///   - isCounted: whether this rank's rows count; else another rank has them too.
  /// - Complexity: O(own targets); one all-reduce of two numbers an output.
  init(
    _ targets: RowTargets, outputs: Int, kind: TargetKind, loss: Loss, isCounted: Bool,
    among world: Communicator
  ) throws {
    var sums = [Double](repeating: 0, count: 2 * outputs)
    var rows = 0
    switch targets {
    case _ where !isCounted: break
    case .labels(let labels):
      rows = labels.count
      for label in labels { sums[Int(label)] += 1 }
    case .values(let values, let columns):
      rows = values.count / columns
      for (index, value) in values.enumerated() {
        sums[index % columns] += Double(value)
        sums[outputs + index % columns] += Double(value) * Double(value)
      }
    }
    // Warnings follow from these, and no bits of a model.
    try world.allReduce(&sums, .sum)
    let count = Double(try world.allReduce(rows, .sum))
    let means = sums[..<outputs].map { $0 / count }
    let losses = means.indices.map { output in
      kind == .numbers
        ? max(0, sums[outputs + output] / count - means[output] * means[output]) / 2
        : Self.entropy(means[output]) + Self.entropy(1 - means[output])
    }
    let best = losses.reduce(0, +)
    untrained =
      kind == .numbers
      ? sums[outputs...].reduce(0, +) / count / 2 : loss.ofZeros(outputs: outputs, kind: kind)
    // Of classes, the outputs of 0 are as good as a guess.
    self.loss = best > 0 ? (kind == .numbers ? best : untrained) : nil
    largestShare = kind == .oneClass ? means.max() : nil
  }

  private static func entropy(_ p: Double) -> Double { p > 0 ? -p * PortableMath.log(p) : 0 }
}
