import ArgumentParser
import DTrainCore

/// A command as completions and the man page show it: what the argument parser says of it.
struct CommandDescription {
  let name: String
  /// The command that it belongs to, as `sweep` of `sweep mlp`; nil for most.
  let parent: String?
  let abstract: String
  let discussion: String
  /// The arguments that help texts show.
  let arguments: [Argument]

  /// An option, a flag, or an argument without a name.
  struct Argument {
    enum Kind: String { case option, flag, positional }
    let kind: Kind
    /// As it is typed, `--learning-rate` and `-q`; the first is the usual one.
    let names: [String]
    let abstract: String
    let section: String?
    let valueName: String
    let standard: String?
    /// Whether several words are its values.
    let takesMany: Bool
    /// What its values can be.
    let values: Values
  }

  /// What can be offered for a value.
  enum Values: Hashable {
    case none, files, directories
    /// Names, and files too where `andFiles`.
    case words([String], andFiles: Bool)
  }

  /// The program's commands, without the parser's own `help`.
  static func all() throws(TrainerError) -> [CommandDescription] {
    let json: JSON
    do throws(JSON.ParseError) {
      json = try JSON(parsing: Array(DTrain._dumpHelp().utf8))
    } catch {
      throw TrainerError(.badData, "the description of the commands cannot be read: \(error)")
    }
    return commands(in: json["command"], parent: nil)
  }

  /// The commands that belong to one, each followed by its own; those that are not shown give it their options.
  private static func commands(in json: JSON?, parent: String?) -> [CommandDescription] {
    (json?["subcommands"]?.items ?? []).filter { isShown($0) && $0["commandName"] != "help" }
      .flatMap { item in
        let command = CommandDescription(item, parent: parent)
        return [command] + commands(in: item, parent: command.name)
      }
  }

  private static func isShown(_ json: JSON) -> Bool { json["shouldDisplay"]?.flag != false }

  /// What it is called behind the program's name: `sweep mlp`.
  var words: String { (parent.map { "\($0) " } ?? "") + name }

  private init(_ json: JSON, parent: String?) {
    name = json["commandName"]?.text ?? ""
    self.parent = parent
    abstract = json["abstract"]?.text ?? ""
    discussion = json["discussion"]?.text ?? ""
    let hidden = (json["subcommands"]?.items ?? []).filter { !Self.isShown($0) }
    arguments = ([json] + hidden).flatMap { $0["arguments"]?.items ?? [] }.filter(Self.isShown)
      .compactMap(Argument.init).reduce(into: []) { arguments, argument in
        // Each has the parser's own.
        if !arguments.contains(where: { $0.names == argument.names && !$0.names.isEmpty }) {
          arguments.append(argument)
        }
      }
  }
}

extension CommandDescription.Argument {
  fileprivate init?(_ json: JSON) {
    guard let kind = json["kind"]?.text.flatMap(Kind.init(rawValue:)) else { return nil }
    self.kind = kind
    let names = (json["names"]?.items ?? []).compactMap { name in
      name["name"]?.text.map { (name["kind"] == "short" ? "-" : "--") + $0 }
    }
    // Long names first.
    self.names = names.filter { $0.hasPrefix("--") } + names.filter { !$0.hasPrefix("--") }
    abstract = json["abstract"]?.text ?? ""
    section = json["sectionTitle"]?.text
    valueName = json["valueName"]?.text ?? "value"
    standard = json["defaultValue"]?.text
    takesMany =
      json["isRepeating"]?.flag == true
      && (kind == .positional || json["parsingStrategy"] == "upToNextOption")
    let listed = json["completionKind"]?["list"]?["values"]?.items?.compactMap(\.text) ?? []
    values = kind == .flag ? .none : Self.values(valueName, listed)
  }

  /// What a value's name tells of it: `path`, `directory`, or the texts themselves, `random|k-means++|FILE`.
  private static func values(
    _ valueName: String, _ listed: [String]
  ) -> CommandDescription.Values {
    let parts = valueName.split(separator: "|").map(String.init)
    let files: Set<String> = ["path", "file", "file.json", "FILE", "run"]
    if !listed.isEmpty { return .words(listed, andFiles: false) }
    if parts == ["directory"] { return .directories }
    if parts.count == 1 { return files.contains(valueName) ? .files : .none }
    let words = parts.filter { part in
      !files.contains(part)
        && part.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" || $0 == "+" }
    }
    let andFiles = parts.contains(where: files.contains)
    return words.isEmpty ? (andFiles ? .files : .none) : .words(words, andFiles: andFiles)
  }
}
