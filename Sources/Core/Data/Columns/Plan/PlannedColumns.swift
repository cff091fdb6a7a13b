/// A source divided into rows and targets, as options and what was trained on before say.
struct PlannedColumns {
  let rows: ArraySource
  /// Those in a column of the source; nil where none is named.
  let targets: ArraySource?
  /// The column that names the rows; nil where none does.
  private(set) var ids: ArraySource?

  /// A column with more different texts than these holds no categories if more than half of its rows differ.
  private static let fewTexts = 50

  /// The columns of a source by the options, or by what the model was trained on.
  ///
  /// - Parameter hasTargets: whether targets come from elsewhere.
  /// - Throws: `TrainerError`: usage for columns that are not there, bad data for those that cannot be used.
  init(_ source: ArraySource, _ options: DataCatalog.Options, hasTargets: Bool) throws {
    let named = NamedColumns(source.arrays[0])
    let asked = options.columns
    try require(
      asked.target == nil || !hasTargets, .usage,
      "\(parameter: "target"), but \(source.name) brings targets of its own; omit it")
    let id = try asked.id.map { try named.column($0, parameter: "id") }
    if let schema = options.schema {
      let target =
        try asked.target.map { try named.column($0, parameter: "target") }
        ?? schema.target.flatMap { named.names.firstIndex(of: $0) }
      try self.init(
        source, target: target,
        rows: schema.plan(
          of: source, target: target,
          dropped: Set(
            try named.columns(asked.dropped, parameter: "drop") + (id.map { [$0] } ?? []))))
      ids = try id.map { try Self.column($0, of: source) }
      return
    }
    let target = try asked.target.map { try named.column($0, parameter: "target") }
    let dropped = Set(
      try named.columns(asked.dropped, parameter: "drop") + (id.map { [$0] } ?? []))
    let only = Set(try named.columns(asked.only, parameter: "columns"))
    let categories = Set(try named.columns(asked.categories, parameter: "categories"))
    let isTable = source.arrays.allSatisfy { $0.format.isSurveyed }
    try require(
      isTable || asked.missing != .drop, .usage,
      "\(parameter: "missing") drop is for tables in text, and \(source.name) is none; give \(parameter: "missing") mean, "
        + "or leave the rows out of the file")
    try require(
      isTable || categories.isEmpty, .usage,
      "\(parameter: "categories") is for tables in text, and \(source.name) is none; omit it")
    let kept = (0..<named.count).filter {
      $0 != target && !dropped.contains($0)
        && (only.isEmpty ? !named.isRowNumber($0) : only.contains($0))
    }
    try require(
      !kept.isEmpty, .usage, "\(source.nameHaving) no other column to train on; leave fewer out")
    let isAll = kept.count == named.count && source.arrays[0].categories.isEmpty
    try self.init(
      source, target: target,
      rows: isAll
        ? .all(named.count)
        : ColumnPlan(kept.map { try Self.part($0, of: source, keepsTexts: options.keepsTexts) }))
    ids = try id.map { try Self.column($0, of: source) }
  }

  /// The columns of test rows, which are those of the training rows.
  init(
    _ source: ArraySource, _ options: DataCatalog.Options, like train: ArraySource, hasTargets: Bool
  ) throws {
    let (named, trained) = (NamedColumns(source.arrays[0]), NamedColumns(train.arrays[0]))
    // The column of the same name, or else of the same place.
    func same(_ text: String) -> Int? {
      trained.names.isEmpty || named.names.isEmpty
        ? named.find(text)
        : trained.find(text).flatMap { named.names.firstIndex(of: trained.names[$0]) }
    }
    let target = options.columns.target.flatMap(same)
    guard let schema = options.schema ?? train.schema(options.columns) else {
      // Matrices of the same columns.
      let isSame = named.count == trained.count
      try self.init(
        source, target: isSame ? target : nil,
        rows: isSame ? train.plan : StoredArray.plan(of: source.arrays))
      return
    }
    // Columns with names are left out by these.
    let dropped = named.count == trained.count ? trained.find(options.columns.dropped) : []
    try self.init(
      source, target: target, rows: schema.plan(of: source, target: target, dropped: dropped))
  }

  private init(_ source: ArraySource, target: Int?, rows: ColumnPlan) throws {
    self.rows = try source.planned(rows)
    targets = try target.map { try Self.column($0, of: source) }
  }

  /// One column, of texts by their numbers.
  private static func column(_ column: Int, of source: ArraySource) throws -> ArraySource {
    let texts = StoredArray.texts(column, of: source.arrays)
    return try source.planned(ColumnPlan([.init(stored: column..<column + 1, texts: texts)]))
  }

  /// - Parameter keepsTexts: whether texts are written as they are, and not computed with.
  private static func part(
    _ column: Int, of source: ArraySource, keepsTexts: Bool
  ) throws -> ColumnPlan.Part {
    let texts = StoredArray.texts(column, of: source.arrays)
    if keepsTexts { return .init(stored: column..<column + 1, texts: texts) }
    let label = source.arrays[0].columnNames.columnLabel(column)
    if let text = texts.first(where: \.looksLikeNumber),
      texts.count(where: \.looksLikeNumber) * 2 > texts.count
    {
      throw TrainerError(
        .badData,
        "\(source.name): \(label) holds texts that look like numbers, such as '\(text.printable)'; write them with "
          + "a decimal point and digits alone, or leave the column out with \(parameter: "drop")")
    }
    try require(
      texts.count <= fewTexts || texts.count * 2 <= source.rows, .badData,
      "\(source.name): \(label) holds \(texts.count) different texts in \(source.rows) rows, which are no "
        + "categories; leave it out with \(parameter: "drop")")
    return .init(stored: column..<column + 1, texts: texts, isOneHot: !texts.isEmpty)
  }
}

extension String {
  /// Whether the text is digits with what people write around numbers: separators, signs, units of money.
  fileprivate var looksLikeNumber: Bool {
    contains { $0.isNumber } && contains { ",.%$€£".contains($0) }
      && allSatisfy { $0.isNumber || ",.%$€£+- '".contains($0) }
  }
}
