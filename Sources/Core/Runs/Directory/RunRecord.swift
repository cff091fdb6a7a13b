/// What an earlier run recorded of itself, read on rank 0 and known to all ranks.
package struct RunRecord {
  /// Its `config.json`.
  package let configuration: JSON
  /// Where it found its data.
  package let inputs: DataCatalog.Options
  /// How it saved checkpoints.
  package let checkpoints: CheckpointPlan
  /// The forms in which its result was to be written besides its own; what makes no sense counts as not asked.
  let exports: [String]
  /// Its `summary.json`; nil for a run that did not finish.
  package let summary: JSON?

  /// Reads the record of the run in `directory`, which rank 0 has; collective.
  ///
  /// - Parameter data: where the data are now; with no paths where that is not said.
  package init(
    of directory: RunDirectory?, data: DataCatalog.Options, among world: Communicator
  ) throws {
    let text = try world.fromRoot {
      guard let directory else { return [] }
      let parts: [JSON] = [
        try directory.configuration(), try Self.inputs(of: directory, data),
        try directory.summary() ?? .null,
      ]
      return Array(JSON.array(parts).compact.utf8)
    }
    let parts = try JSON(parsing: text)
    configuration = parts[0] ?? .null
    inputs = try DataCatalog.Options(recorded: parts[1] ?? .null, in: "inputs.json")
    checkpoints = CheckpointPlan(recorded: parts[1] ?? .null)
    exports = Self.exports(in: parts[1] ?? .null)
    summary = parts[2]?.isNull == false ? parts[2] : JSON?.none
  }

  /// The forms that an `inputs.json` names; what makes no sense counts as not asked.
  static func exports(in inputs: JSON) -> [String] {
    let names = ModelExports.all.map(\.name)
    return (inputs["exports"]?.items ?? []).compactMap(\.text).filter(names.contains)
  }

  /// What the run recorded of its data; where that is lost, what is said now.
  ///
  /// - Throws: `TrainerError(.badData)`.
  private static func inputs(
    of directory: RunDirectory, _ data: DataCatalog.Options
  ) throws(TrainerError) -> JSON {
    let path = directory.file("inputs.json")
    do throws(TrainerError) {
      try require(
        FileSystem.exists(path), .badData,
        "\(path) is missing, which says where the data are; give \(parameter: "data"), and \(parameter: "labels") where "
          + "the data bring none")
      let recorded = try directory.inputs()
      // Refused here, where one rank speaks.
      _ = try DataCatalog.Options(recorded: recorded, in: path)
      return recorded
    } catch {
      guard !data.data.isEmpty else { throw error }
      return .object(data.members(directory: FileSystem.workingDirectory))
    }
  }

  /// A value as a message tells it: what has a member for each column is cut.
  static func brief(_ value: JSON?) -> String {
    let text = value?.compact ?? "absent"
    return text.count <= 80 ? text : text.prefix(79) + "…"
  }

  /// Refuses to continue as something else than the run was.
  ///
  /// - Parameters:
  ///   - now: the `config.json` that this process would write.
  ///   - changeable: members that may differ.
  ///   - run: the run's directory.
  /// - Throws: `TrainerError(.badData)` where the data differ, else `TrainerError(.usage)`; both name what
  ///   differs.
  package func check(
    against now: JSON, changeable: Set<String>, of run: String
  ) throws(TrainerError) {
    let differing = Self.differences(configuration, now, but: changeable)
    guard let first = differing.first else { return }
    func words(_ name: String) -> String {
      "\(name) was \(RunRecord.brief(configuration[name])) and is \(RunRecord.brief(now[name]))"
    }
    if differing.contains("version") || differing.contains("format") {
      throw TrainerError(
        .usage,
        "\(run) was begun by another version (\(words(differing.contains("format") ? "format" : "version"))): "
          + "continue it with that one")
    }
    if differing.contains("blas_kernels") {
      throw TrainerError(
        .usage,
        "\(run): \(words("blas_kernels")), which rounds differently: give \(parameter: "blas_kernels") "
          + (configuration["blas_kernels"]?.text ?? "").lowercased())
    }
    if differing.contains("data_sha256") {
      throw TrainerError(
        .badData,
        "\(run): the data are not those that the run began with (\(words("data_sha256"))): restore them, or name "
          + "where they now are with \(parameter: "data")")
    }
    throw TrainerError(
      .usage,
      "\(run) cannot be continued here: \(differing.map(words).joined(separator: ", ")); "
        + (first == "blas"
          ? "use the same version of OpenBLAS"
          : "continue the run with the options that it began with, and restore its config.json if it was changed")
    )
  }
}

extension RunRecord {
  /// The members in which two configurations differ, but for some.
  static func differences(_ then: JSON, _ now: JSON, but changeable: Set<String>) -> [String] {
    let names = (then.members ?? []).map(\.key) + (now.members ?? []).map(\.key)
    var differing: [String] = []
    for name in names where !changeable.contains(name) && !differing.contains(name) {
      if then[name] != now[name] { differing.append(name) }
    }
    return differing
  }
}

extension Checkpoint {
  /// Refuses a checkpoint that another run saved, or this one before its configuration was changed by hand.
  ///
  /// - Parameters:
  ///   - configuration: the run's `config.json`.
  ///   - changeable: members that may differ.
  /// - Throws: `TrainerError(.noCheckpoint)` that names what differs.
  package func check(isOf configuration: JSON, changeable: Set<String>) throws(TrainerError) {
    let run = manifest.run
    let differing = RunRecord.differences(run, configuration, but: changeable)
    guard !differing.isEmpty else { return }
    let words = differing.map { name in
      "\(name) was \(RunRecord.brief(run[name])) when it was saved and is "
        + "\(RunRecord.brief(configuration[name])) in config.json"
    }
    throw TrainerError(
      .noCheckpoint,
      "the checkpoint \(path) is not of this run: \(words.joined(separator: "; ")); restore config.json "
        + "as it was, or remove the checkpoint if it was copied from elsewhere")
  }
}

extension DataCatalog.Options {
  /// In `inputs.json`.
  ///
  /// - Parameter directory: what relative paths start from.
  package func members(directory: String) -> [JSON.Member] {
    func list(_ paths: [String]) -> JSON { .array(paths.map { .string($0) }) }
    return [
      .init("directory", .string(directory)), .init("data", list(data)),
      .init("labels", list(labels)), .init("test_data", list(testData)),
      .init("test_labels", list(testLabels)),
      .init("target", columns.target.map { .string($0) } ?? .null),
      .init("columns", list(columns.only)), .init("drop", list(columns.dropped)),
      .init("categories", list(columns.categories)),
      .init("missing", columns.missing.map { .string($0.rawValue) } ?? .null),
      .init("format", format.map { .string($0.rawValue) } ?? .null),
      .init("header", hasHeader.map { .bool($0) } ?? .null),
      .init("delimiter", delimiter.map { .integer(Int($0)) } ?? .null),
      .init("weights", list(weights)),
      .init("class_weights", classWeights.map { .string($0) } ?? .null),
      .init("member", member.map { .string($0) } ?? .null),
    ]
  }

  /// Reads `inputs.json`; relative paths become absolute.
  ///
  /// - Throws: `TrainerError(.badData)`.
  package init(recorded json: JSON, in name: String) throws(TrainerError) {
    func path(_ text: String) -> String? {
      json["directory"]?.text.map { text.hasPrefix("/") ? text : "\($0)/\(text)" }
    }
    func paths(_ key: String) -> [String]? {
      guard let items = json[key]?.items else { return nil }
      let paths = items.compactMap { $0.text.flatMap(path) }
      return paths.count == items.count ? paths : nil
    }
    guard let data = paths("data"), let labels = paths("labels"), let testData = paths("test_data"),
      let testLabels = paths("test_labels"), json["format"] != nil
    else {
      throw TrainerError(
        .badData, "\(name) does not say where the data are: restore it, or start the run again")
    }
    self.init(
      data: data, labels: labels, testData: testData, testLabels: testLabels,
      // Versions that knew no tables called it so.
      target: (json["target"] ?? json["label_column"])?.text,
      format: json["format"]?.text.flatMap { DataFormat(rawValue: $0) })
    // Earlier versions took one file.
    weights = paths("weights") ?? [json["weights"]?.text.flatMap(path)].compactMap { $0 }
    classWeights = json["class_weights"]?.text.flatMap { $0 == Self.balanced ? $0 : path($0) }
    member = json["member"]?.text
    hasHeader = json["header"]?.flag
    delimiter = json["delimiter"]?.int.flatMap { UInt8(exactly: $0) }
    func texts(_ key: String) -> [String] { (json[key]?.items ?? []).compactMap(\.text) }
    (columns.only, columns.dropped, columns.categories) = (
      texts("columns"), texts("drop"), texts("categories")
    )
    columns.missing = json["missing"]?.text.flatMap { .init(rawValue: $0) }
  }
}
