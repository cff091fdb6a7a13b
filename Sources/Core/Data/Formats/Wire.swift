/// Values packed for a broadcast between ranks of one job.
package struct WirePacker {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func pack(_ value: Int) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  package mutating func pack(_ values: [UInt8]) {
    pack(values.count)
    bytes += values
  }

  package mutating func pack(_ text: String) { pack(Array(text.utf8)) }

  package mutating func pack<T>(_ values: [T], _ one: (inout WirePacker, T) -> Void) {
    pack(values.count)
    for value in values { one(&self, value) }
  }
}

/// The inverse of ``WirePacker``; its bytes come from this program itself.
package struct WireUnpacker {
  private let packed: [UInt8]
  private var place = 0
  package init(_ bytes: [UInt8]) { packed = bytes }

  package mutating func integer() -> Int {
    defer { place += 8 }
    return packed.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Int.self) }
  }

  package mutating func bytes() -> [UInt8] {
    let count = integer()
    defer { place += count }
    return Array(packed[place..<place + count])
  }

  package mutating func string() -> String { String(decoding: bytes(), as: UTF8.self) }

  package mutating func array<T>(_ one: (inout WireUnpacker) throws -> T) rethrows -> [T] {
    try (0..<integer()).map { _ in try one(&self) }
  }
}
