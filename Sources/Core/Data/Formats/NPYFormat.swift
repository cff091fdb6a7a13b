/// One NumPy array, versions 1 to 3.
///
/// Its header: a magic string, a length, and a Python dictionary with exactly the keys descr, fortran_order and shape.
/// The dictionary is read by a parser for just that grammar; nothing is evaluated.
struct NPYFormat: PackedFormat {
  let name = "npy"
  let endings = [".npy"]

  /// The longest dictionary accepted.
  static let longestDictionary = 64 << 10
  /// Bytes needed to read any header accepted.
  static let longest = longestDictionary + 12

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  func matches(_ head: [UInt8]) -> Bool { head.starts(with: Self.magic) }

  func examine(_ file: ExaminedFile) throws -> FileContent {
    .array(try array(in: file, Self.parse(file.head(Self.longest), name: file.name)))
  }

  /// Reads the header at the start of `bytes`.
  static func parse(_ bytes: [UInt8], name: String) throws -> ArrayHeader {
    try require(
      bytes.starts(with: magic), .badData,
      "\(name): an NPY file begins with \\x93NUMPY; this one does not: copy it again, or check "
        + "\(parameter: "format")")
    guard bytes.count >= 10 else { throw cut(name, bytes.count) }
    let lengthBytes: Int
    switch (bytes[6], bytes[7]) {
    case (1, 0): lengthBytes = 2
    case (2, 0), (3, 0): lengthBytes = 4
    default:
      throw TrainerError(
        .badData,
        "\(name): NPY version \(bytes[6]).\(bytes[7]) is not known; save with version 1.0, 2.0 or 3.0"
      )
    }
    let start = 8 + lengthBytes
    guard bytes.count >= start else { throw cut(name, bytes.count) }
    let count = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    try require(
      count <= longestDictionary, .badData,
      "\(name): its NPY header declares \(count) bytes; at most \(longestDictionary) are accepted; save the array "
        + "again")
    guard bytes.count >= start + count else { throw cut(name, bytes.count) }
    var parser = NPYDictionaryParser(bytes: bytes[start..<start + count], name: name)
    let dictionary = try parser.parse()
    let (type, isBigEndian) = try scalarType(dictionary.descr, name: name)
    return try ArrayHeader(
      type: type, isBigEndian: isBigEndian, isColumnMajor: dictionary.fortranOrder,
      shape: dictionary.shape, length: start + count, name: name)
  }

  private static func cut(_ name: String, _ count: Int) -> TrainerError {
    TrainerError(
      .badData,
      "\(name): its NPY header is cut off at byte \(count); copy or download the file again")
  }

  /// The types by NumPy's codes, without byte order.
  private static let types: [Substring: ScalarType] = [
    "b1": .bool, "?": .bool, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16,
    "u4": .uint32, "i4": .int32, "u8": .uint64, "i8": .int64,
    "f2": .float16, "f4": .float32, "f8": .float64,
  ]

  /// How numbers are made of what is none, by NumPy's code.
  private static func remedy(for code: Substring) -> String {
    switch code.first {
    case "M", "m": "save array.astype('int64')"
    case "U", "S", "O":
      "of labels save numpy.unique(array, return_inverse=True)[1], of numbers array.astype('float64')"
    case "c": "save real and imaginary parts as columns of their own"
    default: "save array.astype('float64')"
    }
  }

  /// Reads a type such as `<f8`.
  private static func scalarType(
    _ descr: String, name: String
  ) throws -> (type: ScalarType, isBigEndian: Bool) {
    var text = Substring(descr)
    let order = "<>=|".contains(descr.prefix(1)) ? text.popFirst() : nil
    guard let type = types[text] else {
      let what = text.first == "O" ? "Python objects" : "elements of type '\(descr.printable)'"
      throw TrainerError(
        .badData, "\(name) holds \(what); only real numbers can be read: \(remedy(for: text))")
    }
    try require(
      order != "|" || type.size == 1, .badData,
      "\(name): the type '\(descr.printable)' lacks its byte order; save the array again")
    return (type, order == ">")
  }
}
