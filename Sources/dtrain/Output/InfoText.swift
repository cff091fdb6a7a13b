import DTrainCore

/// A JSON value as indented lines of names and values.
enum InfoText {
  /// The members of an object, one a line, nested ones indented below their name.
  static func lines(_ value: JSON, indent: Int = 2) -> [String] {
    guard let members = value.members else { return [margin(indent) + scalar(value)] }
    let width = members.filter { !isNested($0.value) }.map(\.key.count).max() ?? 0
    return members.flatMap { member -> [String] in
      let name = member.key.split(separator: "_").joined(separator: " ")
      guard isNested(member.value) else {
        let gap = margin(max(0, width - name.count) + 2)
        return [margin(indent) + name + gap + scalar(member.value)]
      }
      var nested = [margin(indent) + name]
      if let items = member.value.items {
        nested += items.map { item in
          margin(indent + 2)
            + (item.members ?? []).map { "\($0.key) \(scalar($0.value))" }.joined(separator: "  ")
        }
      } else {
        nested += lines(member.value, indent: indent + 2)
      }
      return nested
    }
  }

  /// A value on one line.
  static func scalar(_ value: JSON) -> String {
    switch value {
    case .null: "-"
    case .bool(let flag): flag ? "yes" : "no"
    case .integer(let number): String(number)
    // Large numbers may differ in their last digits alone.
    case .number(let number):
      number.magnitude < 1e5 ? NumberFormat.significant(number, 6) : "\(number)"
    case .string(let text): text
    case .array(let items):
      "["
        + (items.compactMap(\.text).count == items.count && !items.isEmpty
          ? items.compactMap(\.text).listed : items.map(scalar).joined(separator: ", ")) + "]"
    case .object(let members):
      members.map { "\($0.key) \(scalar($0.value))" }.joined(separator: ", ")
    }
  }

  /// The same, with numbers as they were given: 0.1, not 0.100000.
  static func brief(_ value: JSON) -> String {
    guard case .number(let number) = value else { return scalar(value) }
    let text = "\(number)"
    return text.count <= 10 ? text : scalar(value)
  }

  private static func isNested(_ value: JSON) -> Bool {
    if let items = value.items { return items.contains { $0.members != nil } }
    return value.members != nil
  }

  private static func margin(_ count: Int) -> String { String(repeating: " ", count: count) }
}
