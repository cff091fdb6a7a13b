/// One of the formats that data files can have, by its name.
public struct DataFormat: RawRepresentable, CaseIterable, Sendable {
  /// The formats that are read.
  package static let all: [any ArrayFormat] = [
    IDXFormat(),
    NPYFormat(),
    NPZFormat(),
    HDF5Format(),
    SparseFormat.libsvm,
    SparseFormat.libsvm0,
    SparseFormat.libsvm1,
    TableFormat.csv,
    TableFormat.tsv,
  ]

  /// The formats that are read.
  public static let allCases = all.map { DataFormat($0) }

  package let format: any ArrayFormat

  package init(_ format: any ArrayFormat) { self.format = format }

  /// The format of that name, nil if none has it.
  public init?(rawValue: String) {
    guard let found = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = found
  }

  /// The name.
  public var rawValue: String { format.name }

  /// Bytes by which a format is told.
  static let headCount = 4096

  /// Tells the format of a file by its first bytes, then by its name.
  ///
  /// - Parameter forced: the format that the file is said to have.
  /// - Throws: `TrainerError` (bad data) where neither says, or says that it cannot be read or has another format.
  static func detect(
    _ file: ExaminedFile, forced: DataFormat? = nil, among formats: [DataFormat]
  ) throws -> DataFormat {
    let head = try file.head(headCount)
    try require(!head.isEmpty, .badData, "\(file.name) is empty; give at least one row")
    if let what = ForeignFile.words(for: try file.head(ForeignFile.headCount)) {
      throw TrainerError(.badData, "\(file.name) is \(what)")
    }
    let found = formats.first { $0.format.matches(head) }
    // Text can look like that of another format.
    if let forced, let found, !found.format.isSurveyed, !forced.format.matches(head) {
      throw TrainerError(
        .badData,
        "\(file.name) is \(found.rawValue.uppercased()) and not \(forced.rawValue.uppercased()); omit "
          + "\(parameter: "format") \(forced.rawValue)")
    }
    if let found = forced ?? found { return found }
    func unreadable(_ what: String) -> TrainerError {
      TrainerError(
        .badData, "\(file.name) is \(what), which cannot be read; convert it to NPY or NPZ")
    }
    if let words = ForeignTable.words(for: head, name: file.name) {
      throw TrainerError(.badData, words)
    }
    if let (_, what) = foreignBeginnings.first(where: { head.starts(with: $0.0) }) {
      throw unreadable(what)
    }
    var name = file.path.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    if let found = formats.first(where: { $0.format.endings.contains { name.hasSuffix($0) } }) {
      // Text could be anything, but not with bytes that are 0.
      return found
    }
    let names = formats.filter { !$0.format.endings.isEmpty }.map { $0.rawValue.uppercased() }
    throw TrainerError(
      .badData,
      "\(file.name) is neither \(names.dropLast().joined(separator: ", ")) nor \(names.last!) by its "
        + "first bytes"
        + (TableFormat.isLikely(head, isWhole: head.count < headCount)
          ? ", but looks like a table in text; give \(parameter: "format") csv if it is one"
          : "; convert it to NPY (numpy.save), or name its format with \(parameter: "format")")
    )
  }

  /// What cannot be read, by its first bytes, whatever its name.
  private static let foreignBeginnings: [([UInt8], String)] = [
    (Array("BZh".utf8), "compressed with bzip2"), ([0xfd, 0x37, 0x7a, 0x58], "compressed with xz"),
    ([0x28, 0xb5, 0x2f, 0xfd], "compressed with zstd"),
  ]
}
