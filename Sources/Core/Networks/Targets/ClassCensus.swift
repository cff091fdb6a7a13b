/// Which classes the labels of all ranks name, where their number follows from the largest label alone: one
/// damaged label, or labels that do not begin at 0, would else make a larger network without a word.
enum ClassCensus {
  /// Up to so many classes, most of them may be empty: there is little data, and little harm.
  private static let fewClasses = 4

  /// What to know of classes that no row has; nil where there are none. Collective.
  ///
  /// - Parameters:
  ///   - labels: those of this rank's rows, in `0..<classes`.
  ///   - firstRow: the number of this rank's first row.
  ///   - classes: the largest label and one more.
  /// - Throws: `TrainerError(.badData)`, agreed by all ranks, where most classes are empty.
  /// - Complexity: O(rows + classes); one all-reduce of a byte a class.
  static func judge(
    _ labels: [Int32], firstRow: Int, name: String, classes: Int, among world: Communicator
  ) throws -> NetworkAdvice? {
    var present = [UInt8](repeating: 0, count: classes)
    for label in labels { present[Int(label)] = 1 }
    try world.allReduce(&present, .maximum)
    let empty = present.count { $0 == 0 }
    // The first row that has the largest label.
    let own = labels.firstIndex(of: Int32(classes - 1)).map { firstRow + $0 }
    let largestRow = try world.allReduce(own ?? Int.max, .minimum)
    try world.agree {
      try require(
        empty * 2 <= classes || classes <= fewClasses, .badData,
        "\(name): label \(classes - 1), first in row \(largestRow) (counted from 0), makes \(classes) classes, "
          + "\(empty) of which have no row; give \(parameter: "targets") numbers if these are quantities; else a label may be "
          + "damaged: number the classes from 0 without gaps, or give \(parameter: "classes") \(classes) if this is meant"
      )
    }
    if empty == 1, present[0] == 0 { return .labelsFromOne(name: name, classes: classes - 1) }
    return empty == 0
      ? nil : .emptyClasses(name: name, largestRow: largestRow, classes: classes, empty: empty)
  }
}
