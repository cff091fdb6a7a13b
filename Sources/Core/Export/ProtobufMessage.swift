/// A message of Protocol Buffers in the making: varints, floats of 4 and 8 bytes, and what has a length.
///
/// swift-protobuf would do the same. It brings all of Foundation with it, which makes the program 47 MB larger and
/// slower to build and to start; docs/FORMATS.md has the figures.
struct ProtobufMessage: Sendable {
  private(set) var content = FilePieces()

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// Adds a number to a field; a field that takes several is set for each.
  mutating func set(_ field: Int, _ value: Int) {
    content.append(Self.tag(field, .varint) + Self.varint(UInt64(bitPattern: Int64(value))))
  }

  /// Adds a number to a field of type `float`.
  mutating func set(_ field: Int, float value: Float) {
    content.append(Self.tag(field, .fixed32) + littleEndian(CollectionOfOne(value)))
  }

  /// Adds a number to a field of type `double`.
  mutating func set(_ field: Int, double value: Double) {
    content.append(Self.tag(field, .fixed64) + littleEndian(CollectionOfOne(value)))
  }

  /// Adds numbers to a packed field of type `repeated double`.
  mutating func set(_ field: Int, doubles values: [Double]) {
    set(field, bytes: littleEndian(values))
  }

  /// Adds a text to a field.
  mutating func set(_ field: Int, _ text: String) { set(field, bytes: Array(text.utf8)) }

  /// Adds bytes to a field.
  mutating func set(_ field: Int, bytes: [UInt8]) {
    content.append(Self.tag(field, .lengthDelimited) + Self.varint(UInt64(bytes.count)))
    content.append(bytes)
  }

  /// Adds a message to a field.
  mutating func set(_ field: Int, _ message: ProtobufMessage) {
    content.append(
      Self.tag(field, .lengthDelimited) + Self.varint(UInt64(message.content.count)))
    content.append(message.content)
  }

  private static func tag(_ field: Int, _ type: WireType) -> [UInt8] {
    varint(UInt64(field) << 3 | type.rawValue)
  }

  /// Seven bits a byte, the lowest first; the highest bit says that another byte follows.
  static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
