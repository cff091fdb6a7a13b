/// Of each class, or each of several labels, how many rows have it, how many were predicted to, and of how many
/// both is true.
struct PredictionCounts {
  private var hits: [Int]
  private var actual: [Int]
  private var predicted: [Int]

  init(count: Int) {
    hits = [Int](repeating: 0, count: count)
    actual = hits
    predicted = hits
  }

  /// Counts a row for the class that it has and the one that was predicted.
  mutating func count(actual label: Int, predicted guess: Int) {
    count(label, isActual: true, isPredicted: label == guess)
    if label != guess { count(guess, isActual: false, isPredicted: true) }
  }

  /// Counts a row for one label.
  mutating func count(_ label: Int, isActual: Bool, isPredicted: Bool) {
    actual[label] += isActual ? 1 : 0
    predicted[label] += isPredicted ? 1 : 0
    hits[label] += isActual && isPredicted ? 1 : 0
  }

  /// Adds the counts of all ranks; collective.
  mutating func combine(among world: Communicator) throws(MPIError) {
    try world.allReduce(&hits, .sum)
    try world.allReduce(&actual, .sum)
    try world.allReduce(&predicted, .sum)
  }

  /// Precision, recall and number of rows of each; null where there is nothing to divide by.
  ///
  /// - Parameter name: what each is: `class` or `label`.
  func report(_ name: String) -> JSON {
    .array(
      hits.indices.map { label in
        func ratio(_ whole: Int) -> JSON {
          whole == 0 ? .null : .number(Double(hits[label]) / Double(whole))
        }
        return .object([
          .init(name, .integer(label)), .init("precision", ratio(predicted[label])),
          .init("recall", ratio(actual[label])), .init("support", .integer(actual[label])),
        ])
      })
  }
}
