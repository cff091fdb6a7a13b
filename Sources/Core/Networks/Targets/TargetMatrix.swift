/// A rank's part of a matrix of targets, and what its rows say: labels, each 0 or 1, or one class.
///
/// What they are is decided by the numbers as they were read: rounded, 1 + 1e-9 would be a class or a label.
struct TargetMatrix {
  /// `[rows, columns]`, row-major, as they are trained on.
  let values: [Float]
  let columns: Int
  /// The same as they were read, and whether ``values`` may lack digits of them.
  private let exact: [Double], isRounded: Bool
  /// The number of the first row in the whole matrix, and what it was read from, for messages.
  let firstRow: Int
  private let source: ArraySource
  var name: String { source.name }

  /// Reads this rank's rows; collective.
  init(_ source: ArraySource, rows: Range<Int>, topology: NodeTopology) throws {
    exact = try source.readDoubles(rows, topology: topology)
    isRounded = source.isRounded
    values = exact.map { Float($0) }
    columns = source.columns
    firstRow = rows.lowerBound
    self.source = source
  }

  /// Refuses numbers that differ, but all lie so close to 0 that float32 has few digits for them, or none; collective.
  ///
  /// - Throws: `TrainerError(.badData)` with the first such column.
  func checkSize(_ world: Communicator) throws {
    let coarseness = try Coarseness(exact, columns: columns, world)
    guard let column = coarseness.tinyColumn else { return }
    let largest = coarseness.size(column)
    let fault =
      Float(largest) == 0
      ? "0 as float32, in which they are trained on" : "below 1e-38, where float32 has few digits"
    throw world.failure(
      .badData,
      "\(name): the numbers in \(source.columnLabel(column)) are \(fault) (the largest is \(largest)); multiply "
        + "them")
  }

  /// Refuses numbers whose differences float32 does not tell; collective.
  ///
  /// - Throws: `TrainerError(.badData)` with the first such column.
  func checkDifferences(_ world: Communicator) throws {
    guard isRounded else { return }
    let coarseness = try Coarseness(exact, columns: columns, world)
    guard let column = coarseness.column else { return }
    throw world.failure(
      .badData,
      "\(name): the numbers in \(source.columnLabel(column)) lie between \(coarseness.minimum[column]) and "
        + "\(coarseness.maximum[column]), so close to each other beside their size that float32, in which they are "
        + "trained on, does not tell them apart; \(parameter: "target_scale") standard subtracts an offset first"
    )
  }

  /// The numbers, less an offset for each column where they are large beside their differences; collective.
  ///
  /// - Parameter rows: of the whole matrix.
  func numbersLessOffsets(
    of rows: Int, _ world: Communicator
  ) throws -> (targets: RowTargets, offsets: [Double]) {
    guard isRounded else { return (numbers(less: []), []) }
    var (offsets, less): ([Double], [Float]) = ([], values)
    let own = firstRow..<firstRow + values.count / columns
    try ColumnOffsets.find(of: rows, columns, own, among: world) { row, column in
      less[row * columns + column]
    } subtract: {
      offsets = $0
      less = differences(from: offsets)
    }
    return (.values(less, columns: columns), offsets)
  }

  /// The numbers, less offsets that are known, `[columns]`; or as they are, without any.
  func numbers(less offsets: [Double]) -> RowTargets {
    .values(offsets.isEmpty ? values : differences(from: offsets), columns: columns)
  }

  private func differences(from offsets: [Double]) -> [Float] {
    exact.indices.map { Float(exact[$0] - offsets[$0 % columns]) }
  }

  /// Whether all numbers are 0 or 1.
  var isBinary: Bool { exact.allSatisfy { $0 == 0 || $0 == 1 } }

  /// Whether a column of floats holds classes: the whole numbers from 0, or 1, to less than
  /// ``TrainingTargets/mostClassesOfFloats``, without a gap over all ranks; collective.
  func areClasses(_ world: Communicator) throws -> Bool {
    let limit = Double(TrainingTargets.mostClassesOfFloats)
    var present = [UInt8](repeating: 0, count: TrainingTargets.mostClassesOfFloats + 1)
    for value in exact {
      let isClass = (0..<limit).contains(value) && value == value.rounded()
      present[isClass ? Int(value) : present.count - 1] = 1
    }
    try world.allReduce(&present, .maximum)
    let largest = present.lastIndex(of: 1) ?? 0
    return largest < present.count - 1 && present[1..<max(largest, 1)].allSatisfy { $0 == 1 }
  }

  /// How many different whole numbers a column of all ranks holds, if it holds no other numbers and few of these; nil
  /// otherwise. Collective.
  func fewWholeNumbers(_ world: Communicator) throws(MPIError) -> Int? {
    let most = TrainingTargets.mostClassesOfFloats
    var own: Set<Double> = []
    for value in exact {
      own.insert(value == value.rounded() ? value : .nan)
      if own.count > most || value != value.rounded() { break }
    }
    // Ranks with too many send none but NaN.
    let isOver = own.count > most || own.contains { $0.isNaN }
    let found = (isOver ? [.nan] : Array(own)) + [Double](repeating: .infinity, count: most)
    let all = Set(try world.allGather(Array(found.prefix(most)))).subtracting([.infinity])
    return all.contains { $0.isNaN } || all.count > most || all.isEmpty ? nil : all.count
  }

  /// The numbers of a column as labels.
  ///
  /// - Throws: `TrainerError(.badData)` with the first that is no integer of 32 bits.
  func wholeNumbers() throws(TrainerError) -> [Int32] {
    let labels = exact.map { Int32(exactly: $0) }
    guard let bad = labels.firstIndex(of: nil) else { return labels.map { $0! } }
    throw TrainerError(
      .badData,
      "\(name): \(text(bad)) in row \(firstRow + bad) (counted from 0) is not a whole number; omit "
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
    guard let bad = exact.firstIndex(where: { $0 != 0 && $0 != 1 }) else { return }
    throw TrainerError(
      .badData,
      "\(name): \(text(bad)) in row \(firstRow + bad / columns), \(source.columnLabel(bad % columns)), is "
        + "neither 0 nor 1; \(advice)")
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

  /// A number as one writes it.
  private func text(_ place: Int) -> String {
    Int(exactly: exact[place]).map { "\($0)" } ?? "\(exact[place])"
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

/// Between what the numbers of each column of all ranks lie, before they are rounded to float32.
private struct Coarseness {
  let minimum: [Double]
  let maximum: [Double]

  /// A column of which rounding takes more than this part of its range is worth nothing.
  private static let mostLost = 0x1p-9

  /// Collective.
  init(_ values: [Double], columns: Int, _ world: Communicator) throws(MPIError) {
    var extremes = [Double](repeating: -.infinity, count: 2 * columns)
    for (index, value) in values.enumerated() {
      let column = index % columns
      extremes[column] = max(extremes[column], value)
      extremes[columns + column] = max(extremes[columns + column], -value)
    }
    try world.allReduce(&extremes, .maximum)
    maximum = Array(extremes[..<columns])
    minimum = extremes[columns...].map { 0 - $0 }
  }

  /// The largest magnitude in a column.
  func size(_ column: Int) -> Double { max(abs(minimum[column]), abs(maximum[column])) }

  /// The first column of different numbers none of which float32 has all its digits for; nil where there is none.
  var tinyColumn: Int? {
    minimum.indices.first {
      minimum[$0] < maximum[$0] && size($0) < Double(Float.leastNormalMagnitude)
    }
  }

  /// The first column that loses its differences; nil where none does.
  var column: Int? {
    minimum.indices.first { column in
      let range = maximum[column] - minimum[column]
      return range > 0 && Double(Float(size(column)).ulp) / 2 > Self.mostLost * range
    }
  }
}
