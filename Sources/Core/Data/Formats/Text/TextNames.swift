/// Whether the first row of a table has the names of its columns.
enum TextNames {
  /// What the first row is.
  enum Finding {
    case none, names
    /// Names that could as well be a row of texts, since no column below holds numbers.
    case doubtful
  }

  /// Ascending numbers are names if there are this many, or if they could be years.
  private static let (fewestNumbers, firstYear) = (3, 1000)

  /// Looks at the first row: it has names where none of its fields is a number, and those below one are, or are texts that it
  /// does not repeat; or where numbers among its fields ascend by one, as years do.
  static func find(
    in first: [String], above rows: [[String]], _ dialect: TextDialect
  ) -> Finding {
    func isNumber(_ text: String) -> Bool { dialect.number(text) != nil }
    func isMissing(_ text: String) -> Bool { MissingField.matches(text, amongTexts: false) }
    func holdsNumbers(_ column: Int) -> Bool {
      rows.allSatisfy { isNumber($0[column]) || isMissing($0[column]) }
        && rows.contains { isNumber($0[column]) }
    }
    func isRepeated(_ column: Int) -> Bool { rows.contains { $0[column] == first[column] } }
    let named = first.indices.filter { !first[$0].isEmpty }
    guard !named.isEmpty else { return .none }
    let numbers = first.indices.filter { isNumber(first[$0]) }
    if numbers.isEmpty {
      guard !rows.isEmpty else { return .names }
      if first.indices.contains(where: { !isMissing(first[$0]) && holdsNumbers($0) }) {
        return .names
      }
      let areNew =
        Set(named.map { first[$0] }).count == named.count && !named.contains(where: isRepeated)
      return areNew ? .doubtful : .none
    }
    let values = numbers.compactMap { Int(first[$0]) }
    guard !rows.isEmpty, values.count == numbers.count, values.count > 1,
      zip(values, values.dropFirst()).allSatisfy({ $1 - $0 == 1 }), numbers.allSatisfy(holdsNumbers)
    else { return .none }
    let others = first.indices.filter { !numbers.contains($0) }
    if others.isEmpty {
      // pandas numbers columns without names, and writes floats with a point.
      let isFloat = first.indices.allSatisfy { column in
        rows.contains { isNumber($0[column]) && Int($0[column]) == nil }
      }
      return values[0] == 0 && isFloat ? .names : .none
    }
    guard values.count >= fewestNumbers || values[0] >= firstYear else { return .none }
    let areNames = others.allSatisfy { column in
      first[column].isEmpty
        ? column == 0 && rows.enumerated().allSatisfy { Int($1[0]) == $0 } : !isRepeated(column)
    }
    return areNames ? .names : .none
  }

  /// Refuses names that are no text, or stand twice, and columns without a name that hold something; the first may hold the
  /// numbers of rows.
  ///
  /// - Parameters:
  ///   - rows: some of those below.
  ///   - file: the name of the file.
  ///   - line: that of the names; nil where they stand in a comment.
  ///   - isText: whether their bytes are UTF-8.
  static func check(
    _ names: [String], above rows: [[String]], of file: String, line: Int?, isText: Bool
  ) throws(TrainerError) {
    try require(
      isText, .badData,
      "\(file): line \(line ?? 1), the names of the columns are not UTF-8; \(TextDialect.encodingRemedy)"
    )
    let empty = names.indices.dropFirst().first { column in
      names[column].isEmpty
        && rows.contains { !MissingField.matches($0[column], amongTexts: false) }
    }
    if let empty, let line {
      throw TrainerError(
        .badData,
        "\(file): line \(line) has no name for column \(empty); write one, remove a delimiter that is too many, or give "
          + "\(parameter: "header") no if the line is a row")
    }
    var (seen, repeated): (Set<String>, [String]) = ([], [])
    for name in names
    where !name.isEmpty && !seen.insert(name).inserted && !repeated.contains(name) {
      repeated.append(name)
    }
    try require(
      repeated.isEmpty, .badData,
      "\(file) has two columns called \(repeated.map { "'\($0.printable)'" }.joined(separator: ", and two called ")); "
        + "rename one\(repeated.count == 1 ? "" : " of each")")
  }
}
