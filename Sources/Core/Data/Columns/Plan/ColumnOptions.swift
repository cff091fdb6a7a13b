/// What the command line says of the columns of `data`. Columns are named, or counted from 0; -1 is the last.
public struct ColumnOptions: Equatable, Sendable {
  /// What becomes of missing values.
  public enum Missing: String, CaseIterable, Sendable {
    /// The column's mean over the training rows stands for them.
    case mean
    /// Rows with one are left out.
    case drop
  }

  /// The column that holds the targets.
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

  /// All columns as they are, but for the targets.
  public init(target: String? = nil) { self.target = target }
}

extension [String] {
  /// A column in a message, by the names of all; none where they have none.
  func columnLabel(_ column: Int) -> String {
    isEmpty ? "column \(column)" : "column \(column) ('\(self[column].printable)')"
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

  /// A column.
  ///
  /// - Throws: `TrainerError(.usage)` where there is none.
  func column(_ text: String, parameter: String) throws(TrainerError) -> Int {
    if let index = find(text) { return index }
    let shown = names.prefix(20).map(\.printable).joined(separator: ", ")
    throw TrainerError(
      .usage,
      "\(parameter: parameter) '\(text.printable)': \(file) has no such column ("
        + (Int(text) != nil
          ? "it has the columns 0 to \(count - 1)); name one of these"
          : names.isEmpty
            ? "its columns have no names); give an index from 0"
            : "it has: \(shown)\(names.count > 20 ? ", …" : "")); name one of these"))
  }

  /// Several, in the order of the list.
  func columns(_ texts: [String], parameter: String) throws(TrainerError) -> [Int] {
    var columns: [Int] = []
    for text in texts {
      guard find(text) == nil else {
        columns.append(find(text)!)
        continue
      }
      for part in Self.parts(of: text) { columns.append(try column(part, parameter: parameter)) }
    }
    return columns
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
    let target = columns.target.flatMap(named.find)
    let dropped = named.find(columns.dropped + (columns.id.map { [$0] } ?? []))
    guard let schema else {
      let (only, categories) = (named.find(columns.only), named.find(columns.categories))
      return found.indices.map { column in
        if dropped.contains(column) && column != target { return .nothing }
        if categories.contains(column) { return .texts }
        let isWanted = only.isEmpty ? !named.isRowNumber(column) : only.contains(column)
        return isWanted || column == target ? found[column] : .nothing
      }
    }
    let features = Dictionary(
      schema.features.compactMap { feature in feature.name.map { ($0, feature) } },
      uniquingKeysWith: { first, _ in first })
    guard !names.isEmpty, features.count == schema.features.count else {
      let left = found.indices.filter { $0 != target && !dropped.contains($0) }
      guard left.count == schema.features.count else { return found }
      var uses = found
      for (column, feature) in zip(left, schema.features) { uses[column] = feature.use }
      return uses
    }
    return found.indices.map { column in
      if let feature = features[names[column]] { return feature.use }
      return column == target || (target == nil && names[column] == schema.target)
        ? found[column] : .nothing
    }
  }
}

extension TableSchema.Feature {
  fileprivate var use: TextHead.Use { texts.isEmpty ? .numbers : .texts }
}
