/// A value that an option of a run can have: as it is written on a command line, and in `config.json`.
package protocol OptionValue: Sendable {
  /// The value that a text names; nil for none.
  init?(optionText: String)
  /// A text that ``init(optionText:)`` reads as the same.
  var optionText: String { get }
  /// The value that a JSON value records; nil for none.
  static func value(recordedAs json: JSON) -> Self?
  /// As it is recorded.
  var recorded: JSON { get }
  /// What its texts look like, behind `give`; nil where any text will do, or all are listed.
  static var optionForm: String? { get }
  /// All texts that it can be, where these are few; else none.
  static var optionTexts: [String] { get }
  /// Whether a text of one value may have commas.
  static var optionHasCommas: Bool { get }
}

extension OptionValue {
  package static func value(recordedAs json: JSON) -> Self? { json.text.flatMap(Self.init) }
  package var recorded: JSON { .string(optionText) }
  package static var optionForm: String? { nil }
  package static var optionTexts: [String] { [] }
  package static var optionHasCommas: Bool { false }
}

extension OptionValue where Self: LosslessStringConvertible {
  package init?(optionText: String) { self.init(optionText) }
  package var optionText: String { description }
}

extension String: OptionValue {}

extension Int: OptionValue {
  package static var optionForm: String? { "a whole number, such as 10" }
  package static func value(recordedAs json: JSON) -> Int? { json.int }
  package var recorded: JSON { .integer(self) }
}

extension UInt64: OptionValue {
  package static var optionForm: String? { "a whole number from 0 on" }
  package static func value(recordedAs json: JSON) -> UInt64? {
    json.int.flatMap { .init(exactly: $0) }
  }
  package var recorded: JSON { .integer(Int(clamping: self)) }
}

extension Double: OptionValue {
  package static var optionForm: String? { "a number, such as 0.5 or 1e-3" }
  package static func value(recordedAs json: JSON) -> Double? { json.double }
  package var recorded: JSON { .number(self) }
}

extension Bool: OptionValue {
  package static func value(recordedAs json: JSON) -> Bool? { json.flag }
  package var recorded: JSON { .bool(self) }
}

/// One of several named values.
package protocol NamedOptionValue: OptionValue, RawRepresentable<String>, CaseIterable {}

extension NamedOptionValue {
  package init?(optionText: String) { self.init(rawValue: optionText) }
  package var optionText: String { rawValue }
  package static var optionTexts: [String] { allCases.map(\.rawValue) }
}

extension ColumnScaling.Kind: NamedOptionValue {}
