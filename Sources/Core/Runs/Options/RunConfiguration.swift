/// What a run does, as a table of options declares it.
public protocol RunConfiguration: Equatable, Sendable {
  /// Every option of a run, once, in the order in which they are told and recorded.
  static var table: RunOptionTable<Self> { get }
  /// The files that hold the result of such a run, in its directory.
  static var results: [String] { get }
  /// The result that a directory holds, as other programs take it; reads on this rank alone.
  ///
  /// - Throws: `TrainerError` where it is missing or damaged.
  static func model(in directory: String) throws -> ExportedModel
  /// The command that makes such runs.
  var commandName: String { get }
  /// The file or run directory that a run begins from, beside its data; nil for none.
  var startPath: String? { get }
  /// The same kind of run with all options at their defaults.
  var defaults: Self { get }
  /// What `config.json` says beside the options and the command: members that tell what the run found.
  static var facts: [String: RecordedType] { get }
  /// Takes what `config.json` records of a run beside its options.
  mutating func recall(_ json: JSON)
  /// Makes what was taken from a file of options fit what is given besides.
  ///
  /// - Parameters:
  ///   - stated: the names of the options that are given, which are set after.
  ///   - json: the file's content.
  ///   - directory: from where its relative paths start; nil for the working directory.
  /// - Throws: `TrainerError(.usage)` where something must be given besides.
  mutating func adapt(
    to stated: Set<String>, recorded json: JSON, elsewhere directory: String?
  ) throws(TrainerError)
  /// Throws `TrainerError(.usage)` for values that make no sense together.
  func checkTogether() throws(TrainerError)
  /// Throws `TrainerError(.usage)` where a run that is continued cannot change an option that otherwise may.
  ///
  /// - Parameter asked: what was asked for; this is what the run was.
  func checkChange(of name: String, to asked: Self) throws(TrainerError)
  /// Why a finished run has nothing left to do as this configuration wants it; nil where it has.
  ///
  /// - Throws: `TrainerError(.usage)` where the run has gone further than it shall.
  func rest(of summary: JSON) throws(TrainerError) -> RunEnd.Rest?
}

/// The options of one kind of run.
public struct RunOptionTable<Configuration: RunConfiguration>: Sendable {
  package let options: [RunOption<Configuration>]

  package init(_ options: [RunOption<Configuration>]) { self.options = options }
}

extension RunConfiguration {
  /// Takes nothing.
  public mutating func recall(_ json: JSON) {}

  /// The options that it has.
  var present: [RunOption<Self>] { Self.table.options.filter { $0.applies(self) } }

  /// Throws `TrainerError(.usage)` for values that make no sense, alone or together.
  public func validate() throws(TrainerError) {
    try validate { _ in true }
    try checkTogether()
  }

  /// Checks the values of some options by themselves.
  func validate(_ isMeant: (RunOption<Self>) -> Bool) throws(TrainerError) {
    for option in present where isMeant(option) {
      guard let fault = option.fault(self) else { continue }
      throw TrainerError(.usage, "\(parameter: option.name) \(fault)")
    }
  }

  /// Throws `TrainerError(.usage)` for an option that is given although the others leave it unread.
  package func checkEffects(of stated: Set<String>) throws(TrainerError) {
    for option in present where stated.contains(option.name) {
      guard let idleness = option.idleness?(self) else { continue }
      throw TrainerError(.usage, "\(parameter: option.name) \(idleness)")
    }
  }

  /// The options as members of `config.json`.
  package var members: [JSON.Member] { present.map { $0.record(self) } }

  /// The members of `config.json` that a run which is continued may change.
  package var changeableMembers: Set<String> {
    Set(
      present.filter { option in
        guard option.isChangeable else { return false }
        do throws(TrainerError) {
          try checkChange(of: option.name, to: self)
          return true
        } catch { return false }
      }.map { $0.record(self).key })
  }

  /// What a run recorded in its `config.json`.
  ///
  /// - Parameters:
  ///   - json: of a run of this configuration's command.
  ///   - name: the file, for messages.
  /// - Throws: `TrainerError(.badData)` that names what is missing or makes no sense.
  package func recalled(
    from json: JSON, in name: String = "config.json"
  ) throws(TrainerError) -> Self {
    var configuration = defaults
    for option in present {
      try require(
        option.restore(&configuration, json), .badData,
        "\(name) does not say \(option.record(configuration).key) as this version of dtrain writes it: "
          + "restore the file, or start the run again")
    }
    do { try configuration.validate() } catch {
      throw TrainerError(
        .badData, "\(name): \(error.template); restore the file, or start the run again")
    }
    configuration.recall(json)
    return configuration
  }

  /// What a run that is continued does: what it did, but for what may change and was asked anew.
  ///
  /// - Parameters:
  ///   - stated: the names of the options that were given.
  /// - Throws: `TrainerError(.usage)` that names all options which are given again with other values.
  package func continued(
    from earlier: Self, stated: Set<String>
  ) throws(TrainerError) -> Self {
    var result = earlier
    var differing: [String] = []
    for option in present where stated.contains(option.name) {
      let (was, asked) = (option.text(earlier), option.text(self))
      guard was != asked else { continue }
      if option.isChangeable {
        try earlier.checkChange(of: option.name, to: self)
        _ = option.set(&result, asked)
      } else {
        differing.append("\(parameter: option.name) is \(was), not \(asked)")
      }
    }
    guard !differing.isEmpty else { return result }
    let changeable = present.filter(\.isChangeable).map { "\(parameter: $0.name)" }
    throw TrainerError(
      .usage,
      "a run that is continued keeps its options: \(differing.joined(separator: "; ")); omit them (only "
        + "\(changeable.joined(separator: ", ")) may change)")
  }
}
