/// A source divided into rows and targets, as options and what was trained on before say.
struct PlannedColumns {
  let rows: ArraySource
  /// Those in columns of the source; nil where none is named.
  let targets: ArraySource?
  /// The column that names the rows; nil where none does.
  private(set) var ids: ArraySource?

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
      let targets =
        try asked.target.map { try named.columns([$0], parameter: "target") }
        ?? named.all(schema.targets)
      try self.init(
        source, targets: targets,
        rows: schema.plan(
          of: source, targets: targets,
          dropped: Set(
            try named.columns(asked.dropped, parameter: "drop") + (id.map { [$0] } ?? []))))
      ids = try id.map { try Self.column($0, of: source) }
      return
    }
    let targets = try asked.target.map { try named.columns([$0], parameter: "target") } ?? []
    let dropped = Set(
      try named.columns(asked.dropped, parameter: "drop") + (id.map { [$0] } ?? []))
    let only = Set(try named.columns(asked.only, parameter: "columns"))
    let categories = Set(try named.columns(asked.categories, parameter: "categories"))
    let isTable = source.arrays.allSatisfy { $0.format.holdsTexts }
    try require(
      isTable || asked.missing != .drop, .usage,
      "\(parameter: "missing") drop is for tables in text, and \(source.name) is none; give \(parameter: "missing") mean, "
        + "or leave the rows out of the file")
    try require(
      isTable || categories.isEmpty, .usage,
      "\(parameter: "categories") is for tables in text, and \(source.name) is none; omit it")
    let kept = (0..<named.count).filter {
      !targets.contains($0) && !dropped.contains($0)
        && (only.isEmpty ? options.copiesTexts || !named.isRowNumber($0) : only.contains($0))
    }
    try require(
      !kept.isEmpty, .usage,
      "\(source.nameHaving) no other column (all are left out, targets, or names of rows); leave fewer out"
    )
    if !options.keepsTexts {
      for target in targets where !categories.contains(target) {
        try source.checkTexts(ofTarget: target)
      }
    }
    let isAll = kept.count == named.count && !source.arrays.contains(where: \.holdsTexts)
    try self.init(
      source, targets: targets,
      rows: isAll
        ? .all(named.count)
        : Self.plan(
          of: kept, of: source, keepsTexts: options.keepsTexts, categories: categories,
          dropped: asked.dropped))
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
    let asked = options.columns.target.map { trained.listed([$0]) } ?? []
    let found = asked.compactMap(same)
    let targets = found.count == asked.count ? found : []
    guard let schema = options.schema ?? train.schema(options.columns) else {
      // Matrices of the same columns.
      let isSame = named.count == trained.count
      try self.init(
        source, targets: isSame ? targets : [],
        rows: isSame ? train.plan : StoredArray.plan(of: source.arrays))
      return
    }
    // Columns with names are left out by these.
    let dropped = named.count == trained.count ? trained.find(options.columns.dropped) : []
    try self.init(
      source, targets: targets, rows: schema.plan(of: source, targets: targets, dropped: dropped))
  }

  private init(_ source: ArraySource, targets: [Int], rows: ColumnPlan) throws {
    self.rows = try source.planned(rows)
    self.targets =
      targets.count > 1
      ? try Self.columns(targets, of: source)
      : try targets.first.map { try Self.column($0, of: source) }
  }

  /// Several columns of numbers.
  ///
  /// - Throws: `TrainerError(.badData)` where one holds texts.
  private static func columns(_ columns: [Int], of source: ArraySource) throws -> ArraySource {
    let texts = columns.first { !StoredArray.texts($0, of: source.arrays).isEmpty }
    if let texts {
      throw TrainerError(
        .badData,
        "\(source.name): \(source.arrays[0].columnNames.columnLabel(texts)) holds texts, and several targets must be numbers; "
          + "name one column of classes, or columns of numbers alone")
    }
    return try source.planned(
      ColumnPlan(
        columns.map {
          .init(stored: $0..<$0 + 1, isCopied: StoredArray.isCopied($0, of: source.arrays))
        }))
  }

  /// One column, of texts by their numbers.
  ///
  /// - Throws: `TrainerError(.badData)` where it holds too many texts.
  private static func column(_ column: Int, of source: ArraySource) throws -> ArraySource {
    let texts = StoredArray.texts(column, of: source.arrays)
    try require(
      texts.count <= TextSurvey.mostTexts, .badData,
      "\(source.name): \(source.arrays[0].columnNames.columnLabel(column)) holds more than \(TextSurvey.mostTexts) "
        + "different texts, too many for classes; name another column")
    return try source.planned(
      ColumnPlan([
        .init(
          stored: column..<column + 1, texts: texts,
          isCopied: StoredArray.isCopied(column, of: source.arrays))
      ]))
  }

  /// The rows made of some columns.
  ///
  /// - Parameters:
  ///   - keepsTexts: whether texts are written as they are, and not computed with.
  ///   - categories: columns whose texts are taken whatever they look like.
  ///   - dropped: columns that are left out already, as they were named.
  /// - Throws: `TrainerError(.badData)` that names all columns that cannot be used.
  private static func plan(
    of columns: [Int], of source: ArraySource, keepsTexts: Bool, categories: Set<Int>,
    dropped: [String]
  ) throws -> ColumnPlan {
    let parts = columns.map { column -> ColumnPlan.Part in
      let texts = StoredArray.texts(column, of: source.arrays)
      return .init(
        stored: column..<column + 1, texts: texts, isOneHot: !keepsTexts && !texts.isEmpty,
        isCopied: StoredArray.isCopied(column, of: source.arrays))
    }
    let faults = parts.compactMap {
      ColumnFault(
        $0, rows: source.rows, keepsTexts: keepsTexts,
        isCategory: categories.contains($0.stored.lowerBound))
    }
    guard let first = faults.first else { return ColumnPlan(parts) }
    let names = source.arrays[0].columnNames
    func words(_ fault: ColumnFault) -> String {
      "\(names.columnLabel(fault.column)) holds \(fault.reason)"
    }
    guard faults.count > 1 else {
      throw TrainerError(.badData, "\(source.name): \(words(first)); \(first.remedy)")
    }
    let all = dropped + faults.map { names.isEmpty ? "\($0.column)" : names[$0.column] }
    throw TrainerError(
      .badData,
      "\(source.name): \(faults.count) columns cannot be used: \(faults.map(words).joined(separator: "; ")); leave them out "
        + "with \(parameter: "drop") \(all.arguments)"
        + (faults.contains(where: \.isOfNumbers)
          ? ", or write their numbers with a decimal point and digits alone" : ""))
  }
}

/// Why a column of texts cannot be trained on.
private struct ColumnFault {
  let column: Int
  /// What it holds.
  let reason: String
  /// Whether it would hold numbers if they were written otherwise.
  private(set) var isOfNumbers = false

  /// A column with more different texts than these holds no categories if more than half of its rows differ.
  private static let fewTexts = 50

  /// What is wrong with a column of a source with this many rows; nil for nothing.
  ///
  /// - Parameters:
  ///   - keepsTexts: whether texts are written as they are, and not computed with.
  ///   - isCategory: whether texts are taken whatever they look like.
  init?(_ part: ColumnPlan.Part, rows: Int, keepsTexts: Bool, isCategory: Bool) {
    column = part.stored.lowerBound
    let texts = part.texts
    if texts.count > TextSurvey.mostTexts {
      reason = "more than \(TextSurvey.mostTexts) different texts, too many for categories"
      return
    }
    if keepsTexts { return nil }
    if !isCategory, let text = texts.numberLike {
      reason = "texts that look like numbers, such as '\(text.printable)'"
      isOfNumbers = true
    } else if texts.count > Self.fewTexts, texts.count * 2 > rows {
      reason = "\(texts.count) different texts in \(rows) rows, which are no categories"
    } else {
      return nil
    }
  }

  var remedy: String {
    isOfNumbers
      ? "write them with a decimal point and digits alone, or leave the column out with \(parameter: "drop")"
      : "leave it out with \(parameter: "drop")"
  }
}

extension ArraySource {
  /// Refuses a column of targets whose texts look like numbers: as classes they would mean nothing.
  func checkTexts(ofTarget column: Int) throws(TrainerError) {
    guard let text = StoredArray.texts(column, of: arrays).numberLike else { return }
    throw TrainerError(
      .badData,
      "\(name): the targets in \(arrays[0].columnNames.columnLabel(column)) are texts that look like numbers, such as "
        + "'\(text.printable)'; write them with a decimal point and digits alone, or name the column with "
        + "\(parameter: "categories") if they are classes")
  }
}

extension [String] {
  /// One that looks like a number, where most do.
  fileprivate var numberLike: String? {
    guard let text = first(where: \.looksLikeNumber), count(where: \.looksLikeNumber) * 2 > count
    else { return nil }
    return text
  }
}

extension StoredArray {
  /// Whether the first column counts the rows, as pandas writes it: it has no name among others that have some.
  var hasRowNumbers: Bool { NamedColumns(self).isRowNumber(0) }
}

extension String {
  /// Whether the text is digits with what people write around numbers: separators, signs, units of money.
  fileprivate var looksLikeNumber: Bool {
    contains { $0.isNumber } && contains { ",.%$€£".contains($0) }
      && allSatisfy { $0.isNumber || ",.%$€£+- '".contains($0) }
  }
}
