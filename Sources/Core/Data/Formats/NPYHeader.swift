import DTrainBase

/// The header of a NumPy array file, versions 1 to 3: a magic string, a length, and a Python
/// dictionary with exactly the keys descr, fortran_order and shape.
///
/// The dictionary is read by a parser for just that grammar; nothing is evaluated.
enum NPYHeader {
  /// The longest dictionary accepted.
  static let longestDictionary = 64 << 10
  /// Bytes needed to read any header accepted.
  static let longest = longestDictionary + 12

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Whether bytes begin like an NPY file.
  static func matches(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  /// Reads the header at the start of `bytes`.
  static func parse(_ bytes: [UInt8], name: String) throws -> ArrayHeader {
    guard matches(bytes) else {
      throw TrainerError(.badData, "\(name): an NPY file begins with \\x93NUMPY; this one does not")
    }
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
    guard count <= longestDictionary else {
      throw TrainerError(
        .badData,
        "\(name): its NPY header declares \(count) bytes; at most \(longestDictionary) are accepted"
      )
    }
    guard bytes.count >= start + count else { throw cut(name, bytes.count) }
    var parser = NPYDictionaryParser(bytes: bytes[start..<start + count], name: name)
    let dictionary = try parser.parse()
    return try ArrayHeader(
      type: scalarType(dictionary.descr, name: name), isColumnMajor: dictionary.fortranOrder,
      shape: dictionary.shape, length: start + count, name: name)
  }

  private static func cut(_ name: String, _ count: Int) -> TrainerError {
    TrainerError(
      .badData,
      "\(name): its NPY header is cut off at byte \(count); copy or download the file again")
  }

  /// Reads a type such as `<f8`.
  private static func scalarType(_ descr: String, name: String) throws -> ScalarType {
    var text = Substring(descr)
    var order: Character = "="
    if let first = text.first, "<>=|".contains(first) {
      order = first
      text = text.dropFirst()
    }
    let kind: ScalarType.Kind
    switch text {
    case "b1", "?": kind = .bool
    case "u1": kind = .uint8
    case "i1": kind = .int8
    case "u2": kind = .uint16
    case "i2": kind = .int16
    case "u4": kind = .uint32
    case "i4": kind = .int32
    case "u8": kind = .uint64
    case "i8": kind = .int64
    case "f2": kind = .float16
    case "f4": kind = .float32
    case "f8": kind = .float64
    default:
      let what = text.first == "O" ? "Python objects" : "elements of type '\(descr.printable)'"
      throw TrainerError(
        .badData,
        "\(name) holds \(what); only real numbers can be read: save array.astype('float32')")
    }
    let type = ScalarType(kind, isBigEndian: order == ">")
    if order == "|", type.size > 1 {
      throw TrainerError(.badData, "\(name): the type '\(descr.printable)' lacks its byte order")
    }
    return type
  }
}
