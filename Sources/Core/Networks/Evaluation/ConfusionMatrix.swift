/// How often rows of each class were predicted as each class; for very many classes only the counts of each. Rows count
/// as in ``PredictionCounts``.
struct ConfusionMatrix {
  private let classes: Int
  /// The names of the classes; empty where they are numbers.
  private let names: [String]
  /// `[actual, predicted]`; nil where it would be too large.
  private var matrix: [Double]?
  private var counts: PredictionCounts

  /// The most classes that get a matrix: every rank holds one, of 32 MB at this limit.
  static let mostClasses = 2_000

  init(classes: Int, names: [String] = []) {
    self.names = names
    self.classes = classes
    counts = PredictionCounts(count: classes)
    matrix =
      classes <= Self.mostClasses ? [Double](repeating: 0, count: classes * classes) : nil
  }

  mutating func count(actual: Int, predicted: Int, weight: Double = 1) {
    counts.count(actual: actual, predicted: predicted, weight: weight)
    matrix?[actual * classes + predicted] += weight
  }

  /// Adds the counts of all ranks; collective.
  mutating func combine(among world: Communicator) throws(MPIError) {
    try counts.combine(among: world)
    if matrix != nil { try world.allReduce(&matrix!, .sum) }
  }

  /// Precision, recall and number of rows of each class, and the matrix, or null and the limit that is exceeded.
  var report: [JSON.Member] {
    let perClass = JSON.Member("per_class", counts.report("class", names: names))
    guard let matrix else {
      return [
        perClass, .init("confusion_matrix", .null),
        .init("most_classes_of_matrix", .integer(Self.mostClasses)),
      ]
    }
    let rows = (0..<classes).map { row in
      JSON.array(matrix[row * classes..<(row + 1) * classes].map(JSON.count))
    }
    let labels =
      names.isEmpty ? [] : [JSON.Member("class_names", .array(names.map { .string($0) }))]
    return [perClass] + labels + [.init("confusion_matrix", .array(rows))]
  }
}
