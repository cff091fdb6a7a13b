/// Bytes that hold unsigned integers, least significant byte first.
struct LittleEndianBytes {
  private let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// The integer of `width` bytes at `place`, both inside the bytes; -1 where it does not fit 63 bits.
  func integer(_ place: Int, _ width: Int) -> Int {
    let value = bytes[place..<place + width].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    return Int(exactly: value) ?? -1
  }

  /// The `length` bytes at `place`.
  func slice(_ place: Int, _ length: Int) -> ArraySlice<UInt8> { bytes[place..<place + length] }
}
