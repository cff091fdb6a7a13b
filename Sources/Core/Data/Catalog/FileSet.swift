import DTrainBase

/// The files that one option names: one array over several files, archives, or a directory.
struct FileSet {
  /// The paths as the user gave them, for messages.
  let name: String
  private let contents: Contents

  private enum Contents {
    case arrays([ArrayLayout])
    case archives([(path: String, members: [String: ArrayLayout])])
    case directory(rows: ArrayLayout, targets: ArrayLayout, test: (ArrayLayout, ArrayLayout)?)
  }

  /// Expands patterns and examines every file.
  init(_ patterns: [String], format: DataFormat?) throws {
    name = patterns.map(\.printable).joined(separator: ", ")
    let paths = try PathPattern.expand(patterns)
    if let directory = paths.first(where: { PathPattern.isDirectory($0) }) {
      guard paths.count == 1 else {
        throw TrainerError(
          .usage, "\(directory.printable) is a directory; it cannot be joined with other files")
      }
      contents = try Self.directory(directory, format: format)
      return
    }
    var arrays: [ArrayLayout] = []
    var archives: [(path: String, members: [String: ArrayLayout])] = []
    for path in paths {
      switch try FileExamination(path: path, format: format) {
      case .array(let layout): arrays.append(layout)
      case .archive(let path, let members): archives.append((path, members))
      }
    }
    guard arrays.isEmpty || archives.isEmpty else {
      throw TrainerError(
        .badData,
        "\(archives[0].path.printable) is an archive and \(arrays[0].name) is not; files read as one "
          + "must be of one kind")
    }
    contents = archives.isEmpty ? .arrays(arrays) : .archives(archives)
  }

  private static func directory(_ path: String, format: DataFormat?) throws -> Contents {
    let found = try MNISTDirectory(path: path)
    func layout(_ path: String) throws -> ArrayLayout {
      guard case .array(let layout) = try FileExamination(path: path, format: format ?? .idx) else {
        throw TrainerError(.badData, "\(path.printable) is an archive; it must be an IDX file")
      }
      return layout
    }
    return .directory(
      rows: try layout(found.trainImages), targets: try layout(found.trainLabels),
      test: try found.test.map { (try layout($0.images), try layout($0.labels)) })
  }

  /// The array for a role. Throws `TrainerError` (bad data) when there is none.
  ///
  /// - Parameter orOnlyOne: whether an archive's only member serves under any name.
  func array(_ role: ArchiveRole, orOnlyOne: Bool = false) throws -> ArraySource {
    if case .arrays(let layouts) = contents { return try ArraySource(layouts: layouts) }
    if let found = try arrayIfPresent(role) { return found }
    if case .archives(let archives) = contents,
      orOnlyOne || role == .rows, archives.allSatisfy({ $0.members.count == 1 })
    {
      return try ArraySource(layouts: archives.map { $0.members.first!.value })
    }
    throw TrainerError(
      .badData,
      "\(name) has no member \(role.names.joined(separator: " or ")); "
        + "save it with numpy.savez(path, x=…, y=…)")
  }

  /// The array that an archive or a directory has for a role beside its rows.
  func arrayIfPresent(_ role: ArchiveRole) throws -> ArraySource? {
    switch contents {
    case .arrays: return nil
    case .directory(let rows, let targets, let test):
      let layout: ArrayLayout? =
        switch role {
        case .rows: rows
        case .targets: targets
        case .testRows: test?.0
        case .testTargets: test?.1
        }
      return try layout.map { try ArraySource(layouts: [$0]) }
    case .archives(let archives):
      let layouts = try archives.compactMap { archive in
        let found = role.names.filter { archive.members[$0] != nil }
        guard found.count < 2 else {
          throw TrainerError(
            .badData,
            "\(archive.path.printable) has both '\(found[0])' and '\(found[1])'; keep one of them")
        }
        return found.first.flatMap { archive.members[$0] }
      }
      guard layouts.isEmpty || layouts.count == archives.count else {
        throw TrainerError(
          .badData,
          "only \(layouts.count) of the \(archives.count) archives \(name) have a member "
            + role.names.joined(separator: " or "))
      }
      return layouts.isEmpty ? nil : try ArraySource(layouts: layouts)
    }
  }
}
