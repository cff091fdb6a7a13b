/// What an array of an archive is for.
enum ArchiveRole: Int, CaseIterable {
  case rows, targets, testRows, testTargets
}

/// By which names an archive's arrays are found.
package struct MemberNames: Sendable {
  private let names: [[String]]
  /// The same as they were given.
  private let shown: [[String]]

  /// The names that Keras and others use, in order of preference.
  package static let usual = MemberNames(
    usual: [["x", "x_train"], ["y", "y_train"], ["x_test"], ["y_test"]])

  private init(usual: [[String]]) {
    (names, shown) = (usual, usual)
  }

  /// Reads `ROWS`, `ROWS:LABELS`, and so on with those of test rows and their labels; nil for anything else. An empty
  /// name is the usual one, as in `:LABELS` for labels beside rows that are no archive. A slash may begin a name, as in
  /// the paths of HDF5.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map {
      $0.hasPrefix("/") ? $0.dropFirst() : $0
    }
    guard (1...ArchiveRole.allCases.count).contains(parts.count),
      parts.last != "", Set(parts).count == parts.count
    else { return nil }
    shown = ArchiveRole.allCases.map {
      guard $0.rawValue < parts.count else { return [] }
      return parts[$0.rawValue].isEmpty ? Self.usual[$0] : [String(parts[$0.rawValue])]
    }
    names = shown.map { $0.map { $0.lowercased() } }
  }

  /// The names for a role, in order of preference, in lower case and without ending; none where there shall be no such
  /// array.
  subscript(_ role: ArchiveRole) -> [String] { names[role.rawValue] }

  /// Whether some array is found by a name, in lower case.
  func contains(_ name: String) -> Bool { names.contains { $0.contains(name) } }

  /// Names of labels in archives of other programs, in lower case.
  private static let labels = ["label", "labels", "target", "targets", "class", "classes"]

  /// Whether one of some names, in lower case, is that of labels.
  static func areTargets(_ keys: some Sequence<String>) -> Bool {
    keys.contains {
      usual[.targets].contains($0) || usual[.testTargets].contains($0) || labels.contains($0)
    }
  }

  /// The error of an archive without an array that is needed.
  func missing(_ role: ArchiveRole, in name: String, having members: [String]) -> TrainerError {
    let missing =
      "\(name) has no member \(words(for: role)) (it has: \(Self.listed(members)))"
    return TrainerError(.badData, "\(missing)\(Self.remedy(members, role))")
  }

  /// What to do about an archive of such members, behind a sentence.
  private static func remedy(_ members: [String], _ role: ArchiveRole) -> String {
    if Set(members).isSuperset(of: ["data", "format", "shape"]) {
      return ", so it is a SciPy sparse matrix; save matrix.toarray() with numpy.save"
    }
    if role == .rows, !members.isEmpty, members.allSatisfy({ areTargets([$0.lowercased()]) }) {
      return ", so it holds labels alone; name the file of the rows with \(parameter: "data")"
    }
    let plain = members.filter { !$0.contains(":") }.map(\.printable)
    let rows = plain.first { !areTargets([$0.lowercased()]) }
    let first = rows ?? plain.first ?? members.first?.printable ?? "NAME"
    let labels = plain.first { $0 != first && areTargets([$0.lowercased()]) }
    guard plain.count > 1 else { return "; name one behind the file, as FILE:\(first)" }
    let others = plain.count < members.count ? ", which takes no name with a colon" : ""
    return "; name one behind the file, as FILE:\(first), or say which to use with "
      + "\(parameter: "member") ROWS:LABELS, such as "
      + "\(first):\(labels ?? plain.first { $0 != first }!)\(others)"
  }

  /// The names for a role in a message, as they were given.
  func words(for role: ArchiveRole) -> String {
    shown[role.rawValue].map(\.printable).joined(separator: " or ")
  }

  /// Names in a message.
  static func listed(_ members: [String]) -> String {
    let found = members.prefix(20).map(\.printable) + (members.count > 20 ? ["…"] : [])
    return found.isEmpty ? "none" : found.joined(separator: ", ")
  }
}
