/// Values packed for a broadcast between ranks of one job.
struct WirePacker {
  private(set) var bytes: [UInt8] = []

  mutating func pack(_ value: Int) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  mutating func pack(_ text: String) {
    pack(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func pack<T>(_ values: [T], _ one: (inout WirePacker, T) -> Void) {
    pack(values.count)
    for value in values { one(&self, value) }
  }
}

/// The inverse of ``WirePacker``; its bytes come from this program itself.
package struct WireUnpacker {
  private let bytes: [UInt8]
  private var place = 0
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package mutating func integer() -> Int {
    defer { place += 8 }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Int.self) }
  }

  package mutating func string() -> String {
    let count = integer()
    defer { place += count }
    return String(decoding: bytes[place..<place + count], as: UTF8.self)
  }

  package mutating func array<T>(_ one: (inout WireUnpacker) throws -> T) rethrows -> [T] {
    let count = integer()
    var values: [T] = []
    for _ in 0..<count { values.append(try one(&self)) }
    return values
  }
}

extension ArrayLayout {
  func pack(into packer: inout WirePacker) {
    packer.pack(path)
    packer.pack(member)
    packer.pack(fileSize)
    switch container {
    case .plain: packer.pack([0, 0]) { $0.pack($1) }
    case .gzip: packer.pack([1, 0]) { $0.pack($1) }
    case .stored(let crc): packer.pack([2, Int(crc)]) { $0.pack($1) }
    case .deflated(let crc): packer.pack([3, Int(crc)]) { $0.pack($1) }
    }
    packer.pack(range.lowerBound)
    packer.pack(range.upperBound)
    packer.pack(Int(header.type.kind.rawValue))
    packer.pack(header.type.isBigEndian ? 1 : 0)
    packer.pack(header.isColumnMajor ? 1 : 0)
    packer.pack(header.length)
    packer.pack(header.shape) { $0.pack($1) }
  }

  package init(from unpacker: inout WireUnpacker) throws {
    path = unpacker.string()
    member = unpacker.string()
    fileSize = unpacker.integer()
    let code = unpacker.array { $0.integer() }
    switch code[0] {
    case 0: container = .plain
    case 1: container = .gzip
    case 2: container = .stored(crc: UInt32(code[1]))
    default: container = .deflated(crc: UInt32(code[1]))
    }
    let start = unpacker.integer()
    range = start..<unpacker.integer()
    let kind = ScalarType.Kind(rawValue: UInt8(unpacker.integer()))!
    let type = ScalarType(kind, isBigEndian: unpacker.integer() == 1)
    let isColumnMajor = unpacker.integer() == 1
    let length = unpacker.integer()
    let shape = unpacker.array { $0.integer() }
    header = try ArrayHeader(
      type: type, isColumnMajor: isColumnMajor, shape: shape, length: length,
      name: Self.name(path: path, member: member))
  }
}
