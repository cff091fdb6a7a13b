/// Describes data files.
enum DataInspection {
  /// Elements that are read for their range; of larger arrays only the header is described.
  static let readLimit = 1 << 27

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
  static func describe(file named: DataPath, _ options: DataCatalog.Options) throws -> JSON {
    var members: [JSON.Member] = [.init("kind", "data")]
    switch try FileExamination(named, names: nil, options: options) {
    case .array(let array): members += try describe(array)
    case .archive(let archive):
      for (name, array) in archive.arrays.sorted(by: { $0.key < $1.key }) {
        members.append(.init(name.printable, .object(try describe(array))))
      }
      let others = archive.names.filter { archive.arrays[$0] == nil }
      if !others.isEmpty {
        members.append(
          .init("members_without_numbers", .array(others.map { .string($0.printable) })))
      }
    }
    return .object(members)
  }

  private static func describe(_ array: StoredArray) throws -> [JSON.Member] {
    var members =
      try array.copiedColumns.isEmpty ? describe(ArraySource([array])) : describe(table: array)
    members += array.format.details(of: array)
    if array.isColumnMajor { members.append(.init("order", "by columns (Fortran)")) }
    return members
  }

  /// A table with columns of texts, and the range of the values in its others; of one column of texts how often each occurs.
  private static func describe(table array: StoredArray) throws -> [JSON.Member] {
    let texts = array.copiedColumns
    let numbers = (0..<array.columns).filter { !texts.contains($0) }
    let names = array.columnNames
    let columns = JSON.Member(
      "text_columns",
      .array(texts.map { names.isEmpty ? .integer($0) : .string(names[$0].printable) }))
    guard !numbers.isEmpty else {
      let source = try ArraySource([array])
      var members = facts(of: source, shape: array.shape) + [columns]
      if array.columns == 1, let counts = try countTexts(source) {
        members.append(.init("rows_by_value", .object(counts)))
      }
      return members
    }
    return try describe(
      ArraySource([array], plan: .only(numbers)), shape: array.shape, more: [columns],
      columns: numbers)
  }

  /// How many rows have each text, where these are at most 64 different ones.
  private static func countTexts(_ source: ArraySource) throws -> [JSON.Member]? {
    let names = try source.readNames(0..<source.rows, topology: .solo())
    var counts: [[UInt8]: Int] = [:]
    for name in names.values {
      counts[name, default: 0] += 1
      if counts.count > 64 { return nil }
    }
    return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
      .init(String(decoding: $0.key, as: UTF8.self).printable, .integer($0.value))
    }
  }

  private static func facts(of source: ArraySource, shape: [Int]) -> [JSON.Member] {
    [
      .init("file", .string(source.name)),
      .init("shape", .array(shape.map { .integer($0) })),
      .init("type", .string(source.storedType)),
      .init("bytes", .integer(source.arrays.reduce(0) { $0 + $1.fileSize })),
    ]
  }

  /// Shape, type, and the range of the values; of one column of integers also how often each occurs.
  ///
  /// - Parameters:
  ///   - shape: that of the file, where some of its columns are left out.
  ///   - more: what comes before the range.
  ///   - columns: the file's numbers of those that are left.
  private static func describe(
    _ source: ArraySource, shape: [Int]? = nil, more: [JSON.Member] = [], columns: [Int]? = nil
  ) throws -> [JSON.Member] {
    var members = facts(of: source, shape: shape ?? source.shape) + more
    guard source.rows * source.columns <= readLimit else { return members }
    if source.storedType.hasSuffix("int64"),
      let integers = try? source.readIntegers(0..<source.rows, topology: .solo())
    {
      // A Double would lack digits beyond 2^53.
      members += [
        .init("minimum", .integer(Int(integers.min()!))),
        .init("maximum", .integer(Int(integers.max()!))),
      ]
    } else if source.isRounded {
      let values = try source.readDoubles(
        0..<source.rows, topology: .solo(), keepsNonFinite: true)
      members += values.withUnsafeBufferPointer {
        numbers($0, columns ?? Array(0..<source.columns))
      }
    } else {
      let block = try source.readRows(
        0..<source.rows, topology: .solo(), keepsNonFinite: true, less: [])
      let count = block.count * block.columns
      switch block.element {
      case .uint8:
        let bytes = block.base.assumingMemoryBound(to: UInt8.self)
        members += extremes(UnsafeBufferPointer(start: bytes, count: count).lazy.map { Float($0) })
      case .float32:
        let floats = block.base.assumingMemoryBound(to: Float.self)
        members += numbers(
          UnsafeBufferPointer(start: floats, count: count), columns ?? Array(0..<block.columns))
      }
    }
    if columns == nil, source.columns == 1, let classes = try classes(source) {
      members.append(.init("rows_by_value", .object(classes)))
    }
    return members
  }

  /// The smallest and the largest of some numbers, those that are not finite left out.
  private static func extremes<Number: BinaryFloatingPoint>(
    _ values: some Sequence<Number>
  ) -> [JSON.Member] {
    var (minimum, maximum) = (Number.infinity, -Number.infinity)
    for value in values where value.isFinite {
      minimum = min(minimum, value)
      maximum = max(maximum, value)
    }
    func number(_ value: Number) -> JSON {
      Int(exactly: value).map { .integer($0) } ?? .number(Double(value))
    }
    return [
      .init("minimum", minimum <= maximum ? number(minimum) : .null),
      .init("maximum", minimum <= maximum ? number(maximum) : .null),
    ]
  }

  /// The same, and how many are NaN, or infinite as float32, and where the first of these is; nothing where all are
  /// numbers. A run would refuse them.
  private static func numbers<Number: BinaryFloatingPoint>(
    _ values: UnsafeBufferPointer<Number>, _ columns: [Int]
  ) -> [JSON.Member] {
    let extremes = extremes(values)
    guard let first = values.firstIndex(where: { !Float($0).isFinite }) else { return extremes }
    return extremes + [
      .init("nan", .integer(values.count(where: \.isNaN))),
      .init("infinite", .integer(values.count { Float($0).isInfinite })),
      .init(
        "first_of_these",
        .string("row \(first / columns.count), column \(columns[first % columns.count])")),
    ]
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
