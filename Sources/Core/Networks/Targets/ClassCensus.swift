/// Which classes the labels of all ranks name, where their number follows from the largest label alone: one
/// damaged label, or labels that do not begin at 0, would else make a larger network without a word.
struct ClassCensus {
  /// The largest label and one more.
  let classes: Int
  /// Classes that no row has.
  let emptyCount: Int
  /// The first row that has the largest label.
  let largestRow: Int

  /// Up to so many classes, most of them may be empty: there is little data, and little harm.
  private static let fewClasses = 4

  /// Counts; collective.
  ///
  /// - Parameters:
  ///   - labels: those of this rank's rows, in `0..<classes`.
  ///   - firstRow: the number of this rank's first row.
  /// - Complexity: O(rows + classes); one all-reduce of a byte a class.
  init(
    _ labels: [Int32], firstRow: Int, classes: Int, among world: Communicator
  ) throws(MPIError) {
    self.classes = classes
    var present = [UInt8](repeating: 0, count: classes)
    for label in labels { present[Int(label)] = 1 }
    try world.allReduce(&present, .maximum)
    emptyCount = present.count { $0 == 0 }
    let own = labels.firstIndex(of: Int32(classes - 1)).map { firstRow + $0 }
    largestRow = try world.allReduce(own ?? Int.max, .minimum)
  }

  /// What to know of classes that no row has; nil where there are none.
  ///
  /// - Throws: `TrainerError(.badData)` where most classes are empty.
  func judge(name: String) throws(TrainerError) -> NetworkAdvice? {
    guard emptyCount > 0 else { return nil }
    try require(
      emptyCount * 2 <= classes || classes <= Self.fewClasses, .badData,
      "\(name): label \(classes - 1), first in row \(largestRow) (counted from 0), makes \(classes) classes, but "
        + "no row has \(emptyCount) of them: a label may be damaged; number the classes from 0 without gaps, or "
        + "give \(parameter: "classes") \(classes) if this is meant")
    return .emptyClasses(name: name, largestRow: largestRow, classes: classes, empty: emptyCount)
  }
}
