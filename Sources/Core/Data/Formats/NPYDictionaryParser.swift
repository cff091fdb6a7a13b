/// Reads the dictionary in an NPY header: string keys, each once, in any order; values are a quoted
/// string, `True` or `False`, or a tuple of decimal integers.
struct NPYDictionaryParser {
  private let bytes: ArraySlice<UInt8>
  private let name: String
  private var place: Int

  init(bytes: ArraySlice<UInt8>, name: String) {
    self.bytes = bytes
    self.name = name
    place = bytes.startIndex
  }

  mutating func parse() throws -> (descr: String, fortranOrder: Bool, shape: [Int]) {
    var descr: String?
    var fortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !skip("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where descr == nil:
        if next == UInt8(ascii: "[") || next == UInt8(ascii: "(") {
          throw TrainerError(
            .badData,
            "\(name) holds structured records; save one plain matrix of numbers instead")
        }
        descr = try string()
      case "fortran_order" where fortranOrder == nil: fortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default: throw fault("an unknown or repeated key '\(key.printable)'")
      }
      if skip(",") { continue }
      try expect("}")
      break
    }
    skipSpace()
    guard place == bytes.endIndex else { throw fault("text after the closing brace") }
    guard let descr, let fortranOrder, let shape else {
      throw fault("one of the keys descr, fortran_order and shape is missing")
    }
    return (descr, fortranOrder, shape)
  }

  /// The next byte that is not white space.
  private var next: UInt8? {
    mutating get {
      skipSpace()
      return place < bytes.endIndex ? bytes[place] : nil
    }
  }

  private mutating func skipSpace() {
    while place < bytes.endIndex, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
  }

  private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: mark) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ mark: Unicode.Scalar) throws {
    guard skip(mark) else { throw fault("'\(mark)' was expected") }
  }

  private mutating func string() throws -> String {
    guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw fault("a quoted string was expected")
    }
    let start = place + 1
    guard let end = bytes[start...].firstIndex(of: quote) else { throw fault("an unclosed quote") }
    let content = bytes[start..<end]
    guard !content.contains(UInt8(ascii: "\\")) else { throw fault("an escaped character") }
    place = end + 1
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func boolean() throws -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return value
    }
    throw fault("True or False was expected")
  }

  private mutating func tuple() throws -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !skip(")") {
      numbers.append(try integer())
      if skip(",") { continue }
      guard numbers.count > 1 else { throw fault("a tuple was expected") }
      try expect(")")
      break
    }
    guard numbers.count <= 64 else { throw fault("more than 64 dimensions") }
    return numbers
  }

  private mutating func integer() throws -> Int {
    let isNegative = skip("-")
    var value = 0
    let start = place
    while place < bytes.endIndex, case let digit = bytes[place], (0x30...0x39).contains(digit) {
      let (tens, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) = tens.addingReportingOverflow(Int(digit - 0x30))
      if first || second { throw fault("an extent beyond 64 bits") }
      value = sum
      place += 1
    }
    guard place > start else { throw fault("an integer was expected") }
    guard bytes[start] != 0x30 || place == start + 1 else {
      throw fault("an integer that begins with 0")
    }
    // Python 2 wrote its long integers with a suffix.
    if place < bytes.endIndex, bytes[place] == UInt8(ascii: "L") { place += 1 }
    return isNegative ? -value : value
  }

  private func fault(_ what: String) -> TrainerError {
    TrainerError(
      .badData,
      "\(name): its NPY header cannot be read at byte \(place): \(what); save the array again")
  }
}
