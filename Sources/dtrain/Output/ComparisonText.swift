import DTrainCore

/// What differs between two runs, side by side.
enum ComparisonText {
  /// The lines, none wider than `width`.
  ///
  /// - Parameters:
  ///   - names: what the two runs are called.
  ///   - width: nil for no limit.
  static func lines(
    _ comparison: RunComparison, names: (String, String), width: Int?
  ) -> [String] {
    // Beside the names of members two values have room; hashes and lists are cut.
    let room = width.map { max(12, ($0 - 30) / 2) } ?? 48
    let titles = [names.0, names.1].map { $0.count <= room ? $0 : "…" + $0.suffix(room - 1) }
    var table = TextTable(columns: ([""] + titles).map { .init(title: $0) })
    for section in comparison.sections where !section.differences.isEmpty {
      table.rows.append(.cells([section.name, "", ""]))
      for difference in section.differences {
        let name = difference.name.split(separator: "_").joined(separator: " ")
        table.rows.append(
          .cells(["  \(name)", cell(difference.first, room), cell(difference.second, room)]))
      }
    }
    let same = comparison.sections.reduce(0) { $0 + $1.same }
    var ending = "\(TrainingText.count(same, "other value")) \(same == 1 ? "is" : "are") the same"
    if let isSame = comparison.hasSameModel {
      ending += isSame ? "; the results are the same to the byte" : "; the results differ"
    }
    return (table.rows.isEmpty ? [] : table.lines(width: width).lines) + [ending]
  }

  private static func cell(_ value: JSON, _ room: Int) -> String {
    let text = InfoText.brief(value)
    return text.count <= room ? text : text.prefix(room - 1) + "…"
  }

  /// An object with a member for each section, which holds an array of both values for each name.
  static func json(_ comparison: RunComparison) -> JSON {
    .object(
      comparison.sections.map { section in
        .init(
          section.name,
          .object(section.differences.map { .init($0.name, .array([$0.first, $0.second])) }))
      } + [
        .init("same_model", comparison.hasSameModel.map { .bool($0) } ?? .null)
      ])
  }
}
