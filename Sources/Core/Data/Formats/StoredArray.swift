/// One array in one file: what rank 0 finds out and every rank reads by.
///
/// Dimensions beyond the first are flattened, so that an array is `[rows, columns]`.
package struct StoredArray: Sendable {
  package private(set) var path: String
  /// The array's name in a file of several; empty otherwise.
  package let member: String
  /// Bytes of the file; a rank that sees another size sees another file.
  package private(set) var fileSize: Int
  /// What reads it.
  package private(set) var format: any ArrayFormat
  /// The type of the numbers; text counts as float64.
  package let type: ScalarType
  /// Extents, at least one; the first may be 0, others are at least 1.
  package private(set) var shape: [Int]
  /// Whether the first index varies fastest (Fortran order).
  package let isColumnMajor: Bool
  /// The names of the columns; empty where they have none.
  package let columnNames: [String]
  /// Of each column that holds texts, these, in the order of their numbers, from 0; of others none. Empty where no column
  /// does.
  package private(set) var categories: [[String]]
  /// The columns of texts that are passed on as they stand, and have no numbers.
  package let copiedColumns: [Int]
  /// What else the format's reader needs to know, in the format's own words.
  package private(set) var index: [UInt8]

  package var rows: Int { shape[0] }
  package var columns: Int { shape.dropFirst().reduce(1, *) }
  /// The array in a message.
  package var name: String { Self.name(path: path, member: member) }

  package static func name(path: String, member: String) -> String {
    member.isEmpty ? path.printable : "\(path.printable) ('\(member.printable)')"
  }

  /// An array of a file that is being examined.
  package init(
    in file: ExaminedFile, member: String = "", format: any ArrayFormat, type: ScalarType,
    shape: [Int], isColumnMajor: Bool = false, columnNames: [String] = [],
    categories: [[String]] = [], copiedColumns: [Int] = [], index: [UInt8]
  ) {
    precondition(!shape.isEmpty && shape.dropFirst().allSatisfy { $0 > 0 }, "shape \(shape)")
    path = file.path
    fileSize = file.file.size
    self.member = member
    self.format = format
    self.type = type
    self.shape = shape
    self.isColumnMajor = isColumnMajor
    self.columnNames = columnNames
    self.categories = categories.contains { !$0.isEmpty } ? categories : []
    self.copiedColumns = copiedColumns
    self.index = index
    precondition(columnNames.isEmpty || columnNames.count == columns, "\(columnNames.count) names")
  }

  /// The texts of a column in all arrays of a source, in the order of their bytes, so that a text has one number in all
  /// files.
  static func texts(_ column: Int, of arrays: [StoredArray]) -> [String] {
    guard arrays.contains(where: { !$0.categories.isEmpty }) else { return [] }
    return Set(arrays.flatMap { $0.categories.isEmpty ? [] : $0.categories[column] })
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// All columns of a source's arrays: a single one of texts as their numbers, others with a column for each text.
  static func plan(of arrays: [StoredArray]) -> ColumnPlan {
    let columns = arrays[0].columns
    guard arrays.contains(where: \.holdsTexts) else { return .all(columns) }
    return ColumnPlan(
      (0..<columns).map {
        .init(
          stored: $0..<$0 + 1, texts: texts($0, of: arrays),
          isOneHot: columns > 1 && !texts($0, of: arrays).isEmpty,
          isCopied: isCopied($0, of: arrays))
      })
  }

  /// Whether some column holds texts.
  var holdsTexts: Bool { !categories.isEmpty || !copiedColumns.isEmpty }

  /// Whether a column holds texts in some array that are passed on as they stand.
  static func isCopied(_ column: Int, of arrays: [StoredArray]) -> Bool {
    arrays.contains { $0.copiedColumns.contains(column) }
  }

  /// The matrix with another number of columns, and what its reader needs to know of that.
  func with(columns: Int, index: [UInt8]) -> StoredArray {
    var array = self
    array.shape = [rows, columns]
    array.index = index
    return array
  }

  /// The array with other texts; none for numbers.
  func with(categories: [[String]]) -> StoredArray {
    var array = self
    array.categories = categories
    return array
  }

  /// The array with another reader of the same numbers.
  func with(format: any ArrayFormat) -> StoredArray {
    var array = self
    array.format = format
    return array
  }

  /// The array in another file, and what its reader needs to know of that.
  func with(path: String, fileSize: Int, index: [UInt8]) -> StoredArray {
    var array = self
    (array.path, array.fileSize, array.index) = (path, fileSize, index)
    return array
  }

  /// Arrays that are read as one, as they are beside each other and beside `others`: see
  /// ``ArrayFormat/agreeing(_:with:)``.
  static func agreeing(_ arrays: [StoredArray], with others: [StoredArray] = []) -> [StoredArray] {
    guard let format = arrays.first?.format,
      (arrays + others).allSatisfy({ $0.format.name == format.name })
    else { return arrays }
    return format.agreeing(arrays, with: others)
  }

  /// Opens the file on this rank and checks that it is the one that rank 0 examined.
  package func open() throws -> DataFile {
    let file = try DataFile(path: path)
    try require(
      file.size == fileSize, .badData,
      "\(path.printable) has \(file.size) bytes here but had \(fileSize) when it was examined; "
        + "every node must see the same, finished file")
    return file
  }

  func pack(into packer: inout WirePacker) {
    packer.pack(format.name)
    packer.pack(path)
    packer.pack(member)
    packer.pack(fileSize)
    packer.pack(Int(type.rawValue))
    packer.pack(shape) { $0.pack($1) }
    packer.pack(isColumnMajor ? 1 : 0)
    packer.pack(columnNames) { $0.pack($1) }
    packer.pack(categories) { packer, texts in packer.pack(texts) { $0.pack($1) } }
    packer.pack(copiedColumns) { $0.pack($1) }
    packer.pack(index)
  }

  /// - Parameter formats: those among which rank 0 found the array's own.
  init(from unpacker: inout WireUnpacker, formats: [DataFormat]) {
    let name = unpacker.string()
    format = formats.first { $0.rawValue == name }!.format
    path = unpacker.string()
    member = unpacker.string()
    fileSize = unpacker.integer()
    type = ScalarType(rawValue: UInt8(unpacker.integer()))!
    shape = unpacker.array { $0.integer() }
    isColumnMajor = unpacker.integer() == 1
    columnNames = unpacker.array { $0.string() }
    categories = unpacker.array { $0.array { $0.string() } }
    copiedColumns = unpacker.array { $0.integer() }
    index = unpacker.bytes()
  }
}
