import DTrainDist

/// How often rows of each class were predicted as each class.
struct ConfusionMatrix {
  private let classes: Int
  /// `[actual, predicted]`.
  private var counts: [Int]

  init(classes: Int) {
    self.classes = classes
    counts = [Int](repeating: 0, count: classes * classes)
  }

  mutating func count(actual: Int, predicted: Int) { counts[actual * classes + predicted] += 1 }

  /// Adds the counts of all ranks; collective.
  mutating func combine(among world: Communicator) throws(MPIError) {
    try world.allReduce(&counts, .sum)
  }

  /// The matrix, and precision, recall and number of rows of each class; null where there is nothing to
  /// divide by.
  var report: [JSON.Member] {
    let perClass = (0..<classes).map { label -> JSON in
      let hits = counts[label * classes + label]
      let actual = counts[label * classes..<(label + 1) * classes].reduce(0, +)
      let predicted = stride(from: label, to: counts.count, by: classes)
        .reduce(0) { $0 + counts[$1] }
      func ratio(_ whole: Int) -> JSON {
        whole == 0 ? .null : .number(Double(hits) / Double(whole))
      }
      return .object([
        .init("class", .integer(label)), .init("precision", ratio(predicted)),
        .init("recall", ratio(actual)), .init("support", .integer(actual)),
      ])
    }
    let matrix = (0..<classes).map { row in
      JSON.array(counts[row * classes..<(row + 1) * classes].map { .integer($0) })
    }
    return [.init("per_class", .array(perClass)), .init("confusion_matrix", .array(matrix))]
  }
}
