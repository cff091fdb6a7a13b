/// How a data set stores its numbers.
struct HDF5NumberType {
  let type: ScalarType
  let isBigEndian: Bool

  /// Reads a type of the library.
  ///
  /// - Throws: ``Other`` for anything but integers of 8 to 64 bits, the IEEE formats of 16 to 64 bits, and truth values as
  ///   h5py writes them.
  init(_ type: HDF5Functions.ID, _ functions: HDF5Functions) throws(Other) {
    let bytes = functions.typeSize(type)
    let order = functions.order(type)
    let isWhole = functions.precision(type) == 8 * bytes && functions.bitOffset(type) == 0
    isBigEndian = order == 1 && bytes > 1
    switch Class(rawValue: functions.typeClass(type)) {
    case .integer:
      let isSigned = functions.sign(type) == 1
      guard isWhole, order <= 1 || bytes == 1, let found = Self.integers[bytes] else {
        throw Other(words: "integers of \(functions.precision(type)) bits in \(bytes) bytes")
      }
      self.type = isSigned ? found.signed : found.unsigned
    case .float:
      guard isWhole, order <= 1, let found = Self.floats[bytes],
        Layout(of: type, functions) == found.layout
      else {
        throw Other(
          words: "floating-point numbers of \(bytes) bytes in another format than IEEE 754's")
      }
      self.type = found.type
    case .enumeration:
      guard bytes == 1, Self.isTruth(type, functions) else {
        throw Other(
          words: "an enumeration of \(Int(functions.memberCount(type)).counted("name"))")
      }
      self.type = .bool
    case .string:
      throw Other(
        words: functions.isVariableText(type) > 0 ? "text of any length" : "text of \(bytes) bytes")
    case .compound:
      let names = (0..<UInt32(clamping: functions.memberCount(type))).prefix(8).map {
        Self.memberName(type, $0, functions).printable
      }
      throw Other(words: "records (\(names.joined(separator: ", ")))")
    case .time: throw Other(words: "times")
    case .bitField: throw Other(words: "bit fields")
    case .opaque: throw Other(words: "opaque bytes")
    case .reference: throw Other(words: "references")
    case .list: throw Other(words: "lists of any length")
    case .array: throw Other(words: "an array in each element")
    case .complex: throw Other(words: "complex numbers")
    case nil: throw Other(words: "elements of an unknown type")
    }
  }

  /// What elements are that are not numbers that can be read.
  struct Other: Error {
    let words: String
  }

  /// The library's classes of types.
  private enum Class: Int32 {
    case integer, float, time, string, bitField, opaque, compound, reference, enumeration, list,
      array, complex
  }

  private static let integers: [Int: (signed: ScalarType, unsigned: ScalarType)] = [
    1: (.int8, .uint8), 2: (.int16, .uint16), 4: (.int32, .uint32), 8: (.int64, .uint64),
  ]

  private static let floats: [Int: (type: ScalarType, layout: Layout)] = [
    2: (.float16, Layout(exponentBits: 5, fractionBits: 10)),
    4: (.float32, Layout(exponentBits: 8, fractionBits: 23)),
    8: (.float64, Layout(exponentBits: 11, fractionBits: 52)),
  ]

  /// Where the bits of a floating-point number are.
  private struct Layout: Equatable {
    let signPlace, exponentPlace, exponentBits, fractionPlace, fractionBits, bias: Int

    /// As IEEE 754 has it: fraction, exponent, sign.
    init(exponentBits: Int, fractionBits: Int) {
      signPlace = exponentBits + fractionBits
      exponentPlace = fractionBits
      self.exponentBits = exponentBits
      fractionPlace = 0
      self.fractionBits = fractionBits
      bias = 1 << (exponentBits - 1) - 1
    }

    /// As a type of the library has it; nil where it does not say.
    init?(of type: HDF5Functions.ID, _ functions: HDF5Functions) {
      var places = [Int](repeating: -1, count: 5)
      let code = places.withUnsafeMutableBufferPointer { places in
        let base = places.baseAddress!
        return functions.floatFields(type, base, base + 1, base + 2, base + 3, base + 4)
      }
      if code < 0 { return nil }
      (signPlace, exponentPlace, exponentBits) = (places[0], places[1], places[2])
      (fractionPlace, fractionBits) = (places[3], places[4])
      bias = functions.exponentBias(type)
    }
  }

  /// Whether an enumeration of bytes is h5py's: FALSE is 0, TRUE is 1.
  private static func isTruth(_ type: HDF5Functions.ID, _ functions: HDF5Functions) -> Bool {
    guard functions.memberCount(type) == 2 else { return false }
    var values: [String: Int8] = [:]
    for member in UInt32(0)..<2 {
      var value: Int8 = -1
      guard functions.memberValue(type, member, &value) >= 0 else { return false }
      values[memberName(type, member, functions)] = value
    }
    return values == ["FALSE": 0, "TRUE": 1]
  }

  private static func memberName(
    _ type: HDF5Functions.ID, _ member: UInt32, _ functions: HDF5Functions
  ) -> String {
    guard let text = functions.memberName(type, member) else { return "" }
    defer { _ = functions.free(text) }
    return String(system: text)
  }
}
