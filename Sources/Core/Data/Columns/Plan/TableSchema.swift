/// What rows were made of in training, as a model keeps it: so that other tables become the same rows.
public struct TableSchema: Equatable, Sendable {
  /// What one or more columns of rows were made of.
  public struct Feature: Equatable, Sendable {
    /// The column's name; nil where the table had none.
    public var name: String?
    /// The texts that it held, each of which has a column of its own; empty for numbers.
    public var texts: [String] = []
    /// What stands for a missing value: of numbers one, of texts one for each; empty where missing values are refused.
    public var fill: [Double] = []

    /// The columns in rows.
    public var width: Int { max(1, texts.count) }
  }

  /// In the order of the columns in rows.
  public var features: [Feature]
  /// The names of the columns of targets; none where these had none.
  public var targets: [String] = []
  /// What the targets are called; nil where they have no name.
  public var target: String? { targets.isEmpty ? nil : targets.joined(separator: ", ") }
  /// The names of columns that were left out.
  public var dropped: [String] = []
  /// Whether rows with missing values were left out.
  public var dropsMissing = false

  /// The columns in rows.
  public var width: Int { features.reduce(0) { $0 + $1.width } }

  /// The names of the columns in rows, `NAME=TEXT` for those of texts; empty where the table had none.
  public var columnNames: [String] {
    guard features.allSatisfy({ $0.name != nil }) else { return [] }
    return features.flatMap { feature in
      feature.texts.isEmpty ? [feature.name!] : Self.names(feature.name!, feature.texts)
    }
  }

  /// The names of the columns that the texts of one column become.
  static func names(_ column: String, _ texts: [String]) -> [String] {
    texts.map { "\(column)=\($0)" }
  }
}

extension TableSchema {
  /// As it stands in a model and in config.json.
  package var json: JSON {
    var members: [JSON.Member] = [
      .init(
        "features",
        .array(
          features.map { feature in
            var members: [JSON.Member] = [.init("name", feature.name.map { .string($0) } ?? .null)]
            if !feature.texts.isEmpty {
              members.append(.init("texts", .array(feature.texts.map { .string($0) })))
            }
            if !feature.fill.isEmpty {
              members.append(.init("missing", .array(feature.fill.map { .number($0) })))
            }
            return .object(members)
          }))
    ]
    if targets.count == 1 {
      members.append(.init("target", .string(targets[0])))
    } else if !targets.isEmpty {
      members.append(.init("target", .array(targets.map { .string($0) })))
    }
    if !dropped.isEmpty {
      members.append(.init("dropped", .array(dropped.map { .string($0) })))
    }
    if dropsMissing { members.append(.init("drops_missing", true)) }
    return .object(members)
  }

  /// Reads what ``json`` gives; nil for what makes no sense.
  package init?(recorded json: JSON) {
    guard let items = json["features"]?.items else { return nil }
    func texts(_ json: JSON?) -> [String]? {
      guard let json else { return [] }
      let texts = json.items?.map(\.text)
      return texts?.contains(nil) == false ? texts!.map { $0! } : nil
    }
    features = []
    for item in items {
      let fill = item["missing"].map { $0.items?.compactMap(\.double) ?? [Double.nan] } ?? []
      guard let texts = texts(item["texts"]), Set(texts).count == texts.count,
        fill.allSatisfy(\.isFinite), [0, max(1, texts.count)].contains(fill.count)
      else { return nil }
      features.append(Feature(name: item["name"]?.text, texts: texts, fill: fill))
    }
    guard let dropped = texts(json["dropped"]),
      let targets = json["target"]?.text.map({ [$0] }) ?? texts(json["target"])
    else { return nil }
    (self.targets, self.dropped) = (targets, dropped)
    dropsMissing = json["drops_missing"]?.flag ?? false
  }
}

// MARK: - Of a source

extension ArraySource {
  /// What the rows are made of; nil where a matrix says it all: columns of numbers without names.
  func schema(_ columns: ColumnOptions) -> TableSchema? {
    let names = arrays[0].columnNames
    guard !names.isEmpty || plan.parts.contains(where: { !$0.isPlain }) else { return nil }
    func name(_ column: Int) -> String? { names.isEmpty ? nil : names[column] }
    let features = plan.parts.flatMap { part in
      part.stored.enumerated().map { index, column in
        TableSchema.Feature(
          name: name(column), texts: part.texts,
          fill: part.fill.isEmpty || part.isOneHot ? part.fill : [part.fill[index]])
      }
    }
    let named = NamedColumns(arrays[0])
    let targets = named.listed(columns.target.map { [$0] } ?? []).compactMap { text in
      named.find(text).flatMap(name)
    }
    let used = Set(features.map(\.name) + targets)
    return TableSchema(
      features: features, targets: targets,
      dropped: names.filter { !$0.isEmpty && !used.contains($0) },
      dropsMissing: columns.missing == .drop)
  }
}

// MARK: - Of other tables

extension TableSchema {
  /// The plan by which the columns of another source become those of the rows that were trained on.
  ///
  /// Columns with names are found by these, in whatever order; others by their order. Only a table in text has texts: the
  /// numbers that other formats could hold in their place mean nothing to the model.
  ///
  /// - Parameters:
  ///   - targets: the columns of targets there.
  ///   - dropped: columns to leave out.
  /// - Throws: `TrainerError(.badData)` where columns differ, with their names.
  func plan(
    of source: ArraySource, targets: [Int], dropped: Set<Int>
  ) throws(TrainerError) -> ColumnPlan {
    let array = source.arrays[0]
    let left = (0..<array.columns).filter { !targets.contains($0) && !dropped.contains($0) }
    if let feature = features.firstIndex(where: { !$0.texts.isEmpty }),
      !source.arrays.allSatisfy({ $0.format.holdsTexts })
    {
      let column = features[feature].name.map { "'\($0.printable)'" } ?? "\(feature)"
      throw TrainerError(
        .badData,
        "\(source.name) holds numbers alone, but column \(column) of the rows that were trained on holds texts, such as "
          + "'\(features[feature].texts[0].printable)'; give a table in text, such as CSV")
    }
    if array.columnNames.isEmpty || features.contains(where: { $0.name == nil }) {
      if left.count == features.count { return plan(left) }
      throw TrainerError(
        .badData,
        "\(source.nameHaving) \(left.count.counted("column")), but the rows that were trained on have \(features.count); "
          + "give the same columns"
      )
    }
    let names = array.columnNames
    let known = Set(features.map { $0.name! } + self.dropped + self.targets)
    let others = left.map { names[$0] }.filter { !known.contains($0) && !$0.isEmpty }
    func quoted(_ names: [String]) -> String {
      names.map { "'\($0.printable)'" }.joined(separator: ", ")
    }
    let columns = features.map { feature in
      names.firstIndex(of: feature.name!).flatMap { targets.contains($0) ? nil : $0 }
    }
    let absent = zip(features, columns).filter { $1 == nil }.map { $0.0.name! }
    if let first = absent.first {
      let near = absent.count == 1 ? NearWord.meant(by: first, among: others) : nil
      throw TrainerError(
        .badData,
        "\(source.nameHaving) no column \(quoted(absent)), which the rows that were trained on have; add "
          + (near.map { "it, or rename the column '\($0.printable)' if that is it" }
            ?? (absent.count == 1 ? "it" : "them")))
    }
    try require(
      others.isEmpty, .badData,
      "\(source.nameHaving) a column \(quoted(others)), which the rows that were trained on do not have; remove "
        + (others.count == 1 ? "it, or leave it out" : "them, or leave them out")
        + " with \(parameter: "drop")")
    return plan(columns.compactMap { $0 })
  }

  private func plan(_ columns: [Int]) -> ColumnPlan {
    ColumnPlan(
      zip(features, columns).map { feature, column in
        .init(
          stored: column..<column + 1, texts: feature.texts, isOneHot: !feature.texts.isEmpty,
          fill: feature.fill)
      })
  }
}
