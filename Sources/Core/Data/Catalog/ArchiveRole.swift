/// What an array of an archive is for, by its name.
enum ArchiveRole: CaseIterable {
  case rows, targets, testRows, testTargets

  /// Member names in order of preference, in lower case and without ending.
  var names: [String] {
    switch self {
    case .rows: ["x", "x_train"]
    case .targets: ["y", "y_train"]
    case .testRows: ["x_test"]
    case .testTargets: ["y_test"]
    }
  }

  static let allNames = Set(allCases.flatMap(\.names))
}
