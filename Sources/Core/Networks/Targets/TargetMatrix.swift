/// A rank's part of a matrix of targets, and what its rows say: labels, each 0 or 1, or one class.
struct TargetMatrix {
  /// `[rows, columns]`, row-major.
  let values: [Float]
  let columns: Int
  /// The number of the first row in the whole matrix, and the file, for messages.
  let firstRow: Int
  let name: String

  /// Reads this rank's rows; collective.
  init(_ source: ArraySource, rows: Range<Int>, topology: NodeTopology) throws {
    values = try source.readValues(rows, topology: topology)
    columns = source.columns
    firstRow = rows.lowerBound
    name = source.name
  }

  /// Whether all numbers are 0 or 1.
  var isBinary: Bool { values.allSatisfy { $0 == 0 || $0 == 1 } }

  /// Whether a column of floats holds classes: the whole numbers from 0, or 1, to less than
  /// ``TrainingTargets/mostClassesOfFloats``, without a gap over all ranks; collective.
  func areClasses(_ world: Communicator) throws -> Bool {
    let limit = Float(TrainingTargets.mostClassesOfFloats)
    var present = [UInt8](repeating: 0, count: TrainingTargets.mostClassesOfFloats + 1)
    for value in values {
      let isClass = (0..<limit).contains(value) && value == value.rounded()
      present[isClass ? Int(value) : present.count - 1] = 1
    }
    try world.allReduce(&present, .maximum)
    let largest = present.lastIndex(of: 1) ?? 0
    return largest < present.count - 1 && present[1..<max(largest, 1)].allSatisfy { $0 == 1 }
  }

  /// The numbers of a column as labels.
  ///
  /// - Throws: `TrainerError(.badData)` with the first that is no integer of 32 bits.
  func wholeNumbers() throws(TrainerError) -> [Int32] {
    let labels = values.map { Int32(exactly: $0) }
    guard let bad = labels.firstIndex(of: nil) else { return labels.map { $0! } }
    throw TrainerError(
      .badData,
      "\(name): \(values[bad]) in row \(firstRow + bad) (counted from 0) is not a whole number; omit "
        + "\(parameter: "classes") if these are numbers")
  }

  /// Whether every row of a binary matrix has exactly one 1.
  var isOneHot: Bool { firstRowOtherThanOneHot == nil }

  /// What the rows say, where `areClasses` the columns of the 1 in the rows of a one-hot matrix.
  func targets(areClasses: Bool) -> RowTargets {
    guard areClasses else { return .values(values, columns: columns) }
    return .labels(
      rowStarts.map { start in Int32((0..<columns).first { values[start + $0] == 1 } ?? 0) })
  }

  /// Refuses numbers other than 0 and 1.
  ///
  /// - Throws: `TrainerError(.badData)` with the first place.
  func checkBinary(_ advice: String) throws(TrainerError) {
    guard let bad = values.firstIndex(where: { $0 != 0 && $0 != 1 }) else { return }
    throw TrainerError(
      .badData,
      "\(name): \(values[bad]) in row \(firstRow + bad / columns), column \(bad % columns) (counted "
        + "from 0) is neither 0 nor 1; \(advice)")
  }

  /// Refuses rows of a binary matrix that have no 1, or several.
  ///
  /// - Throws: `TrainerError(.badData)` with the first such row.
  func checkOneHot(_ advice: String) throws(TrainerError) {
    guard let (row, ones) = firstRowOtherThanOneHot else { return }
    throw TrainerError(
      .badData,
      "\(name): row \(row) (counted from 0) has \(ones == 0 ? "no 1" : "\(ones) ones") where one class "
        + "a row is expected, a single 1 among zeros; \(advice)")
  }

  private var rowStarts: StrideTo<Int> { stride(from: 0, to: values.count, by: columns) }

  private var firstRowOtherThanOneHot: (row: Int, ones: Int)? {
    for start in rowStarts {
      let ones = values[start..<start + columns].count { $0 == 1 }
      if ones != 1 { return (firstRow + start / columns, ones) }
    }
    return nil
  }
}
