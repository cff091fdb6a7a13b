/// The format of the MNIST files: a typed array of any number of dimensions.
///
/// Its header: two zero bytes, a type code, the number of dimensions, then one 32-bit unsigned extent a dimension, most
/// significant byte first.
struct IDXFormat: PackedFormat {
  let name = "idx"
  let endings = ["ubyte", ".idx"]

  /// The longest header there is.
  private static let longest = 4 + 4 * 255

  func matches(_ head: [UInt8]) -> Bool {
    head.count >= 4 && head[0] == 0 && head[1] == 0 && Self.types[head[2]] != nil && head[3] > 0
  }

  func examine(_ file: ExaminedFile) throws -> FileContent {
    .array(try array(in: file, Self.parse(file.head(Self.longest), name: file.name)))
  }

  /// Reads the header at the start of `bytes`.
  static func parse(_ bytes: [UInt8], name: String) throws -> ArrayHeader {
    try require(
      bytes.count >= 4, .badData,
      "\(name): an IDX header is cut off at byte \(bytes.count); copy or download the file again")
    try require(
      bytes[0] == 0 && bytes[1] == 0, .badData,
      "\(name): an IDX file begins with two zero bytes; this one does not: copy it again, or check "
        + "\(parameter: "format")")
    guard let type = types[bytes[2]] else {
      throw TrainerError(
        .badData,
        "\(name): byte 2 names an unknown IDX type, 0x\(String(bytes[2], radix: 16)); copy or download the file again"
      )
    }
    let length = 4 + 4 * Int(bytes[3])
    try require(
      bytes.count >= length, .badData,
      "\(name): its IDX header of \(length) bytes is cut off at byte \(bytes.count); "
        + "copy or download the file again")
    let shape = stride(from: 4, to: length, by: 4).map { place in
      bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    return try ArrayHeader(
      type: type, isBigEndian: true, isColumnMajor: false, shape: shape, length: length, name: name)
  }

  /// The code of a type; nil where the format lacks it.
  static func code(of type: ScalarType) -> UInt8? { types.first { $0.value == type }?.key }

  /// The types by their codes.
  private static let types: [UInt8: ScalarType] = [
    0x08: .uint8, 0x09: .int8, 0x0b: .int16, 0x0c: .int32, 0x0d: .float32, 0x0e: .float64,
  ]
}
