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
      "\(name): an NPY file begins with \\x93NUMPY; this one does not")
    guard bytes.count >= 10 else { throw cut(name, bytes.count) }
    let lengthBytes: Int
    switch bytes[6] {
    case 1: lengthBytes = 2
    case 2, 3: lengthBytes = 4
    default:
      throw TrainerError(
        .badData,
        "\(name): NPY version \(bytes[6]).\(bytes[7]) is not known; save with version 1 to 3")
    }
    let start = 8 + lengthBytes
    guard bytes.count >= start else { throw cut(name, bytes.count) }
    let count = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    try require(
      count <= longestDictionary, .badData,
      "\(name): its NPY header declares \(count) bytes; at most \(longestDictionary) are accepted")
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

  /// Reads a type such as `<f8`.
  private static func scalarType(
    _ descr: String, name: String
  ) throws -> (type: ScalarType, isBigEndian: Bool) {
    var text = Substring(descr)
    var order: Character = "="
    if let first = text.first, "<>=|".contains(first) {
      order = first
      text = text.dropFirst()
    }
    let type: ScalarType
    switch text {
    case "b1", "?": type = .bool
    case "u1": type = .uint8
    case "i1": type = .int8
    case "u2": type = .uint16
    case "i2": type = .int16
    case "u4": type = .uint32
    case "i4": type = .int32
    case "u8": type = .uint64
    case "i8": type = .int64
    case "f2": type = .float16
    case "f4": type = .float32
    case "f8": type = .float64
    default:
      let what = text.first == "O" ? "Python objects" : "elements of type '\(descr.printable)'"
      throw TrainerError(
        .badData,
        "\(name) holds \(what); only real numbers can be read: save array.astype('float32')")
    }
    if order == "|", type.size > 1 {
      throw TrainerError(.badData, "\(name): the type '\(descr.printable)' lacks its byte order")
    }
    return (type, order == ">")
  }
}
