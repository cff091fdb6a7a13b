extension JSON {
  /// Why a text is no JSON, and where.
  public struct ParseError: Error, Equatable, CustomStringConvertible {
    /// The offset of the offending byte from the start of the text.
    public let offset: Int
    /// What is wrong there.
    public let problem: String

    /// The problem and its place.
    public var description: String { "byte \(offset): \(problem)" }
  }

  /// Reads one JSON text, strictly by RFC 8259.
  ///
  /// Refused besides what the grammar refuses: invalid UTF-8, unpaired surrogates, the same name twice
  /// in an object, nesting deeper than `maximumDepth`, integers beyond 64 bits, numbers beyond Double's
  /// range, and anything but white space behind the value.
  ///
  /// - Throws: `ParseError` with the offset of the first offending byte.
  /// - Complexity: O(bytes).
  public init(parsing bytes: [UInt8], maximumDepth: Int = 64) throws(ParseError) {
    var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
    self = try parser.document()
  }
}
