import ArgumentParser
import DTrainCore

/// Which of the options that a kind of run declares stand together under a title of its help.
protocol OptionList {
  associatedtype Configuration: RunConfiguration
  /// What tells which of them apply.
  static var configuration: Configuration { get }
  static var group: RunOption<Configuration>.Group { get }
}

extension OptionList {
  fileprivate static var options: [RunOption<Configuration>] {
    Configuration.table.options.filter { $0.group == group && $0.applies(configuration) }
  }
}

/// The options of a run as the argument parser takes them: their flags follow from the declarations.
///
/// The parser finds the options of a type by reflection and decodes their values by name: this type reflects, and
/// decodes, what the list names.
struct DeclaredOptions<List: OptionList>: ParsableArguments, CustomReflectable {
  /// The text of each option that is given.
  private(set) var texts: [String: String] = [:]

  init() {}

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    for option in List.options {
      let key = Key(stringValue: option.name)
      texts[option.name] =
        option.isFlag
        ? try values.decode(Flag<Bool>.self, forKey: key).wrappedValue ? "true" : nil
        : try values.decode(Option<String?>.self, forKey: key).wrappedValue
    }
  }

  var customMirror: Mirror {
    Mirror(
      self,
      children: List.options.map { option in
        let name = NameSpecification(
          ([option.name] + option.aliases).map { .customLong(Spelling.name($0)) })
        return (
          label: option.name,
          value: option.isFlag
            ? Flag(wrappedValue: false, name: name, help: option.argumentHelp(List.configuration))
            : Option<String?>(
              name: name, parsing: .unconditional, help: option.argumentHelp(List.configuration),
              completion: option.texts.isEmpty ? nil : .list(option.texts))
        )
      })
  }

  /// Takes other texts, as far as they are of these options.
  mutating func give(_ texts: [String: String]) {
    for option in List.options where !option.isFlag {
      if let text = texts[option.name] { self.texts[option.name] = text }
    }
  }

  /// The names of the options that are given.
  var stated: Set<String> { Set(texts.keys) }

  /// Takes the values that are given.
  ///
  /// - Throws: `TrainerError(.usage)` for a text that names none.
  func apply(to configuration: inout List.Configuration) throws(TrainerError) {
    for option in List.options {
      guard let text = texts[option.name], !option.set(&configuration, text) else { continue }
      let flag = "\(Spelling.flag(option.name)) <\(option.value)>"
      throw TrainerError(.usage, "the value '\(text)' is invalid for '\(flag)'\(option.choices)")
    }
  }
}

extension RunOption {
  /// What stands for its value.
  fileprivate var value: String { valueName ?? Spelling.name(name) }

  fileprivate func argumentHelp(_ configuration: Configuration) -> ArgumentHelp {
    let standard = isFlag ? nil : standard(configuration).map { " (default: \($0))" }
    let values = texts.isEmpty ? "" : " (values: \(texts.joined(separator: ", ")))"
    return ArgumentHelp("\(help)\(standard ?? "").\(values)", valueName: value)
  }

  /// What else to give, behind a sentence.
  fileprivate var choices: String {
    guard let last = texts.last else { return form.map { "; give \($0)" } ?? "" }
    let others = texts.dropLast().map { "'\($0)'" }.joined(separator: ", ")
    return ". Please provide one of \(others) and '\(last)'."
  }
}

extension OptionList where Configuration == MLPConfiguration {
  static var configuration: MLPConfiguration { MLPConfiguration() }
}

/// The options of a training run.
enum MLPOptions {
  enum Data: OptionList { static let group = RunOption<MLPConfiguration>.Group.data }
  enum Network: OptionList { static let group = RunOption<MLPConfiguration>.Group.network }
  enum Training: OptionList { static let group = RunOption<MLPConfiguration>.Group.training }
  enum Updates: OptionList { static let group = RunOption<MLPConfiguration>.Group.updates }
}

/// The options of a clustering, of which a command has those that apply to what it clusters by.
protocol ClusterOptionList: OptionList where Configuration == ClusterConfiguration {
  /// The command's name and the head of its help.
  static var command: CommandConfiguration { get }
}

extension ClusterOptionList {
  static var group: RunOption<ClusterConfiguration>.Group { .clusters }
}

/// How the command line spells the names of parameters.
enum Spelling {
  /// `learning-rate` for `learning_rate`.
  static func name(_ parameter: String) -> String {
    parameter.split(separator: "_").joined(separator: "-")
  }

  /// `--learning-rate` for `learning_rate`.
  static func flag(_ parameter: String) -> String { "--\(name(parameter))" }

  /// An error's words, with flags where it names parameters.
  static func words(_ error: any Error) -> String {
    let cause = (error as? AgreedFailure)?.own ?? error
    return Parameter.spelled("\((cause as? TrainerError)?.template ?? "\(cause)")", by: flag)
  }
}
