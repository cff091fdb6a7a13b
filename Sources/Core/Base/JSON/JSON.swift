/// A JSON value (RFC 8259) that keeps the order of its members and tells integers from other numbers,
/// so that what is written is a function of the value alone.
public enum JSON: Equatable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number written without fraction and exponent; exact.
  case integer(Int)
  /// Any other number. What is not finite is written as `null`.
  case number(Double)
  /// A string.
  case string(String)
  /// An array.
  case array([JSON])
  /// An object: its members in the order of the text, no name twice.
  case object([Member])

  /// One member of an object.
  public struct Member: Equatable, Sendable {
    /// The member's name.
    public var key: String
    /// The member's value.
    public var value: JSON

    /// A member of an object.
    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// The value of the member called `key`; nil where there is none or this is no object.
  ///
  /// - Complexity: O(members).
  public subscript(key: String) -> JSON? {
    members?.first { $0.key == key }?.value
  }

  /// The element at `index`; nil beyond the end or where this is no array.
  public subscript(index: Int) -> JSON? {
    guard let items, items.indices.contains(index) else { return nil }
    return items[index]
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// The truth value, if this is one.
  public var flag: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The integer, if this is one: `1.0` is not.
  public var int: Int? {
    if case .integer(let value) = self { return value }
    return nil
  }

  /// The number, if this is one; an integer is rounded to the nearest Double.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The string, if this is one.
  public var text: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  /// The elements, if this is an array.
  public var items: [JSON]? {
    if case .array(let value) = self { return value }
    return nil
  }

  /// The members, if this is an object.
  public var members: [Member]? {
    if case .object(let value) = self { return value }
    return nil
  }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
  ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// An object with these members, in this order; a name that stands twice is a programmer's error.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    precondition(
      Set(elements.map(\.0)).count == elements.count, "a JSON object with the same name twice")
    self = .object(elements.map { Member($0.0, $0.1) })
  }
  /// An array of these elements.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
}
