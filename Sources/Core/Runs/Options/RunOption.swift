/// An option of a run, declared once: its name, text and range, and whether a run that is continued may change it.
///
/// The command line makes its flag of the name (`learning_rate`: `--learning-rate`). Reader and writer of
/// `config.json`, validation, and the check of what is said again with `--resume` follow from the declaration.
package struct RunOption<Configuration: Sendable>: Sendable {
  /// What options are listed under in a help text.
  package enum Group: Sendable { case data, network, training, updates, clusters }

  /// How it is called in the library, in messages, and in `config.json` unless it is recorded otherwise.
  package let name: String
  package let group: Group
  /// What it does, in a sentence without its end, for a help text.
  package let help: String
  /// What the default is that a configuration has, in words; nil where none is told.
  package let standard: @Sendable (Configuration) -> String?
  /// What stands for its value in a help text; nil for its name.
  package private(set) var valueName: String?
  /// The texts that its value can be, where these are few.
  package let texts: [String]
  /// What its texts look like, where they are many.
  package let form: String?
  /// Whether one value may have commas.
  package let hasCommas: Bool
  /// Whether it is given without a value.
  package let isFlag: Bool
  /// What else the command line may call it, as other programs do.
  package private(set) var aliases: [String] = []
  /// Whether a run that is continued may have another value.
  package private(set) var isChangeable = false
  /// Whether a configuration has it at all.
  package private(set) var applies: @Sendable (Configuration) -> Bool = { _ in true }

  /// The text of its value, as ``set`` reads it or, where there is none, in words.
  package private(set) var text: @Sendable (Configuration) -> String
  /// Takes the value that a text names; false where it names none.
  package let set: @Sendable (inout Configuration, String) -> Bool
  /// What is wrong with its value, as the rest of a sentence that begins with its name; nil where nothing is.
  package let fault: @Sendable (Configuration) -> String?
  /// Its name and value in `config.json`.
  package private(set) var record: @Sendable (Configuration) -> JSON.Member
  /// Takes the recorded value; false where there is none that makes sense.
  package private(set) var restore: @Sendable (inout Configuration, JSON) -> Bool
  /// What other options must be for it to have an effect: why it has none, or nil.
  package private(set) var idleness: (@Sendable (Configuration) -> String?)?
}

extension RunOption {
  /// What values are allowed: the words that follow a name, and whether a value is.
  package struct Requirement<Value: Sendable>: Sendable {
    /// What is wrong with a value, as the rest of a sentence that begins with the option; nil where nothing is.
    let fault: @Sendable (Value) -> String?

    /// A requirement of its own.
    package init(fault: @escaping @Sendable (Value) -> String?) { self.fault = fault }

    /// A requirement such as `must be at least 1`.
    package init(_ words: String, _ holds: @escaping @Sendable (Value) -> Bool)
    where Value: OptionValue {
      fault = { holds($0) ? nil : "\(words), not \($0.optionText)" }
    }

    /// Bounds for a number.
    package static func from(_ least: Value, to most: Value) -> Self
    where Value: Comparable & OptionValue {
      .init("must be from \(least) to \(most)") { (least...most).contains($0) }
    }

    /// A finite number that is not below a limit.
    ///
    /// - Parameter unit: what it counts.
    package static func atLeast(_ least: Value, _ unit: String? = nil) -> Self
    where Value: Numeric & Comparable & OptionValue {
      let limit = least == 0 ? "0" : "\(least)"
      return .init("must be at least \(limit)\(unit.map { " \($0)" } ?? "")") {
        // What is not finite is no multiple of 0.
        $0 >= least && $0 * 0 == 0
      }
    }
  }

  /// An option that always has a value, the default of the configuration.
  ///
  /// - Parameter standard: what the default is, in words; nil for its text.
  package init<Value: OptionValue>(
    _ name: String, in group: Group, help: String, standard: String? = nil, value: String? = nil,
    _ path: WritableKeyPath<Configuration, Value> & Sendable,
    _ requirement: Requirement<Value>? = nil
  ) where Configuration: RunConfiguration {
    self.init(
      name: name, group: group, help: help,
      standard: { standard ?? $0[keyPath: path].optionText }, valueName: value,
      texts: Value.optionTexts, form: Value.optionForm, hasCommas: Value.optionHasCommas,
      isFlag: Value.self == Bool.self,
      text: { $0[keyPath: path].optionText },
      set: {
        guard let value = Value(optionText: $1) else { return false }
        $0[keyPath: path] = value
        return true
      },
      fault: { requirement?.fault($0[keyPath: path]) },
      record: { .init(name, $0[keyPath: path].recorded) },
      restore: {
        guard let value = $1[name].flatMap(Value.value(recordedAs:)) else { return false }
        $0[keyPath: path] = value
        return true
      })
  }

  /// An option that may have no value, recorded as null.
  ///
  /// - Parameters:
  ///   - standard: what that means, in words for a help text; nil to say nothing.
  ///   - absent: the same, for a message.
  package init<Value: OptionValue>(
    _ name: String, in group: Group, help: String, standard: String?, value: String? = nil,
    _ path: WritableKeyPath<Configuration, Value?> & Sendable, absent: String,
    _ requirement: Requirement<Value>? = nil
  ) {
    self.init(
      name: name, group: group, help: help, standard: { _ in standard }, valueName: value,
      texts: Value.optionTexts, form: Value.optionForm, hasCommas: Value.optionHasCommas,
      isFlag: false,
      text: { $0[keyPath: path]?.optionText ?? absent },
      set: {
        guard let value = Value(optionText: $1) else { return false }
        $0[keyPath: path] = value
        return true
      },
      fault: { $0[keyPath: path].flatMap { requirement?.fault($0) } },
      record: { .init(name, $0[keyPath: path]?.recorded ?? .null) },
      restore: {
        guard let json = $1[name] else { return false }
        $0[keyPath: path] = Value.value(recordedAs: json)
        return json.isNull || $0[keyPath: path] != nil
      })
  }

  /// The same, which the command line may call otherwise, too.
  package func alias(_ names: String...) -> Self {
    var copy = self
    copy.aliases = names
    return copy
  }

  /// The same, which a run that is continued may change.
  package var changeable: Self {
    var copy = self
    copy.isChangeable = true
    return copy
  }

  /// The same, of some configurations only.
  package func only(_ applies: @escaping @Sendable (Configuration) -> Bool) -> Self {
    var copy = self
    copy.applies = applies
    return copy
  }

  /// The same, which has an effect only with some value of another option.
  ///
  /// - Parameters:
  ///   - isMet: whether the other one has such a value.
  ///   - remedy: a value to give it.
  package func needing(
    _ other: String, _ value: @escaping @Sendable (Configuration) -> String, remedy: String,
    _ isMet: @escaping @Sendable (Configuration) -> Bool
  ) -> Self {
    var copy = self
    copy.idleness = {
      isMet($0)
        ? nil
        : "has no effect with \(parameter: other) \(value($0)); add \(parameter: other) \(remedy)"
    }
    return copy
  }

  /// The same, whose recorded form is another than its value.
  ///
  /// - Parameter text: of the recorded value, for comparison with the one that is asked for.
  package func recorded(
    as record: @escaping @Sendable (Configuration) -> JSON.Member,
    _ restore: @escaping @Sendable (inout Configuration, JSON) -> Bool,
    text: (@Sendable (Configuration) -> String)? = nil
  ) -> Self {
    var copy = self
    copy.record = record
    copy.restore = restore
    if let text { copy.text = text }
    return copy
  }
}
