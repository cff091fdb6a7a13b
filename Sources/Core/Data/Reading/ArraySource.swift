/// One matrix or vector in one or several files: examined by rank 0, known to all ranks, not yet read.
///
/// Further dimensions are flattened, so that rows are `[rows, columns]`; a vector has one column.
public struct ArraySource: Sendable {
  /// The number of rows in all files together, at least 1.
  public let rows: Int
  /// Elements of a row, at least 1.
  public let columns: Int
  /// What ``readRows(_:topology:)`` gives.
  public let element: StoredElement
  /// The type in the files, in NumPy's words: `uint8`, `float64`, …
  public let storedType: String
  /// Whether float32, as what the values are read, may lack digits that they have.
  package var isRounded: Bool { arrays.contains { $0.type.isRounded } }
  /// The name of the files' format.
  package var formatName: String { arrays[0].format.name }
  /// The names of the columns; empty where they have none.
  package var columnNames: [String] { plan.names(of: arrays[0].columnNames) }
  /// A column of rows in a message, as the file has it: its place there, counted from 0, and its name.
  package func columnLabel(_ column: Int) -> String {
    let names = arrays[0].columnNames
    var place = 0
    for part in plan.parts {
      let within = column - place
      if within < part.width {
        let label = names.columnLabel(part.stored.lowerBound + (part.isOneHot ? 0 : within))
        return (part.isOneHot ? "the text '\(part.texts[within].printable)' of " : "") + label
          + (names.isEmpty ? " (counted from 0)" : "")
      }
      place += part.width
    }
    return "column \(column) (counted from 0)"
  }
  /// The texts that the only column holds, in the order of their numbers; empty where it holds numbers, or there are
  /// several columns.
  package var texts: [String] {
    guard plan.parts.count == 1, !plan.parts[0].isOneHot else { return [] }
    return plan.parts[0].texts
  }
  /// The extents as stored, the first being ``rows``.
  public let shape: [Int]
  /// The extents of a row, where there are several.
  package var rowShape: [Int] { shape.count > 2 ? Array(shape.dropFirst()) : [] }
  /// The file or files, for messages.
  public let name: String

  package private(set) var arrays: [StoredArray]
  /// How the columns of the files become those of rows.
  package private(set) var plan: ColumnPlan

  /// Joins files of the same columns and type in order; floats may be of several widths. Files without rows are left out.
  ///
  /// - Parameter plan: how columns become those of rows; nil for all: see ``StoredArray/plan(of:)``.
  /// - Throws: `TrainerError` (bad data) where files differ or none has rows.
  package init(_ arrays: [StoredArray], plan: ColumnPlan? = nil) throws {
    let whole = arrays
    let arrays = whole.filter { $0.rows > 0 }
    guard let first = arrays.first else {
      throw TrainerError(
        .badData,
        whole.count == 1
          ? "\(whole[0].name) is empty: its shape is \(whole[0].shape); give at least one row"
          : "\(whole[0].name) and \(whole.count - 1) more are empty; give at least one row")
    }
    for array in arrays.dropFirst() {
      try require(
        array.columns == first.columns
          && (array.type == first.type || (array.type.isFloat && first.type.isFloat)), .badData,
        "\(first.name) has \(first.columns.counted("column")) of \(first.type) but \(array.name) "
          + "has \(array.columns) of \(array.type); files read as one must agree: write one of them again like the other"
      )
      try require(
        array.columnNames == first.columnNames, .badData,
        "\(first.name) and \(array.name) name their columns differently; files read as one must "
          + "agree: name them alike")
    }
    let plan = plan ?? StoredArray.plan(of: arrays)
    self.plan = plan
    rows = arrays.reduce(0) { $0 + $1.rows }
    columns = plan.width
    element = first.type.element
    storedType = "\(arrays.map(\.type).max { $0.size < $1.size }!)"
    shape = plan.isWhole(of: first.columns) ? [rows] + first.shape.dropFirst() : [rows, columns]
    name = arrays.count == 1 ? first.name : "\(first.name) and \(arrays.count - 1) more"
    self.arrays = arrays
  }

  /// The name as the beginning of a sentence: `x.npy has`, `x.npy and 2 more have`.
  package var nameHaving: String { "\(name) \(arrays.count == 1 ? "has" : "have")" }

  /// Refuses lists of as many files whose rows do not pair up one by one: one list may be in another order.
  ///
  /// - Throws: `TrainerError(.badData)` with the first pair.
  package func checkPairs(with other: ArraySource) throws(TrainerError) {
    try checkNumbers(with: other)
    guard arrays.count == other.arrays.count,
      let (file, partner) = zip(arrays, other.arrays).first(where: { $0.rows != $1.rows })
    else { return }
    throw TrainerError(
      .badData,
      "\(file.name) has \(file.rows.counted("row")), but \(partner.name), which comes in the same place, has "
        + "\(partner.rows); name both kinds of files in the same order")
  }

  /// Refuses lists of files that are numbered alike, but not in the same order: a shell sorts 10 before 2, a quoted
  /// pattern does not.
  ///
  /// - Throws: `TrainerError(.badData)` with the first pair.
  private func checkNumbers(with other: ArraySource) throws(TrainerError) {
    let (own, others) = (FileNumbers(arrays), FileNumbers(other.arrays))
    guard let place = own.misplaced(beside: others) else { return }
    throw TrainerError(
      .badData,
      "\(arrays[place].name) would be paired with \(other.arrays[place].name), although there are files of the same "
        + "numbers in both lists; name both in the same order, or by quoted patterns")
  }

  /// Two files of which the first was named before the second, as a shell sorts an unquoted pattern, although its number
  /// is the larger; nil where files are in natural order, or in one of the user's own.
  package var shellOrder: (first: String, second: String)? {
    let paths = arrays.map(\.path)
    let pairs = zip(paths, paths.dropFirst())
    guard pairs.allSatisfy({ Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }) else {
      return nil
    }
    return pairs.first { NaturalOrder.precedes($1, $0) }.map { ($0.printable, $1.printable) }
  }

  /// The same with texts numbered as these are; others than these are refused when they are read.
  package func numberingTexts(by names: [String]) throws -> ArraySource {
    try planned(plan.changingTexts { _ in names })
  }

  /// The files of an option as one array: see ``StoredArray/agreeing(_:with:)``.
  init(joining arrays: [StoredArray]) throws { try self.init(StoredArray.agreeing(arrays)) }

  /// Rows for training and rows for testing, as they are beside each other.
  static func agreeing(
    _ train: ArraySource, _ test: ArraySource
  ) throws -> (train: ArraySource, test: ArraySource) {
    guard (train.arrays + test.arrays).contains(where: \.format.isSparse) else {
      return (train, test)
    }
    let agreed = (
      train: try ArraySource(StoredArray.agreeing(train.arrays, with: test.arrays)),
      test: try ArraySource(StoredArray.agreeing(test.arrays, with: train.arrays))
    )
    return (agreed.train, try agreed.test.widened(to: agreed.train.columns))
  }

  /// The same rows with more columns, which are 0, where the format has no fixed number of them; otherwise these.
  package func widened(to columns: Int) throws -> ArraySource {
    guard plan.isWhole(of: self.columns), self.columns < columns,
      arrays.allSatisfy({ $0.format.isSparse })
    else { return self }
    return try ArraySource(arrays.map { $0.with(columns: columns, index: $0.index) })
  }

  /// The same files with another plan of columns.
  func planned(_ plan: ColumnPlan) throws -> ArraySource { try ArraySource(arrays, plan: plan) }

  /// The mean of each column's numbers over all rows, those that are missing left out; collective over `topology.world`.
  ///
  /// - Throws: `TrainerError(.badData)` for a column without any number.
  /// - Complexity: O(own rows · columns); nothing is kept but sums.
  func readMeans(topology: NodeTopology) throws -> [Double] {
    let world = topology.world
    let own = world.rank * rows / world.size..<(world.rank + 1) * rows / world.size
    let means = ColumnMeans(columns: columns)
    try ArrayReading(self, rows: own, topology: topology, keepsNonFinite: true)
      .read(into: .success(.means(means)))
    let values = try means.values(among: world)
    try world.agree {
      let empty = values.indices.filter { values[$0].isNaN }.map(columnLabel)
      try require(
        empty.isEmpty, .badData,
        "\(name): \(empty.joined(separator: ", ")) \(empty.count == 1 ? "has" : "have") no value in any row, so nothing can "
          + "stand for those that are missing; leave \(empty.count == 1 ? "it" : "them") out with \(parameter: "drop")"
      )
    }
    return values
  }

  /// Reads this rank's rows; collective over `topology.world`, each rank with a range of its own, which
  /// may be empty.
  ///
  /// How a file is read is a matter of its format: see ``PackedFormat`` for IDX, NPY and NPZ. No rank holds
  /// more than its own rows. Failures, wherever they happen, are agreed upon: see
  /// ``Communicator/agree(_:)``. NaN and infinity are refused, naming file, row and column.
  ///
  /// - Complexity: O(own rows · columns), plus inflating each compressed file once per node.
  public func readRows(_ rows: Range<Int>, topology: NodeTopology) throws -> RowBlock {
    try readRows(rows, topology: topology, less: [])
  }

  /// The same, with NaN and infinity as they are where `keepsNonFinite`.
  ///
  /// - Parameter offsets: what to subtract from each column before rounding it, `[columns]`; empty for nothing.
  package func readRows(
    _ rows: Range<Int>, topology: NodeTopology, keepsNonFinite: Bool = false, less offsets: [Double]
  ) throws -> RowBlock {
    try readRows(
      rows, topology, keepsNonFinite: keepsNonFinite, less: offsets, sampling: nil)
  }

  /// - Parameter sample: takes some of the numbers as they are stored.
  private func readRows(
    _ rows: Range<Int>, _ topology: NodeTopology, keepsNonFinite: Bool = false,
    less offsets: [Double],
    sampling sample: NumberSample?
  ) throws -> RowBlock {
    let block = Result {
      try RowBlock(
        rows: rows, columns: columns, element: offsets.isEmpty ? element : .float32, name: name)
    }
    try read(block, topology, keepsNonFinite: keepsNonFinite, less: offsets, sample)
    return try block.get()
  }

  /// All rows as floats, `[rows, columns]`, on every rank; collective over `topology.world`.
  ///
  /// - Parameter offsets: what to subtract from each column before rounding it, `[columns]`; empty for nothing.
  package func readWhole(topology: NodeTopology, less offsets: [Double]) throws -> [Float] {
    let block = try readRows(0..<rows, topology: topology, less: offsets)
    var values = [Float](repeating: 0, count: rows * columns)
    for row in 0..<rows { block.copyRow(row, to: &values, at: row * columns) }
    return values
  }

  /// This rank's rows, less an offset for each column, found where the numbers are large beside their differences: see
  /// ``ColumnOffsets``. Numbers that are read once more take the memory of those that were read before.
  package func readRowsLessOffsets(_ rows: Range<Int>, topology: NodeTopology) throws -> RowBlock {
    guard isRounded else { return try readRows(rows, topology: topology) }
    let sample = NumberSample(rows: self.rows, columns: columns)
    let block = try readRows(rows, topology, less: [], sampling: sample)
    try ColumnOffsets.find(of: self.rows, columns, rows, among: topology.world) { row, column in
      block.base.assumingMemoryBound(to: Float.self)[row * columns + column]
    } subtract: { offsets in
      try read(.success(block), topology, keepsNonFinite: false, less: offsets)
    }
    block.merged = MergedNumbers(
      in: try sample.values(among: topology.world), columns: columns, less: block.offsets)
    return block
  }

  private func read(
    _ block: Result<RowBlock, any Error>, _ topology: NodeTopology, keepsNonFinite: Bool,
    less offsets: [Double], _ sample: NumberSample? = nil
  ) throws {
    let target = block.map { block -> RowTarget.Memory? in
      block.offsets = offsets
      return block.element == .uint8
        ? .bytes(block.memory.assumingMemoryBound(to: UInt8.self))
        : .floats(block.memory.assumingMemoryBound(to: Float.self), less: offsets)
    }
    let rows = (try? block.get().rows) ?? 0..<0
    try ArrayReading(
      self, rows: rows, topology: topology, keepsNonFinite: keepsNonFinite, sample: sample
    ).read(into: target)
  }

  /// Reads one label for each of this rank's rows; collective like ``readRows(_:topology:)``.
  ///
  /// Any numeric type is read; a value that is not an integer of 32 bits is refused, naming file and
  /// row, and so is a source with several columns.
  public func readLabels(_ rows: Range<Int>, topology: NodeTopology) throws -> [Int32] {
    try require(
      columns == 1, .badData,
      "\(name) has the shape \(shape); labels are one number a row (a matrix of targets needs "
        + "a loss for several outputs)")
    return try readArray(rows, count: rows.count, topology) { .labels($0) }
  }

  /// The same as ``readValues(_:topology:)``, as Doubles; with NaN and infinity as they are where `keepsNonFinite`.
  package func readDoubles(
    _ rows: Range<Int>, topology: NodeTopology, keepsNonFinite: Bool = false
  ) throws -> [Double] {
    try readArray(rows, count: rows.count * columns, topology, keepsNonFinite: keepsNonFinite) {
      .doubles($0)
    }
  }

  /// Reads this rank's rows as integers of 64 bits, with all digits; collective like ``readRows(_:topology:)``. A number
  /// that is none is refused.
  package func readIntegers(_ rows: Range<Int>, topology: NodeTopology) throws -> [Int64] {
    try readArray(rows, count: rows.count * columns, topology) { .integers($0) }
  }

  /// Reads this rank's rows as floats, `[rows.count * columns]`, row-major, whatever their stored type:
  /// targets of a regression or a 0/1 matrix. Collective like ``readRows(_:topology:)``.
  public func readValues(_ rows: Range<Int>, topology: NodeTopology) throws -> [Float] {
    try readArray(rows, count: rows.count * columns, topology) { .floats($0, less: []) }
  }

  /// Reads what the only column says of each of this rank's rows, as it stands in the file; collective like
  /// ``readRows(_:topology:)``.
  package func readNames(_ rows: Range<Int>, topology: NodeTopology) throws -> RowNames {
    precondition(columns == 1, "\(columns) columns of names")
    let names = RowNames(column: columnNames.first, count: rows.count)
    try ArrayReading(self, rows: rows, topology: topology, keepsNonFinite: true)
      .read(into: .success(.names(names, from: 0)))
    return names
  }

  /// The type in the files; of floats of several widths the widest.
  var type: ScalarType { arrays.map(\.type).max { $0.size < $1.size }! }

  /// The same with labels as the numbers that they are in the files, where they stand for classes by these names.
  package var readingNumbers: ArraySource {
    get throws {
      guard arrays.allSatisfy(\.format.isSparse) else { return self }
      return try planned(plan.changingTexts { _ in [] })
    }
  }

  /// Reads this rank's rows as they are stored; collective over `topology.world`.
  ///
  /// - Parameter keepsNonFinite: whether NaN and infinity are kept, instead of being faults.
  func readStored(
    _ rows: Range<Int>, topology: NodeTopology, keepsNonFinite: Bool
  ) throws -> StoredRows {
    let block = Result { try StoredRows(count: rows.count, columns: columns, type: type, of: name) }
    try ArrayReading(
      self, rows: (try? block.get()) == nil ? 0..<0 : rows, topology: topology,
      keepsNonFinite: keepsNonFinite, isBlock: true
    ).read(into: block.map { rows.isEmpty ? nil : .stored($0.base, $0.type, $0.texts) })
    return try block.get()
  }

  /// The same with other files, which hold the same.
  func replacing(_ body: (StoredArray) throws -> StoredArray) rethrows -> ArraySource {
    var source = self
    source.arrays = try arrays.map(body)
    return source
  }

  /// Bytes that a column takes on a rank besides its numbers: the row that is read, sums and scaling.
  private static let columnBytes = 128

  /// Refuses rows that a node cannot hold, where a few bytes of a file can ask for any number of columns.
  ///
  /// - Parameters:
  ///   - own: rows that a rank holds at once.
  ///   - ranks: of the node.
  /// - Throws: `TrainerError(.inputOutput)`, before memory is touched.
  func checkMemory(ofRows own: Int, ranks: Int) throws(TrainerError) {
    guard arrays.contains(where: \.format.isSparse), let available = ProcessMemory.availableBytes
    else { return }
    let (bytes, isTooLarge) = columns.multipliedReportingOverflow(
      by: (Self.columnBytes + own * MemoryLayout<Float>.size) * ranks)
    try require(
      !isTooLarge && bytes <= available, .inputOutput,
      "\(nameHaving) \(columns) columns by the largest index, which are kept dense: \(own.counted("row")) a rank take "
        + "\(bytes >> 20) MiB on this node, but \(available >> 20) MiB are free; number the columns without gaps, or use "
        + "more ranks on more nodes")
  }

  /// Reads into an array that is not touched before, so that a size declared in vain costs no memory.
  private func readArray<T>(
    _ rows: Range<Int>, count: Int, _ topology: NodeTopology, keepsNonFinite: Bool = false,
    _ target: (UnsafeMutablePointer<T>) -> RowTarget.Memory
  ) throws -> [T] {
    try [T](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      try ArrayReading(self, rows: rows, topology: topology, keepsNonFinite: keepsNonFinite)
        .read(into: .success(buffer.baseAddress.map(target)))
      initializedCount = count
    }
  }

  func pack(into packer: inout WirePacker) {
    packer.pack(arrays) { $1.pack(into: &$0) }
    plan.pack(into: &packer)
  }

  init(from unpacker: inout WireUnpacker, formats: [DataFormat]) throws {
    let arrays = unpacker.array { StoredArray(from: &$0, formats: formats) }
    try self.init(arrays, plan: ColumnPlan(from: &unpacker))
  }
}
