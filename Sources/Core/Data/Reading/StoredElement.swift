/// The element type that rows have in memory.
public enum StoredElement: UInt8, Sendable {
  /// One byte, 0...255: images and coded columns stay as small as their file.
  case uint8
  /// IEEE 754 binary32: every other numeric type.
  case float32

  /// Bytes of one element.
  public var size: Int { self == .uint8 ? 1 : 4 }
}
