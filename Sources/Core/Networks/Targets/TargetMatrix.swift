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
