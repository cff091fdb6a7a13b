/// The cyclic redundancy check of Castagnoli (RFC 3720, B.4), which records of TensorFlow carry. zlib's CRC-32 has
/// another polynomial.
package enum CRC32C {
  /// The polynomial 0x1EDC6F41, its bits reversed.
  private static let polynomial: UInt32 = 0x82F6_3B78

  /// What each byte makes of a remainder of 0.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in
      rest & 1 == 1 ? rest >> 1 ^ polynomial : rest >> 1
    }
  }

  /// The checksum of bytes.
  ///
  /// - Complexity: O(bytes).
  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    let table = table
    return ~bytes.reduce(~0) { rest, byte in
      rest >> 8 ^ table[Int(UInt8(truncatingIfNeeded: rest) ^ byte)]
    }
  }
}
