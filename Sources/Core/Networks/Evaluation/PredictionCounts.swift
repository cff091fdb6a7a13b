/// Of each class, or each of several labels, how many rows have it, how many were predicted to, and of how many
/// both is true. Rows count as often as they weigh; sums of the weights must be exact (``RowWeights/summable``).
struct PredictionCounts {
  private var hits: [Double]
  private var actual: [Double]
  private var predicted: [Double]

  init(count: Int) {
    hits = [Double](repeating: 0, count: count)
    actual = hits
    predicted = hits
  }

  /// Counts a row for the class that it has and the one that was predicted.
  mutating func count(actual label: Int, predicted guess: Int, weight: Double = 1) {
    count(label, isActual: true, isPredicted: label == guess, weight: weight)
    if label != guess { count(guess, isActual: false, isPredicted: true, weight: weight) }
  }

  /// Counts a row for one label.
  mutating func count(_ label: Int, isActual: Bool, isPredicted: Bool, weight: Double = 1) {
    actual[label] += isActual ? weight : 0
    predicted[label] += isPredicted ? weight : 0
    hits[label] += isActual && isPredicted ? weight : 0
  }

  /// Adds the counts of all ranks; collective.
  mutating func combine(among world: Communicator) throws(MPIError) {
    try world.allReduce(&hits, .sum)
    try world.allReduce(&actual, .sum)
    try world.allReduce(&predicted, .sum)
  }

  /// Precision, recall and number of rows, or their weight, of each; null where there is nothing to divide by.
  ///
  /// - Parameters:
  ///   - name: what each is: `class` or `label`.
  ///   - names: what they are called; empty where they are numbers.
  func report(_ name: String, names: [String] = []) -> JSON {
    .array(
      hits.indices.map { label in
        func ratio(_ whole: Double) -> JSON {
          whole == 0 ? .null : .number(hits[label] / whole)
        }
        return .object([
          .init(name, names.isEmpty ? .integer(label) : .string(names[label])),
          .init("precision", ratio(predicted[label])),
          .init("recall", ratio(actual[label])), .init("support", .count(actual[label])),
        ])
      })
  }
}

extension JSON {
  /// A number of rows, or their weight: an integer where it is one.
  static func count(_ value: Double) -> JSON {
    Int(exactly: value).map { .integer($0) } ?? .number(value)
  }
}
