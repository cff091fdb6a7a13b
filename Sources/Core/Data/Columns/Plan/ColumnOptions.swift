/// What the command line says of the columns of `data`. Columns are named, or counted from 0; -1 is the last.
public struct ColumnOptions: Equatable, Sendable {
  /// What becomes of missing values.
  public enum Missing: String, CaseIterable, Sendable {
    /// The column's mean over the training rows stands for them.
    case mean
    /// Rows with one are left out.
    case drop
  }

  /// The column that holds the targets; or several, with commas between.
  public var target: String?
  /// A column that names the rows, which is carried along and not computed with.
  public var id: String?
  /// The columns to train on; all others where there are none.
  public var only: [String] = []
  /// Columns to leave out.
  public var dropped: [String] = []
  /// Columns whose numbers are names.
  public var categories: [String] = []
  /// Nil where missing values are refused.
  public var missing: Missing?

  /// What columns are called, as they were given.
  var names: [String] { only + dropped + categories + [target, id].compactMap { $0 } }

  /// All columns as they are, but for the targets.
  public init(target: String? = nil) { self.target = target }
}

extension [String] {
  /// A column in a message, by the names of all; none where they have none.
  func columnLabel(_ column: Int) -> String {
    isEmpty ? "column \(column)" : "column \(column) ('\(self[column].printable)')"
  }

  /// Names in a message, with commas between them; in quotation marks where one of them has a comma or a blank, or is empty.
  package var listed: String {
    let names = map(\.printable)
    let isClear = names.allSatisfy { name in
      !name.isEmpty && !name.contains { $0 == "," || $0 == "'" || $0.isWhitespace }
    }
    return (isClear ? names : names.map { "'\($0)'" }).joined(separator: ", ")
  }
}

extension [String] {
  /// Names as one gives them to an option in a shell.
  var arguments: String {
    map { name in
      let isPlain =
        !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || "_-.+/:".contains($0) }
      let escaped = name.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''")
      return isPlain ? name : "'\(escaped.printable)'"
    }.joined(separator: " ")
  }
}

/// The columns of a file by what a user calls them.
struct NamedColumns {
  /// None where they have no names.
  let names: [String]
  let count: Int
  /// The file, in a message.
  let file: String

  init(_ array: StoredArray) {
    (names, count, file) = (array.columnNames, array.columns, array.name)
  }

  init(names: [String], count: Int) { (self.names, self.count, file) = (names, count, "") }

  /// Whether a column among others with names has none: pandas writes its row numbers so.
  func isRowNumber(_ column: Int) -> Bool { !names.isEmpty && names[column].isEmpty }

  /// A column, or nil: names come before numbers.
  func find(_ text: String) -> Int? {
    if let index = names.firstIndex(of: text), !text.isEmpty { return index }
    guard let number = Int(text) else { return nil }
    let index = number < 0 ? number + count : number
    return (0..<count).contains(index) ? index : nil
  }

  /// Those that are there of several, which commas may separate.
  func find(_ texts: [String]) -> Set<Int> {
    Set(texts.flatMap { find($0).map { [$0] } ?? Self.parts(of: $0).compactMap(find) })
  }

  /// Columns by their names alone; none where one of them is missing.
  func all(_ texts: [String]) -> [Int] {
    let found = texts.compactMap { names.firstIndex(of: $0) }
    return found.count == texts.count ? found : []
  }

  /// What each of several texts that may have commas names: itself where it is one column.
  func listed(_ texts: [String]) -> [String] {
    texts.flatMap { find($0) == nil ? Self.parts(of: $0) : [$0] }
  }

  /// A column.
  ///
  /// - Throws: `TrainerError(.usage)` where there is none.
  func column(_ text: String, parameter: String) throws(TrainerError) -> Int {
    guard let index = find(text) else { throw refusal(of: [text], parameter: parameter) }
    return index
  }

  /// Several, in the order of the list.
  ///
  /// - Throws: `TrainerError(.usage)` that names all that there are not.
  func columns(_ texts: [String], parameter: String) throws(TrainerError) -> [Int] {
    let named = listed(texts)
    let unknown = named.filter { find($0) == nil }
    guard unknown.isEmpty else { throw refusal(of: unknown, parameter: parameter) }
    return named.compactMap(find)
  }

  /// Names in a message that are shown at most.
  private static let mostShown = 20

  /// What is wrong with texts that name no column.
  private func refusal(of texts: [String], parameter: String) -> TrainerError {
    let shown =
      Array(names.prefix(Self.mostShown)).listed + (names.count > Self.mostShown ? ", …" : "")
    let meant = texts.compactMap { NearWord.meant(by: $0, among: names) }
    let advice =
      texts.contains { Int($0) != nil }
      ? "(it has the columns 0 to \(count - 1)); name one of these"
      : names.isEmpty
        ? "(its columns have no names); give an index from 0"
        : "(it has: \(shown)); "
          + (meant.isEmpty
            ? "name one of these"
            : "did you mean \(meant.map { "'\($0.printable)'" }.joined(separator: " and "))?")
    let named = texts.map { "'\($0.printable)'" }.joined(separator: ", ")
    return TrainerError(
      .usage,
      "\(parameter: parameter) \(named): \(file) has no such column\(texts.count == 1 ? "" : "s") \(advice)"
    )
  }

  private static func parts(of text: String) -> [String] {
    text.split(separator: ",").map { String($0.drop { $0 == " " }) }
  }
}

extension DataCatalog.Options {
  /// What the columns of a table in text are to be read as, of which `found` was seen.
  ///
  /// - Parameter names: of the columns; empty where they have none.
  func uses(of names: [String], _ found: [TextHead.Use]) -> [TextHead.Use] {
    let named = NamedColumns(names: names, count: found.count)
    let targets = named.find(columns.target.map { [$0] } ?? [])
    let dropped = named.find(columns.dropped + (columns.id.map { [$0] } ?? []))
    guard let schema else {
      let (only, categories) = (named.find(columns.only), named.find(columns.categories))
      return found.indices.map { column in
        let isTarget = targets.contains(column)
        if dropped.contains(column) && !isTarget { return .nothing }
        let isWanted =
          only.isEmpty ? copiesTexts || !named.isRowNumber(column) : only.contains(column)
        guard isWanted || isTarget || categories.contains(column) else { return .nothing }
        let use = categories.contains(column) ? TextHead.Use.texts : found[column]
        return copiesTexts && use == .texts ? .copied : use
      }
    }
    let features = Dictionary(
      schema.features.compactMap { feature in feature.name.map { ($0, feature) } },
      uniquingKeysWith: { first, _ in first })
    guard !names.isEmpty, features.count == schema.features.count else {
      let left = found.indices.filter { !targets.contains($0) && !dropped.contains($0) }
      guard left.count == schema.features.count else { return found }
      var uses = found
      for (column, feature) in zip(left, schema.features) { uses[column] = feature.use }
      return uses
    }
    return found.indices.map { column in
      if let feature = features[names[column]] { return feature.use }
      return targets.contains(column)
        || (targets.isEmpty && schema.targets.contains(names[column])) ? found[column] : .nothing
    }
  }
}

extension TableSchema.Feature {
  fileprivate var use: TextHead.Use { texts.isEmpty ? .numbers : .texts }
}
