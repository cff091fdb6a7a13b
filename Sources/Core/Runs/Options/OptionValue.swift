/// A value that an option of a run can have: as it is written on a command line, and in `config.json`.
package protocol OptionValue: Sendable {
  /// The value that a text names; nil for none.
  init?(optionText: String)
  /// A text that ``init(optionText:)`` reads as the same.
  var optionText: String { get }
  /// The value that a JSON value records; nil for none.
  init?(recorded json: JSON)
  /// As it is recorded.
  var recorded: JSON { get }
  /// All texts that it can be, where these are few; else none.
  static var optionTexts: [String] { get }
}

extension OptionValue {
  package static var optionTexts: [String] { [] }
}

extension OptionValue where Self: LosslessStringConvertible {
  package init?(optionText: String) { self.init(optionText) }
  package var optionText: String { description }
}

extension Int: OptionValue {
  package init?(recorded json: JSON) {
    guard let value = json.int else { return nil }
    self = value
  }
  package var recorded: JSON { .integer(self) }
}

extension UInt64: OptionValue {
  package init?(recorded json: JSON) {
    guard let value = json.int, value >= 0 else { return nil }
    self = UInt64(value)
  }
  package var recorded: JSON { .integer(Int(clamping: self)) }
}

extension Double: OptionValue {
  package init?(recorded json: JSON) {
    guard let value = json.double else { return nil }
    self = value
  }
  package var recorded: JSON { .number(self) }
}

extension Bool: OptionValue {
  package init?(recorded json: JSON) {
    guard let value = json.flag else { return nil }
    self = value
  }
  package var recorded: JSON { .bool(self) }
}

extension String: OptionValue {
  package init?(recorded json: JSON) {
    guard let value = json.text else { return nil }
    self = value
  }
  package var recorded: JSON { .string(self) }
}

/// A value that is recorded as it is written on the command line.
package protocol TextualOptionValue: OptionValue {}

extension TextualOptionValue {
  package init?(recorded json: JSON) {
    guard let text = json.text else { return nil }
    self.init(optionText: text)
  }
  package var recorded: JSON { .string(optionText) }
}

/// One of several named values.
package protocol NamedOptionValue: TextualOptionValue, RawRepresentable<String>, CaseIterable {}

extension NamedOptionValue {
  package init?(optionText: String) { self.init(rawValue: optionText) }
  package var optionText: String { rawValue }
  package static var optionTexts: [String] { allCases.map(\.rawValue) }
}

extension ColumnScaling.Kind: NamedOptionValue {}
