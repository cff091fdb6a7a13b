/// A file of options for a new run: the `config.json` of a run, or one that was written by hand in its form.
///
/// A run records what it did in `config.json` and where it found its data in `inputs.json` beside it. Both together
/// repeat it. Members may be missing: what is not said has its default.
public struct ConfigurationFile: Equatable, Sendable {
  /// The file's path.
  public let path: String
  /// What it says: an object.
  private let json: JSON
  /// What the `inputs.json` beside it says; null where there is none.
  private let inputs: JSON

  /// A file longer than this is none.
  private static let limit = 64 << 20

  /// Reads a file on this rank alone.
  ///
  /// - Parameter path: of the file, or of the run directory that holds it.
  /// - Throws: `TrainerError(.usage)` where it is missing or holds no JSON object.
  public init(path: String) throws(TrainerError) {
    let file = FileSystem.isDirectory(path) ? "\(path)/config.json" : path
    let beside = "\(AtomicFile.directory(of: file))/inputs.json"
    let json = try Self.object(file)
    self.init(
      path: file, json: json,
      inputs: FileSystem.exists(beside) ? try Self.object(beside) : .null)
    _ = try data()
  }

  /// The same on all ranks, of which the first alone needs to see the file; collective.
  ///
  /// - Throws: as ``init(path:)``, agreed by all ranks.
  public init(path: String, among world: Communicator) throws {
    let text = try world.fromRoot {
      let file = try ConfigurationFile(path: path)
      return Array(JSON.array([.string(file.path), file.json, file.inputs]).compact.utf8)
    }
    let parts = try JSON(parsing: text)
    self.init(path: parts[0]?.text ?? path, json: parts[1] ?? .null, inputs: parts[2] ?? .null)
  }

  private init(path: String, json: JSON, inputs: JSON) {
    (self.path, self.json, self.inputs) = (path, json, inputs)
  }

  private static func object(_ path: String) throws(TrainerError) -> JSON {
    let parsed: JSON
    do throws(TrainerError) {
      let bytes = try FileContents.read(path, limit: limit)
      do throws(JSON.ParseError) {
        parsed = try JSON(parsing: bytes)
      } catch {
        throw TrainerError(.usage, "\(path): \(error); it must hold one JSON object")
      }
    } catch {
      throw TrainerError(.usage, "\(parameter: "config"): \(error.template)")
    }
    try require(
      parsed.members != nil, .usage,
      "\(parameter: "config"): \(path) holds no JSON object; name the config.json of a run")
    return parsed
  }

  /// Refuses the options of another command.
  ///
  /// - Throws: `TrainerError(.usage)` that names the command whose options it has.
  public func check(isOf command: String) throws(TrainerError) {
    guard let other = json["command"]?.text, other != command else { return }
    throw TrainerError(
      .usage,
      "\(path) is of dtrain \(other.printable), not of dtrain \(command); use dtrain \(other.printable) "
        + "\(parameter: "config") \(Shell.word(path))")
  }

  /// Whether it says where the data are.
  public var namesData: Bool { !inputs.isNull }

  /// Whether it says what an option is.
  public func names(_ member: String) -> Bool { json[member] != nil }

  /// The family of matrix kernels that the run used, in lower case; nil where it is not said.
  public var kernels: String? { json["blas_kernels"]?.text?.lowercased() }

  /// Where the data were found; nil where it is not said.
  package func data() throws(TrainerError) -> DataCatalog.Options? {
    guard namesData else { return DataCatalog.Options?.none }
    do throws(TrainerError) {
      return try DataCatalog.Options(
        recorded: inputs, in: "\(AtomicFile.directory(of: path))/inputs.json")
    } catch {
      throw TrainerError(.usage, error.template)
    }
  }

  /// How checkpoints were saved, and the forms in which the result was written.
  package var checkpoints: CheckpointPlan { CheckpointPlan(recorded: inputs) }
  package var exports: [String] { RunRecord.exports(in: inputs) }

  /// The options of a run.
  ///
  /// - Parameters:
  ///   - defaults: what is not said.
  ///   - stated: the names of options that are given besides, and win.
  /// - Throws: `TrainerError(.usage)` that names the file and the member that is unknown, of the wrong type, or out of
  ///   its range.
  package func configuration<C: RunConfiguration>(
    over defaults: C, stated: Set<String>
  ) throws(TrainerError) -> C {
    try check(isOf: defaults.commandName)
    var configuration = defaults
    try configuration.take(json, from: path)
    let directory = inputs["directory"]?.text
    do throws(TrainerError) {
      try configuration.adapt(
        to: stated, recorded: json,
        elsewhere: directory == FileSystem.workingDirectory ? nil : directory)
    } catch {
      throw TrainerError(.usage, "\(path): \(error.template)")
    }
    return configuration
  }

  /// What to know where a run that took data and options from here is not the recorded one all the same; nil where it is.
  ///
  /// - Parameter now: the `config.json` of the run.
  package func advice(on now: JSON) -> RunAdvice? {
    let differing = ["data_sha256", "blas_kernels", "blas", "version"].filter {
      json[$0] != nil && json[$0] != now[$0]
    }
    return differing.isEmpty ? nil : .notRepeated(path: path, differing: differing)
  }
}

/// What type a member of `config.json` has that says what a run found, and is no option.
public enum RecordedType: Sendable {
  /// JSON's strings, integers, truth values, arrays and objects.
  case text, integer, flag, list, object

  fileprivate func holds(_ value: JSON) -> Bool {
    switch self {
    case .text: value.text != nil
    case .integer: value.int != nil
    case .flag: value.flag != nil
    case .list: value.items != nil
    case .object: value.members != nil
    }
  }

  fileprivate var words: String {
    switch self {
    case .text: "a text"
    case .integer: "an integer"
    case .flag: "true or false"
    case .list: "an array"
    case .object: "an object"
    }
  }
}

extension RunConfiguration {
  /// The members that every `config.json` has beside the options.
  private static var heads: [String: RecordedType] {
    ["format": .integer, "command": .text, "version": .text]
  }

  /// Takes the options among the members of an object.
  fileprivate mutating func take(_ json: JSON, from path: String) throws(TrainerError) {
    let known = Self.heads.merging(Self.facts) { own, _ in own }
    let options = present.map { (option: $0, key: $0.record(defaults).key) }
    for member in json.members ?? [] {
      if let type = known[member.key] {
        try require(
          type.holds(member.value), .usage,
          "\(path): \"\(member.key)\" is \(RunRecord.brief(member.value)), where a run records \(type.words); correct or "
            + "remove it")
      } else if !options.contains(where: { $0.key == member.key }) {
        throw TrainerError(
          .usage,
          "\(path): \"\(member.key.printable)\" is no option of dtrain \(commandName); remove it, or correct its name"
        )
      }
    }
    try require(
      (json["format"]?.int ?? 1) == 1, .usage,
      "\(path) has the format \(json["format"]?.compact ?? ""), and this program reads 1: use the dtrain that wrote it"
    )
    for (option, key) in options {
      guard let value = json[key] else { continue }
      let example = option.record(defaults).value
      let allowed =
        option.texts.isEmpty
        ? (example.isNull ? "" : ", such as \(example.compact)")
        : ": \(option.texts.joined(separator: ", "))"
      try require(
        option.restore(&self, json), .usage,
        "\(path): \"\(key)\" is \(RunRecord.brief(value)), which is no value of \(parameter: option.name)\(allowed); "
          + "correct or remove it")
      if let fault = option.fault(self) {
        throw TrainerError(.usage, "\(path): \"\(key)\" \(fault)")
      }
    }
    recall(json)
  }
}

extension RunJob {
  /// Takes what a file records wherever nothing else is given: options, where the run found its data, how it saved
  /// checkpoints and what it exported.
  ///
  /// - Parameter stated: the names of the options that are given, which are to be set after.
  /// - Throws: `TrainerError(.usage)` that names the file and what is wrong in it.
  public mutating func take(
    _ file: ConfigurationFile, stated: Set<String>
  ) throws(TrainerError) {
    configuration = try file.configuration(over: configuration, stated: stated)
    checkpoints = checkpoints.over(file.checkpoints)
    exports = exports ?? (file.namesData ? file.exports : nil)
    guard let recorded = try file.data() else { return }
    data.take(recorded)
    // What reads other rows is not meant to repeat the run.
    if data.readsRows(of: recorded) { origin = file }
  }
}

extension DataCatalog.Options {
  /// Takes what was recorded wherever nothing else is given.
  ///
  /// Files that are given stand for the recorded ones together with what belongs to these row by row (labels, weights) and
  /// says how they are read (format, members). Labels and a column of targets replace each other.
  fileprivate mutating func take(_ recorded: Self) {
    if data.isEmpty {
      data = recorded.data
      if labels.isEmpty, columns.target == nil { labels = recorded.labels }
      if weights.isEmpty { weights = recorded.weights }
      format = format ?? recorded.format
      hasHeader = hasHeader ?? recorded.hasHeader
      delimiter = delimiter ?? recorded.delimiter
      member = member ?? recorded.member
    }
    if labels.isEmpty { columns.target = columns.target ?? recorded.columns.target }
    if testData.isEmpty {
      testData = recorded.testData
      if testLabels.isEmpty { testLabels = recorded.testLabels }
    }
    classWeights = classWeights ?? recorded.classWeights
    if columns.only.isEmpty { columns.only = recorded.columns.only }
    if columns.dropped.isEmpty { columns.dropped = recorded.columns.dropped }
    if columns.categories.isEmpty { columns.categories = recorded.columns.categories }
    columns.missing = columns.missing ?? recorded.columns.missing
  }

  /// Whether rows and targets are made of the same files in the same way.
  fileprivate func readsRows(of other: Self) -> Bool {
    data == other.data && labels == other.labels && testData == other.testData
      && testLabels == other.testLabels && columns == other.columns
      && format?.rawValue == other.format?.rawValue && textHints == other.textHints
      && member == other.member
  }
}
