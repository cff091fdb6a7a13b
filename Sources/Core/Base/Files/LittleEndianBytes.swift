/// Bytes that hold unsigned integers, least significant byte first.
package struct LittleEndianBytes {
  private let bytes: [UInt8]
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var count: Int { bytes.count }

  /// The integer of `width` bytes at `place`, both inside the bytes; -1 where it does not fit 63 bits.
  package func integer(_ place: Int, _ width: Int) -> Int {
    let value = bytes[place..<place + width].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    return Int(exactly: value) ?? -1
  }

  /// The `length` bytes at `place`.
  package func slice(_ place: Int, _ length: Int) -> ArraySlice<UInt8> {
    bytes[place..<place + length]
  }
}
