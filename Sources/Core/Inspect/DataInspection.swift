/// Describes data files.
enum DataInspection {
  /// Elements that are read for their range; of larger arrays only the header is described.
  static let readLimit = 1 << 28

  /// A directory with MNIST's files.
  static func describe(directory path: String) throws -> JSON {
    let catalog = try DataCatalog(examining: DataCatalog.Options(data: [path]))
    let roles = [
      ("rows", catalog.train), ("labels", catalog.trainTargets), ("test_rows", catalog.test),
      ("test_labels", catalog.testTargets),
    ]
    var members: [JSON.Member] = [.init("kind", "data")]
    for case (let role, let source?) in roles {
      members.append(.init(role, .object(try describe(source))))
    }
    return .object(members)
  }

  /// A file of one array, or an archive of several.
  static func describe(file path: String) throws -> JSON {
    var members: [JSON.Member] = [.init("kind", "data")]
    switch try FileExamination(path: path) {
    case .array(let array): members += try describe(array)
    case .archive(_, let arrays, _):
      for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
        members.append(.init(name, .object(try describe(array))))
      }
    }
    return .object(members)
  }

  private static func describe(_ array: StoredArray) throws -> [JSON.Member] {
    var members = try describe(try ArraySource([array]))
    if array.isColumnMajor { members.append(.init("order", "by columns (Fortran)")) }
    return members
  }

  /// Shape, type, and the range of the values; of one column of integers also how often each occurs.
  private static func describe(_ source: ArraySource) throws -> [JSON.Member] {
    var members: [JSON.Member] = [
      .init("file", .string(source.name)),
      .init("shape", .array(source.shape.map { .integer($0) })),
      .init("type", .string(source.storedType)),
      .init("bytes", .integer(source.arrays.reduce(0) { $0 + $1.fileSize })),
    ]
    guard source.rows * source.columns <= readLimit else { return members }
    let block = try source.readRows(0..<source.rows, topology: .solo(), keepsNonFinite: true)
    let extent = try ColumnStatistics(of: block, sums: .none, among: .solo).all
    let (minimum, maximum) = (extent.minimum.min() ?? .infinity, extent.maximum.max() ?? -.infinity)
    members += [
      .init("minimum", minimum <= maximum ? number(minimum) : .null),
      .init("maximum", minimum <= maximum ? number(maximum) : .null),
    ]
    if block.element == .float32 {
      members += notFinite(block)
    }
    if source.columns == 1, let classes = try classes(source) {
      members.append(.init("rows_by_value", .object(classes)))
    }
    return members
  }

  /// How many elements of float32 rows are NaN or infinite, and where the first one is; nothing where all are
  /// numbers. A run would refuse them.
  private static func notFinite(_ block: RowBlock) -> [JSON.Member] {
    let values = UnsafeBufferPointer(
      start: block.base.assumingMemoryBound(to: Float.self), count: block.count * block.columns)
    guard let first = values.firstIndex(where: { !$0.isFinite }) else { return [] }
    return [
      .init("nan", .integer(values.count(where: \.isNaN))),
      .init("infinite", .integer(values.count(where: \.isInfinite))),
      .init(
        "first_of_these", .string("row \(first / block.columns), column \(first % block.columns)")),
    ]
  }

  private static func number(_ value: Float) -> JSON {
    Int(exactly: value).map { .integer($0) } ?? .number(Double(value))
  }

  /// How many rows have each value, where these are at most 64 different integers.
  private static func classes(_ source: ArraySource) throws -> [JSON.Member]? {
    guard let labels = try? source.readLabels(0..<source.rows, topology: .solo()) else {
      return nil  // Not labels but numbers.
    }
    var counts: [Int32: Int] = [:]
    for label in labels {
      counts[label, default: 0] += 1
      if counts.count > 64 { return nil }
    }
    return counts.sorted { $0.key < $1.key }.map { .init("\($0.key)", .integer($0.value)) }
  }
}
