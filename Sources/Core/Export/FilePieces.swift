/// The content of a file in the making: short texts joined, long arrays each by itself and not copied.
package struct FilePieces: Sendable {
  private(set) var pieces: [[UInt8]] = []
  private(set) var count = 0

  /// Pieces up to this length are joined.
  private static let joined = 1 << 12

  package init() {}

  mutating func append(_ bytes: [UInt8]) {
    count += bytes.count
    if let last = pieces.indices.last, pieces[last].count + bytes.count <= Self.joined {
      pieces[last] += bytes
    } else {
      pieces.append(bytes)
    }
  }

  mutating func append(_ other: FilePieces) {
    for piece in other.pieces { append(piece) }
  }

  /// Appends an integer, least significant byte first.
  mutating func append(little value: some FixedWidthInteger) {
    append(withUnsafeBytes(of: value.littleEndian) { Array($0) })
  }
}

/// The elements' bytes, least significant first.
func littleEndian(_ values: some Sequence<Float>) -> [UInt8] {
  values.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) }
}

/// The same of Doubles.
func littleEndian(_ values: some Sequence<Double>) -> [UInt8] {
  values.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) }
}

/// The same of integers.
func littleEndian(_ values: some Sequence<Int>) -> [UInt8] {
  values.map { Int64($0).littleEndian }.withUnsafeBytes { Array($0) }
}
